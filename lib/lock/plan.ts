/** Decides what a run adds to the signer lock, what it leaves, and what it refuses to overwrite. */
import { UsageError } from '../errors.ts';
import type { Evidence } from '../model/evidence.ts';
import type { Lock, LockEntry } from '../model/lock.ts';
import type { LockPlan, Unlocked } from '../model/lock-plan.ts';
import type { PackageId, Tree } from '../model/package.ts';
import { nearest } from '../text/nearest.ts';
import { specOf } from '../text/package-id.ts';
import { matchesPackage } from '../text/pattern.ts';
import { entryKey, lineOf } from '../text/release-line.ts';
import { tame } from '../text/sanitize.ts';
import { compareTexts, compareVersions } from '../text/semver.ts';
import { isForLock, lockableOf } from './entry.ts';
import { type Found, type LineOutcome, planLine } from './plan-line.ts';
import { byNameAndLine, lockText } from './text.ts';

/** What is to be locked, and what somebody said about it. */
export type LockRequest = {
  readonly tree: Tree;
  readonly evidence: ReadonlyMap<string, Evidence>;
  readonly lock?: Lock;
  /** `name`, glob, or `name@range` of packages whose change is meant. */
  readonly accept: readonly string[];
  /** Why; recorded with each change that is accepted. */
  readonly reason: string;
  readonly prune: boolean;
  readonly now: Date;
};

/**
 * Plans the next lock. Afterwards every version that was not refused holds against the entry that speaks for it. Throws `UsageError` when
 * an `accept` accepts nothing: a slip must not look like consent.
 */
export function planLock(request: LockRequest): LockPlan {
  const { found, unlocked } = findingsOf(request);
  const old = request.lock?.entries ?? new Map<string, LockEntry>();
  const consent = consentOf(request);
  const outcomes = [...groupByLine(found).values()].map((versions) => planLine(versions, { old, consent }));
  assertUsed(request.accept, outcomes);
  const stale = staleEntries(old, request.tree);
  const entries = entriesAfter(old, { outcomes, pruned: request.prune ? stale : [] });
  return {
    added: outcomes.flatMap(({ added }) => added).sort(byNameAndLine),
    refreshed: outcomes.flatMap(({ refreshed }) => refreshed).sort(byId),
    accepted: outcomes.flatMap(({ accepted }) => accepted).sort(byId),
    refused: outcomes.flatMap(({ refused }) => refused).sort(byId),
    unlocked: [...unlocked].sort(byId),
    stale: request.prune ? [] : stale,
    pruned: request.prune ? stale : [],
    unchanged: outcomes.reduce((count, { unchanged }) => count + unchanged, 0),
    entries,
    differs: request.lock === undefined || lockText(entries) !== lockText(old.values()),
  };
}

type Findings = { readonly found: readonly Found[]; readonly unlocked: readonly Unlocked[] };

function findingsOf({ tree, evidence }: LockRequest): Findings {
  const found: Found[] = [];
  const unlocked = new Map<string, Unlocked>();
  for (const pkg of tree.packages.filter(isForLock)) {
    const lockable = lockableOf(pkg, evidence.get(pkg.key));
    if (lockable.kind === 'entry') found.push({ id: pkg.id, entry: lockable.entry });
    else unlocked.set(specOf(pkg.id), { id: pkg.id, why: lockable.why, reason: tame(lockable.reason, 500) });
  }
  return { found, unlocked: [...unlocked.values()] };
}

/** A version that lies in the tree several times with the same facts is one. */
function groupByLine(found: readonly Found[]): ReadonlyMap<string, readonly Found[]> {
  const lines = new Map<string, Found[]>();
  const seen = new Set<string>();
  for (const one of found) {
    const same = JSON.stringify([one.id.version, one.entry]);
    if (seen.has(same)) continue;
    seen.add(same);
    const key = entryKey(one.id.name, one.entry.line);
    const line = lines.get(key);
    if (line === undefined) lines.set(key, [one]);
    else line.push(one);
  }
  return lines;
}

function consentOf({ accept, reason, now }: LockRequest): Parameters<typeof planLine>[1]['consent'] {
  return (id) =>
    accept.some((pattern) => matchesPackage(id, pattern))
      ? { on: now.toISOString().slice(0, 10), reason }
      : undefined;
}

function assertUsed(accept: readonly string[], outcomes: readonly LineOutcome[]): void {
  const accepted = outcomes.flatMap((outcome) => outcome.accepted.map(({ id }) => id));
  const unused = accept.find((pattern) => !accepted.some((id) => matchesPackage(id, pattern)));
  if (unused === undefined) return;
  const refused = outcomes.flatMap((outcome) => outcome.refused.map(({ id }) => id.name));
  const close = nearest(unused, refused);
  throw new UsageError(
    'BAD_FLAG_VALUE',
    `--accept ${tame(unused, 120)} accepts nothing: no such signer has changed.`,
    {
      ...(close === undefined ? {} : { hint: `Did you mean ${tame(close, 120)}?` }),
    },
  );
}

function staleEntries(old: ReadonlyMap<string, LockEntry>, { packages }: Tree): readonly LockEntry[] {
  const present = new Set(
    packages
      .filter(isForLock)
      .flatMap(({ id: { name, version } }) => [entryKey(name, lineOf(version)), entryKey(name, version)]),
  );
  return [...old.values()].filter(({ name, line }) => !present.has(entryKey(name, line))).sort(byNameAndLine);
}

type After = { readonly outcomes: readonly LineOutcome[]; readonly pruned: readonly LockEntry[] };

function entriesAfter(
  old: ReadonlyMap<string, LockEntry>,
  { outcomes, pruned }: After,
): readonly LockEntry[] {
  const entries = new Map(old);
  for (const { name, line } of pruned) entries.delete(entryKey(name, line));
  for (const { written } of outcomes) {
    for (const entry of written) entries.set(entryKey(entry.name, entry.line), entry);
  }
  return [...entries.values()].sort(byNameAndLine);
}

function byId(a: { readonly id: PackageId }, b: { readonly id: PackageId }): number {
  return compareTexts(a.id.name, b.id.name) || compareVersions(a.id.version, b.id.version);
}
