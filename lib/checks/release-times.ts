/** Tells times of publishing from the times at which a mirror fetched its copies. */
import type { HistoryEntry } from '../model/evidence.ts';
import { timeOf } from './time.ts';
import { isBefore, type Version, versionOf } from './version.ts';

const DAY = 86_400_000;

/** How long a release must have stood before it counts as the project's own: a thief's is found out sooner. */
export const SETTLED = 30 * DAY;

/**
 * Do the told times contradict the numbers? The patches of a minor are published in their order, and so are the first releases of a major's minors; a
 * mirror that tells when it fetched each version tells another order. A thief must not be able to have all times ignored: besides releases that
 * the registry vouches for, only those count that had stood for thirty days at the moment given. One pair is an accident; it takes two, and one in twenty.
 */
export function contradictNumbers(entries: readonly HistoryEntry[], at: number): boolean {
  const dated = entries.flatMap((entry) => {
    const parts = versionOf(entry.version);
    const own = entry.publishedAt === undefined ? undefined : timeOf(entry.publishedAt);
    if (parts === undefined || parts.prerelease.length > 0 || own === undefined) return [];
    return [{ parts, at: own, counts: isVouchedFor(entry) || own <= at - SETTLED }];
  });
  const minors = [...grouped(dated, 2).values()];
  const firsts = minors.flatMap(([first]) => (first === undefined ? [] : [first]));
  const pairs = [...minors, ...grouped(firsts, 1).values()]
    .flatMap(neighbours)
    .filter((pair) => pair.every(({ counts }) => counts));
  const turned = pairs.filter(([earlier, later]) => earlier.at > later.at).length;
  return turned >= 2 && turned * 20 >= pairs.length;
}

/** Did publishing it take more than a token? */
function isVouchedFor({ hasProvenance, trustedPublisher, stagedPublish }: HistoryEntry): boolean {
  return hasProvenance || trustedPublisher || stagedPublish === true;
}

type Dated = { readonly parts: Version; readonly at: number; readonly counts: boolean };

/** By major, or by major and minor; each group by number. */
function grouped(releases: readonly Dated[], depth: 1 | 2): ReadonlyMap<string, readonly Dated[]> {
  const groups = new Map<string, Dated[]>();
  for (const release of releases.toSorted((a, b) => (isBefore(a.parts, b.parts) ? -1 : 1))) {
    const key = release.parts.numbers.slice(0, depth).join('.');
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [release]);
    else known.push(release);
  }
  return groups;
}

function neighbours(sorted: readonly Dated[]): readonly (readonly [Dated, Dated])[] {
  return sorted.flatMap((later, index) => {
    const earlier = sorted[index - 1];
    return earlier === undefined ? [] : [[earlier, later] as const];
  });
}
