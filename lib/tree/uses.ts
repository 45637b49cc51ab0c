/** Says why each package is in the tree, from who wants whom. */
import type { Use } from '../model/package.ts';
import { PROJECT } from './reader.ts';

/** One package's wish for another, both by key, the project itself being the empty key. */
export type Wish = { readonly from: string; readonly to: string; readonly use: Use };

/**
 * The use of each package that somebody wishes for, by key and as npm marks it: needed in production, else only as somebody's peer, else only
 * where it can be had, else only for development. Linear in the wishes.
 */
export function usesOf(wishes: readonly Wish[]): ReadonlyMap<string, Use> {
  const byDependent = grouped(wishes, 'from');
  const uses = new Map<string, Use>();
  const followed: Use[] = [];
  for (const use of ['production', 'peer', 'optional', 'development'] as const) {
    followed.push(use);
    for (const key of reachedBy(followed, byDependent)) if (!uses.has(key)) uses.set(key, use);
  }
  uses.delete(PROJECT);
  return uses;
}

/** The wishes for each package, by its key. */
export function wishesFor<W extends Wish>(wishes: readonly W[]): ReadonlyMap<string, readonly W[]> {
  return grouped(wishes, 'to');
}

function reachedBy(
  uses: readonly Use[],
  byDependent: ReadonlyMap<string, readonly Wish[]>,
): ReadonlySet<string> {
  const reached = new Set([PROJECT]);
  // A Set hands out members also that come while it is being read: it is the queue.
  for (const key of reached) {
    for (const { to, use } of byDependent.get(key) ?? []) if (uses.includes(use)) reached.add(to);
  }
  return reached;
}

function grouped<W extends Wish>(
  wishes: readonly W[],
  end: 'from' | 'to',
): ReadonlyMap<string, readonly W[]> {
  const groups = new Map<string, W[]>();
  for (const wish of wishes) {
    const group = groups.get(wish[end]);
    if (group === undefined) groups.set(wish[end], [wish]);
    else group.push(wish);
  }
  return groups;
}
