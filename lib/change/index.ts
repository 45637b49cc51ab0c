/** The front door's side for trust over time: what a project remembers of its signers, and what changed about them. */
import { basename, dirname, resolve } from 'node:path';
import { collectEvidence, type Wants } from '../evidence/index.ts';
import { readRevision } from '../git/index.ts';
import { changedPackages, diffTrees, planLock, readLock, recordedReason, writeLock } from '../lock/index.ts';
import type { TrustDiff } from '../model/diff.ts';
import type { Evidence } from '../model/evidence.ts';
import type { Host } from '../model/host.ts';
import type { LockPlan } from '../model/lock-plan.ts';
import type { Tree } from '../model/package.ts';
import type { Policy } from '../model/policy.ts';
import type { DiffRequest, LockOptions, VerifyRequest } from '../model/request.ts';
import { openProject } from '../project/index.ts';
import { openSources } from '../sources/index.ts';
import { parseTree, readTree } from '../tree/index.ts';
import { VERSION } from '../version.ts';

/** Records who signs each release line. Refuses, by what the plan says, to overwrite a changed signer that nobody accepted. */
export async function lock(host: Host, request: LockOptions): Promise<LockPlan> {
  const { policy, tree, folder: project, notices } = await openProject(host, request);
  for (const notice of notices) request.onNotice?.(notice);
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
  const { policy, tree: after, notices } = await openProject(host, request);
  for (const notice of notices) request.onNotice?.(notice);
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
