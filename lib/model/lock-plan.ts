/** What `npmsign lock` found, and what it makes of the lock. */
import type { LockEntry } from './lock.ts';
import type { PackageId } from './package.ts';

/** A version whose facts are not those of the entry that speaks for it. */
export type LockChange = {
  readonly id: PackageId;
  readonly before: LockEntry;
  readonly after: LockEntry;
  /** What is different, a clause each, harmless. */
  readonly because: readonly string[];
};

/** A version that is not locked, because what is known about it is wrong or not known. */
export type Unlocked = {
  readonly id: PackageId;
  readonly why: 'refuted' | 'unavailable';
  readonly reason: string;
};

/** All that one run would do to the lock. Lists are sorted by name, then by version. */
export type LockPlan = {
  /** Trusted from now on, at first use. */
  readonly added: readonly LockEntry[];
  /** The same signer, of whom more is known than before. */
  readonly refreshed: readonly LockChange[];
  /** Somebody else, or less proof, and somebody said why that is right. */
  readonly accepted: readonly LockChange[];
  /** The same, and nobody said so: the lock keeps what it has. */
  readonly refused: readonly LockChange[];
  readonly unlocked: readonly Unlocked[];
  /** In the lock and no longer in the tree; they stay unless they are pruned. */
  readonly stale: readonly LockEntry[];
  readonly pruned: readonly LockEntry[];
  /** How many versions of the tree are as they were locked. */
  readonly unchanged: number;
  /** The lock as it should be. */
  readonly entries: readonly LockEntry[];
  /** Is that another lock than the one there is? */
  readonly differs: boolean;
};
