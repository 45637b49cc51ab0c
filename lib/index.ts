/** The front door: verify, explain, verifyBundleFile, render. The command line is its first customer. */
import { basename, dirname, resolve } from 'node:path';
import { checks } from './checks/index.ts';
import { evaluate, settingsFor } from './evaluate/index.ts';
import { collectEvidence, type Sources, type Wants } from './evidence/index.ts';
import { readRevision } from './git/index.ts';
import {
  changedPackages,
  diffTrees,
  lockNotices,
  planLock,
  readLock,
  recordedReason,
  writeLock,
} from './lock/index.ts';
import type { TrustDiff } from './model/diff.ts';
import type { Evidence } from './model/evidence.ts';
import type { Host } from './model/host.ts';
import type { LockPlan } from './model/lock-plan.ts';
import type { Tree } from './model/package.ts';
import type { Policy } from './model/policy.ts';
import type { Report } from './model/report.ts';
import type { DiffRequest, LockOptions, VerifyRequest } from './model/request.ts';
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
import { parseTree, readAllowances, readTree } from './tree/index.ts';
import { VERSION } from './version.ts';

export { type ErrorExtras, EXIT, NpmsignError } from './errors.ts';
export type * from './model/diff.ts';
export type * from './model/evidence.ts';
export type { Host } from './model/host.ts';
export type * from './model/lock.ts';
export type * from './model/lock-plan.ts';
export type * from './model/package.ts';
export type * from './model/policy.ts';
export type * from './model/proof.ts';
export type * from './model/report.ts';
export type * from './model/request.ts';
export type { Format, RenderStyle } from './report/index.ts';
export type { BundleOutcome, ExpectedSigner } from './sigstore/index.ts';
export { loadPolicy, policySchema, VERSION };

const DEFAULT_CONCURRENCY = 64;

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
      notices: [...sources.trust.notices, ...sources.registry.notices(), ...lockNotices(tree, lock)],
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

/** Records who signs each release line. Refuses, by what the plan says, to overwrite a changed signer that nobody accepted. */
export async function lock(host: Host, request: LockOptions): Promise<LockPlan> {
  const policy = await loadPolicy(host, request.policy);
  const tree = await readTree(host, request.lockfile);
  const project = dirname(resolve(host.cwd, tree.lockfile.path));
  const known = await readLock(host, project);
  const [evidence = new Map()] = await collectSigners(host, { policy, request, trees: [tree] });
  const { accept = [], reason = '', prune = false } = request;
  const input = { tree, evidence, accept, prune, now: host.now, ...(known && { lock: known }) };
  const plan = planLock({ ...input, reason: accept.length === 0 ? '' : await askedReason() });
  if (request.write && plan.differs) await writeLock(host, project, plan.entries);
  return plan;

  // Asked for once the changes are known: nobody can say why without knowing what.
  async function askedReason(): Promise<string> {
    if (typeof reason === 'string') return recordedReason(reason);
    return recordedReason(await reason(planLock({ ...input, reason: '' }).accepted));
  }
}

/** Says what changed in trust since another lockfile. Evidence is collected for what changed, on both sides. */
export async function diff(host: Host, request: DiffRequest): Promise<TrustDiff> {
  const policy = await loadPolicy(host, request.policy);
  const after = await readTree(host, request.lockfile);
  const before = await readOther(host, request.against, after);
  const changed = changedPackages(before, after);
  const trees = [changed.before, changed.after];
  const [was = new Map(), is = new Map()] = await collectSigners(host, { policy, request, trees });
  return diffTrees({
    before: { tree: before, evidence: was },
    after: { tree: after, evidence: is },
    now: host.now,
    tool: { name: 'npmsign', version: VERSION },
  });
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

/** Who signed says nothing about age or earlier versions: no request is made for those. */
const SIGNERS: Wants = { minimumAge: () => undefined, history: () => false };

/** Evidence for each tree in turn, as far as it speaks about signers. */
async function collectSigners(
  host: Host,
  { policy, request, trees }: { policy: Policy; request: VerifyRequest; trees: readonly Tree[] },
): Promise<readonly ReadonlyMap<string, Evidence>[]> {
  const sources = await openSources(host, policy, request);
  try {
    const found: ReadonlyMap<string, Evidence>[] = [];
    for (const tree of trees) {
      const onCollected = (done: { readonly done: number; readonly total: number }) =>
        request.onProgress?.({ stage: 'reading signers', ...done });
      found.push(await collectEvidence(tree, { ...sources, wants: SIGNERS }, onCollected));
    }
    return found;
  } finally {
    await sources.registry.close();
  }
}

async function readOther(host: Host, against: DiffRequest['against'], { lockfile }: Tree): Promise<Tree> {
  if ('file' in against) return readTree(host, against.file);
  const file = resolve(host.cwd, lockfile.path);
  const files = [basename(file), 'package.json'];
  const { revision } = against;
  const [text, manifest] = await readRevision(host, { revision, dir: dirname(file), files });
  const shown = `${revision}:${lockfile.path}`;
  if (text !== undefined) return parseTree({ file: shown, text, manifest });
  return { lockfile: { ...lockfile, path: `nothing (there was no ${shown})` }, packages: [] };
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
