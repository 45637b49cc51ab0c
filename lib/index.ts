/** The front door: verify, explain, verifyBundleFile, render. The command line is its first customer. */
import { openEvidence } from './carry/index.ts';
import { watchGate } from './guard/index.ts';
import { type Gated, type GateRequest, gate, type Tarballs } from './managers/index.ts';
import type { Host } from './model/host.ts';
import type { Report, Verdict } from './model/report.ts';
import type { VerifyRequest } from './model/request.ts';
import { openTrustFor, registryOptions } from './opening/index.ts';
import { loadPolicy, policySchema } from './policy/index.ts';
import { openPolicy } from './project/index.ts';
import { createRegistry } from './registry/index.ts';
import { type RenderStyle, renderExplain } from './report/index.ts';
import { ASKED_BEFORE, RESOLVES_ONLY } from './setup/index.ts';
import {
  type BundleOutcome,
  type ExpectedSigner,
  judgeBundle,
  openTrust,
  type Trust,
} from './sigstore/index.ts';
import { findProject } from './tree/index.ts';
import { verify } from './verify/index.ts';
import { VERSION } from './version.ts';

export {
  type OpenPage,
  SIGNED_LATER,
  type SignedBundle,
  type SignOutcome,
  type SignRequest,
  sign,
  type UnsignedCode,
} from './author/index.ts';
export * from './change/index.ts';
export { type ErrorExtras, EXIT, NpmsignError } from './errors.ts';
export { type Exported, type ExportRequest, exportEvidence } from './export/index.ts';
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
  ASKED_BEFORE,
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
export { render, suggest, verify } from './verify/index.ts';
export { loadPolicy, policySchema, VERSION };

/** What to install, how to judge it, and whom to tell. `lockfile` is the manager's: naming another has no effect. */
export type InstallRequest = Omit<VerifyRequest, 'lockfile'> &
  Pick<GateRequest, 'args' | 'onReport' | 'onCommand' | 'onNotice'> & {
    /** npm installs offline, from a cache of its own that holds the judged tarballs and nothing else. */
    readonly sealed?: boolean;
  };

/** One bundle to verify. */
export type BundleRequest = {
  readonly bundle: string;
  /** A file, or `sha256:` or `sha512:` and hex. Absent: any artifact, which is unsafe. */
  readonly target?: string;
  readonly signer: ExpectedSigner;
  /** Then nothing else is read: no policy, and no configuration of npm's. */
  readonly trustedRoot?: string;
  readonly policy?: string;
  readonly evidence?: string;
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

/** The strong gate: judges the lockfile, then lets the project's manager install what it holds, and nothing else. */
export function ci(host: Host, request: InstallRequest): Promise<Gated> {
  return gate(host, 'ci', gateRequestOf('npmsign ci', request));
}

/** As {@link ci}, after the manager has resolved what is asked for without fetching it. What is refused leaves the project as it was. */
export function install(host: Host, request: InstallRequest): Promise<Gated> {
  return gate(host, 'install', gateRequestOf('npmsign install', request));
}

function gateRequestOf(name: string, request: InstallRequest): GateRequest {
  const { args, onReport, onCommand, onNotice, sealed, ...wanted } = request;
  return {
    ...{ args, onReport, onCommand, onNotice },
    findPlace: findProject,
    resolving: { [RESOLVES_ONLY]: '1' },
    asked: { [ASKED_BEFORE]: '1' },
    ...(sealed === true && { openTarballs: (host) => openTarballs(host, wanted) }),
    async judge(host) {
      const watch = await watchGate(host);
      const report = await verify(host, wanted);
      const isOpen = report.effect === 'pass' || report.effect === 'warn';
      for (const notice of isOpen ? await watch.opened(name) : []) onNotice(notice);
      return report;
    },
  };
}

async function openTarballs(host: Host, request: VerifyRequest): Promise<Tarballs> {
  return createRegistry(host, registryOptions(await openPolicy(host, request), request));
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
  const trust = await openBundleTrust(host, request);
  return judgeBundle({ ...request, cwd: host.cwd, trust: trust.material });
}

/** A root that is named is all it takes: neither the policy nor npm's configuration of wherever this runs is read. */
async function openBundleTrust(host: Host, request: BundleRequest): Promise<Trust> {
  const { cwd, now } = host;
  const { trustedRoot, evidence } = request;
  if (trustedRoot !== undefined) {
    const policy = { root: { kind: 'file', path: trustedRoot }, refresh: 'never' } as const;
    return openTrust({ policy, cwd, now, offline: true, download: async () => undefined });
  }
  const policy = await loadPolicy(host, request.policy);
  const asked = evidence === undefined ? request : { ...request, offline: true };
  const registry = await createRegistry(host, registryOptions(policy, asked));
  try {
    const carriedTrust = evidence === undefined ? undefined : openEvidence(host, evidence).trust;
    const brought = carriedTrust === undefined ? {} : { carriedTrust };
    return await openTrustFor(host, { policy, request: { ...asked, ...brought }, registry });
  } finally {
    await registry.close();
  }
}
