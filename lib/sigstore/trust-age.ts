/** Tells how old a trust root is, and when that is worth a word. */
import type { Notice } from '../model/report.ts';

const DAY = 86_400_000;
/** After this many days without a refresh the report says so. */
const STALE_DAYS = 30;

/** Whole days from one moment to another; negative when the clock went back. */
export function ageInDays(since: Date, now: Date): number {
  return Math.floor((now.getTime() - since.getTime()) / DAY);
}

/** What the report says about a root of that age: nothing while it is young. */
export function staleNotice(age: number): Notice[] {
  if (age <= STALE_DAYS) return [];
  return [
    {
      code: 'TRUST_ROOT_OLD',
      message: `The trust root is ${age} days old; revocations since then are unknown.`,
    },
  ];
}
