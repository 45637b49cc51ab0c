/** What a report means to the shell (SPEC 2). */
import { EXIT } from '../errors.ts';
import type { Effect } from '../model/report.ts';

/** The exit code of an effect: 0 policy met, 1 violated, 3 nothing violated but something unverified. */
export function exitCodeFor(effect: Effect): number {
  switch (effect) {
    case 'pass':
    case 'exempt':
    case 'warn':
      return EXIT.met;
    case 'fail':
      return EXIT.violated;
    case 'unverified':
      return EXIT.unverified;
  }
}

/** The exit code of several: a violation outweighs what could not be verified. */
export function exitCodeForAll(effects: readonly Effect[]): number {
  const codes = effects.map(exitCodeFor);
  return [EXIT.violated, EXIT.unverified].find((code) => codes.includes(code)) ?? EXIT.met;
}
