/** Finds which versions came and went between two trees, and which of them took the place of which. */
import type { ResolvedPackage, Tree } from '../model/package.ts';
import { lineOf } from '../text/release-line.ts';
import { compareTexts, compareVersions, isPrerelease } from '../text/semver.ts';

/** One version that is in the later tree only, with the one it is compared with, or one that is gone. */
export type Pair =
  | { readonly before: ResolvedPackage | undefined; readonly after: ResolvedPackage }
  | { readonly before: ResolvedPackage; readonly after: undefined };

/** What is not the same in both trees. */
export type Changed = {
  readonly pairs: readonly Pair[];
  /** How many versions are in both. */
  readonly unchanged: number;
};

/** Compares two trees by name, version, place and bytes. The project's own code is left out: its changes are the reviewer's already. */
export function changedBetween(before: Tree, after: Tree): Changed {
  const [old, now] = [versionsIn(before), versionsIn(after)];
  const came = [...now].filter(([identity]) => !old.has(identity)).map(([, pkg]) => pkg);
  const gone = [...old].filter(([identity]) => !now.has(identity)).map(([, pkg]) => pkg);
  const candidates = { gone: byName(gone), all: byName(old.values()) };
  const updated = came.map((pkg) => ({ before: predecessorOf(pkg, candidates), after: pkg }));
  const replaced = new Set(updated.map((pair) => pair.before));
  const kept = new Set([...now.values()].map(({ id }) => id.name));
  // An older copy that merely went away while the name stays is no news.
  const removed = gone.filter((pkg) => !replaced.has(pkg) && !kept.has(pkg.id.name));
  return {
    pairs: [...updated, ...removed.map((pkg) => ({ before: pkg, after: undefined }))].sort(byPackage),
    unchanged: [...now.keys()].filter((identity) => old.has(identity)).length,
  };
}

/** By identity, each with its shortest way from the project. */
function versionsIn({ packages }: Tree): ReadonlyMap<string, ResolvedPackage> {
  const versions = new Map<string, ResolvedPackage>();
  for (const pkg of packages) {
    if (pkg.source.kind === 'workspace' || pkg.source.kind === 'link') continue;
    const identity = identityOf(pkg);
    const known = versions.get(identity);
    if (known === undefined || pkg.chain.length < known.chain.length) versions.set(identity, pkg);
  }
  return versions;
}

/** A registry may be reached by several URLs; elsewhere the place is all there is. A bundle is identified by its name and version alone. */
function identityOf({ id, source, integrity }: ResolvedPackage): string {
  const place = 'resolved' in source && source.kind !== 'registry' ? source.resolved : undefined;
  return JSON.stringify([id.name, id.version, source.kind, place, integrity?.text]);
}

type ByName = ReadonlyMap<string, readonly ResolvedPackage[]>;
type Candidates = { readonly gone: ByName; readonly all: ByName };

function byName(packages: Iterable<ResolvedPackage>): ByName {
  const names = new Map<string, ResolvedPackage[]>();
  for (const pkg of packages) {
    const known = names.get(pkg.id.name);
    if (known === undefined) names.set(pkg.id.name, [pkg]);
    else known.push(pkg);
  }
  return names;
}

/** What a version takes the place of: one that went rather than one that stayed, of the same line rather than another, the nearest. */
function predecessorOf(pkg: ResolvedPackage, { gone, all }: Candidates): ResolvedPackage | undefined {
  const candidates = gone.get(pkg.id.name) ?? all.get(pkg.id.name) ?? [];
  return candidates.toSorted((a, b) => nearness(pkg, b) - nearness(pkg, a) || latest(a, b))[0];
}

function nearness({ id }: ResolvedPackage, other: ResolvedPackage): number {
  const sameVersion = other.id.version === id.version ? 8 : 0;
  const sameLine = lineOf(other.id.version) === lineOf(id.version) ? 4 : 0;
  const sameChannel = isPrerelease(other.id.version) === isPrerelease(id.version) ? 2 : 0;
  const earlier = compareVersions(other.id.version, id.version) <= 0 ? 1 : 0;
  return sameVersion + sameLine + sameChannel + earlier;
}

function latest(a: ResolvedPackage, b: ResolvedPackage): number {
  return compareVersions(b.id.version, a.id.version);
}

function byPackage(a: Pair, b: Pair): number {
  const [left, right] = [packageIn(a), packageIn(b)];
  return compareTexts(left.id.name, right.id.name) || compareVersions(left.id.version, right.id.version);
}

/** The package a pair is about. */
export function packageIn(pair: Pair): ResolvedPackage {
  return pair.after ?? pair.before;
}
