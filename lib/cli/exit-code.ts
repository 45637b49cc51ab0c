/** What a report means to the shell (SPEC 2). */
import { EXIT } from '../errors.ts';
import type { Report } from '../model/report.ts';

/** The exit code of a report's effect: 0 policy met, 1 violated, 3 nothing violated but something unverified. */
export function exitCodeFor(effect: Report['effect']): number {
  switch (effect) {
    case 'pass':
    case 'warn':
      return EXIT.met;
    case 'fail':
      return EXIT.violated;
    case 'unverified':
      return EXIT.unverified;
  }
}
