/** The front door: verify, explain, verifyBundleFile, render. The command line is its first customer. */
import { dirname, resolve } from 'node:path';
import { checks } from './checks/index.ts';
import { evaluate, suggestionFor } from './evaluate/index.ts';
import { collectEvidence, type Sources } from './evidence/index.ts';
import { guardNotices, watchGate } from './guard/index.ts';
import { lockNotices, readLock } from './lock/index.ts';
import { type Gated, type GateRequest, gate } from './managers/index.ts';
import type { Evidence } from './model/evidence.ts';
import type { Host } from './model/host.ts';
import type { Tree } from './model/package.ts';
import type { Report, Verdict } from './model/report.ts';
import type { VerifyRequest } from './model/request.ts';
import { loadPolicy, policySchema } from './policy/index.ts';
import { createRegistry } from './registry/index.ts';
import {
  type Format,
  type RenderStyle,
  renderExplain,
  renderSuggestion,
  render as renderWith,
} from './report/index.ts';
import { RESOLVES_ONLY } from './setup/index.ts';
import { type BundleOutcome, type ExpectedSigner, judgeBundle } from './sigstore/index.ts';
import { openSources, openTrustFor, registryOptions } from './sources/index.ts';
import { findProject, readAllowances, readTree } from './tree/index.ts';
import { VERSION } from './version.ts';

export * from './author/index.ts';
export * from './change/index.ts';
export { type ErrorExtras, EXIT, NpmsignError } from './errors.ts';
export { type GateWatch, watchGate } from './guard/index.ts';
export {
  assertLockedByYarn,
  findManager,
  type Gated,
  type Manager,
  type ManagerKind,
} from './managers/index.ts';
export type * from './model/diff.ts';
export type * from './model/evidence.ts';
export type { Host } from './model/host.ts';
export type * from './model/installed.ts';
export type * from './model/lock.ts';
export type * from './model/lock-plan.ts';
export type * from './model/package.ts';
export type * from './model/policy.ts';
export type * from './model/proof.ts';
export type * from './model/report.ts';
export type * from './model/request.ts';
export type * from './model/setup.ts';
export * from './publish/index.ts';
export {
  type Format,
  type RenderStyle,
  renderChanges,
  renderDiff,
  renderLockChange,
  renderLockPlan,
  renderSetup,
} from './report/index.ts';
export {
  baselineFor,
  isAdopted,
  planRemoval,
  planSetup,
  RESOLVES_ONLY,
  readShippedGate,
  type SetupRequest,
  writeChanges,
} from './setup/index.ts';
export type { BundleOutcome, ExpectedSigner } from './sigstore/index.ts';
export { findProject, type ProjectPlace, readTree } from './tree/index.ts';
export { loadPolicy, policySchema, VERSION };

/** What to install, how to judge it, and whom to tell. `lockfile` is the manager's: naming another has no effect. */
export type InstallRequest = Omit<VerifyRequest, 'lockfile'> &
  Pick<GateRequest, 'args' | 'onReport' | 'onCommand' | 'onNotice'>;

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
export type Explanation = {
  readonly report: Report;
  readonly found: boolean;
  readonly text: string;
  /** The verdicts on the packages that were named. */
  readonly verdicts: readonly Verdict[];
};

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
    const installed =
      request.installed === true ? await inspect({ project, tree, evidence, sources, request }) : undefined;
    const report = evaluate({
      policy,
      tree,
      evidence,
      allowances,
      ...(lock === undefined ? {} : { lock }),
      now: host.now,
      trust: sources.trust.origin,
      tool: { name: 'npmsign', version: VERSION },
      notices: [
        ...sources.trust.notices,
        ...sources.registry.notices(),
        ...lockNotices(tree, lock),
        ...(await guardNotices(host, {
          project,
          lockfile: tree.lockfile.path,
          requireGate: request.requireGate ?? false,
        })),
        ...(installed?.notices ?? []),
      ],
    });
    return installed === undefined ? report : { ...report, installed: installed.found };
  } finally {
    await sources.registry.close();
  }
}

type Inspection = {
  readonly project: string;
  readonly tree: Tree;
  readonly evidence: ReadonlyMap<string, Evidence>;
  readonly sources: Sources;
  readonly request: VerifyRequest;
};

/** What lies in node_modules, beside the tarballs the lockfile pins. */
async function inspect({ project, tree, evidence, sources, request }: Inspection) {
  const { compareInstalled, installedNotices } = await import('./installed/index.ts');
  const found = await compareInstalled({
    project,
    tree,
    tarball: sources.registry.tarball,
    runsScripts({ key, hasInstallScript }) {
      const manifest = evidence.get(key)?.manifest;
      return (
        hasInstallScript === true || (manifest?.status === 'told' && manifest.value.installScripts.length > 0)
      );
    },
    onProgress: (progress) => request.onProgress?.({ stage: 'comparing', ...progress }),
  });
  return { found, notices: installedNotices(found) };
}

/** The strong gate: judges the lockfile, then lets the project's manager install what it holds, and nothing else. */
export function ci(host: Host, request: InstallRequest): Promise<Gated> {
  return gate(host, 'ci', gateRequestOf('npmsign ci', request));
}

/** As {@link ci}, after the manager has resolved what is asked for without fetching it. What is refused leaves the project as it was. */
export function install(host: Host, request: InstallRequest): Promise<Gated> {
  return gate(host, 'install', gateRequestOf('npmsign install', request));
}

function gateRequestOf(name: string, request: InstallRequest): GateRequest {
  const { args, onReport, onCommand, onNotice, ...wanted } = request;
  return {
    ...{ args, onReport, onCommand, onNotice },
    findPlace: findProject,
    resolving: { [RESOLVES_ONLY]: '1' },
    async judge(host) {
      const watch = await watchGate(host);
      const report = await verify(host, wanted);
      const isOpen = report.effect === 'pass' || report.effect === 'warn';
      for (const notice of isOpen ? await watch.opened(name) : []) onNotice(notice);
      return report;
    },
  };
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

/** The smallest policy edit that would let a run pass, as YAML; empty when it passes. Nothing is applied. */
export function suggest(report: Report): string {
  return renderSuggestion(suggestionFor(report));
}
