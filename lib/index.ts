/** The front door: verify, explain, verifyBundleFile, render. The command line is its first customer. */
import { dirname, resolve } from 'node:path';
import { checks } from './checks/index.ts';
import { evaluate, settingsFor } from './evaluate/index.ts';
import { collectEvidence, type Sources, type Wants } from './evidence/index.ts';
import { readLock } from './lock/index.ts';
import type { Host } from './model/host.ts';
import type { Policy } from './model/policy.ts';
import type { Report } from './model/report.ts';
import { loadPolicy, policySchema } from './policy/index.ts';
import { createRegistry, type Registry } from './registry/index.ts';
import { type Format, type RenderStyle, renderExplain, render as renderWith } from './report/index.ts';
import {
  type BundleOutcome,
  type ExpectedSigner,
  judgeBundle,
  openTrust,
  type Trust,
} from './sigstore/index.ts';
import { readAllowances, readTree } from './tree/index.ts';
import { VERSION } from './version.ts';

export { type ErrorExtras, EXIT, NpmsignError } from './errors.ts';
export type * from './model/evidence.ts';
export type { Host } from './model/host.ts';
export type * from './model/package.ts';
export type * from './model/policy.ts';
export type * from './model/proof.ts';
export type * from './model/report.ts';
export type { Format, RenderStyle } from './report/index.ts';
export type { BundleOutcome, ExpectedSigner } from './sigstore/index.ts';
export { loadPolicy, policySchema, VERSION };

const DEFAULT_CONCURRENCY = 64;

/** Where a run is: which stage, and how much of it is done. */
export type Progress = { readonly stage: string; readonly done: number; readonly total: number };

/** What may be asked of a run; everything has a default. Paths are relative to `host.cwd`. */
export type VerifyRequest = {
  readonly policy?: string;
  readonly lockfile?: string;
  readonly offline?: boolean;
  readonly preferOffline?: boolean;
  readonly trustedRoot?: string;
  readonly registry?: string;
  readonly concurrency?: number;
  readonly onProgress?: (progress: Progress) => void;
};

/** One bundle to verify. */
export type BundleRequest = {
  readonly bundle: string;
  /** A file, or `sha256:` or `sha512:` and hex. Absent: any artifact, which is unsafe. */
  readonly target?: string;
  readonly signer: ExpectedSigner;
  readonly trustedRoot?: string;
  readonly thresholds?: { readonly tlog: number; readonly ctlog: number; readonly timestamp: number };
  readonly offline?: boolean;
};

/** One package's whole story. */
export type Explanation = { readonly report: Report; readonly found: boolean; readonly text: string };

/**
 * Judges the project's lockfile under its policy. A bad package is a verdict in the report;
 * throws `NpmsignError` when the work itself cannot be done (policy, lockfile, trust root).
 */
export async function verify(host: Host, request: VerifyRequest = {}): Promise<Report> {
  const policy = await loadPolicy(host, request.policy);
  const tree = await readTree(host, request.lockfile);
  const project = dirname(resolve(host.cwd, tree.lockfile.path));
  const [allowances, lock] = await Promise.all([readAllowances(host, project), readLock(host, project)]);
  const sources = await openSources(host, policy, request);
  try {
    const evidence = await collectEvidence(tree, sources, (progress) =>
      request.onProgress?.({ stage: 'verifying', ...progress }),
    );
    return evaluate({
      policy,
      tree,
      evidence,
      allowances,
      ...(lock === undefined ? {} : { lock }),
      now: host.now,
      trust: sources.trust.origin,
      tool: { name: 'npmsign', version: VERSION },
      notices: [...sources.trust.notices, ...sources.registry.notices()],
    });
  } finally {
    await sources.registry.close();
  }
}

/** The same run, seen through another renderer: what is known about one package, and why it was judged so. */
export async function explain(
  host: Host,
  request: VerifyRequest & { readonly package: string },
  style: RenderStyle,
): Promise<Explanation> {
  const report = await verify(host, request);
  return { report, ...renderExplain(report, request.package, style) };
}

/** Verifies one bundle against an exact identity, without a lockfile. */
export async function verifyBundleFile(host: Host, request: BundleRequest): Promise<BundleOutcome> {
  const policy = await loadPolicy(host);
  const registry = await createRegistry(host, registryOptions(policy, request));
  try {
    const trust = await openTrustFor(host, { policy, request, registry });
    return await judgeBundle({ cwd: host.cwd, trust: trust.material, ...request });
  } finally {
    await registry.close();
  }
}

/** Renders a report. */
export function render(report: Report, format: Format, style: RenderStyle): string {
  return renderWith(report, format, { ...style, rules: checks });
}

async function openSources(host: Host, policy: Policy, request: VerifyRequest): Promise<Sources> {
  const registry = await createRegistry(host, registryOptions(policy, request));
  return {
    registry,
    trust: await openTrustFor(host, { policy, request, registry }),
    wants: wantsOf(policy),
    now: host.now,
    concurrency: request.concurrency ?? DEFAULT_CONCURRENCY,
  };
}

type TrustContext = {
  readonly policy: Policy;
  readonly request: { readonly trustedRoot?: string; readonly offline?: boolean };
  readonly registry: Registry;
};

function openTrustFor(host: Host, { policy, request, registry }: TrustContext): Promise<Trust> {
  return openTrust({
    policy: policy.trust,
    cwd: host.cwd,
    offline: request.offline ?? false,
    now: host.now,
    download: registry.download,
    ...(registry.cacheDirectory === undefined ? {} : { cacheDirectory: registry.cacheDirectory }),
    ...(request.trustedRoot === undefined ? {} : { trustedRoot: request.trustedRoot }),
  });
}

function registryOptions(policy: Policy, request: VerifyRequest): Parameters<typeof createRegistry>[1] {
  return {
    registries: policy.registries,
    offline: request.offline ?? false,
    preferOffline: request.preferOffline ?? false,
    concurrency: request.concurrency ?? DEFAULT_CONCURRENCY,
    ...(request.registry === undefined ? {} : { registryUrl: request.registry }),
  };
}

/** Further requests are made only for facts that some check, under this policy, asks for. */
function wantsOf(policy: Policy): Wants {
  return {
    minimumAge: (pkg) => {
      const asked = settingsFor('minimum-age', policy, pkg).filter(({ level }) => level !== 'off');
      return asked.length === 0 ? undefined : Math.max(...asked.map(({ options }) => options.days));
    },
    history: (pkg) => settingsFor('provenance-regression', policy, pkg).some(({ level }) => level !== 'off'),
  };
}
