/** The truth table that turns answers into effects (SPEC 3, Outcomes). */
import type { Exemption, Level } from '../model/policy.ts';
import type { Answer, Effect, Report } from '../model/report.ts';

/** What counts for a package is the strongest effect of any check. */
const STRENGTH: { readonly [Kind in Effect]: number } = {
  pass: 0,
  exempt: 1,
  warn: 2,
  unverified: 3,
  fail: 4,
};

/** What an answer means at a level, with or without a waiver. */
export function effectOf(
  { kind }: Answer,
  { level, exemption }: { readonly level: Exclude<Level, 'off'>; readonly exemption: Exemption | undefined },
): Effect {
  switch (kind) {
    case 'pass':
    case 'skip':
      return 'pass';
    case 'fail':
      if (exemption !== undefined) return 'exempt';
      return level === 'error' ? 'fail' : 'warn';
    case 'unknown':
      if (exemption !== undefined) return 'exempt';
      return level === 'error' ? 'unverified' : 'warn';
  }
}

/** Does one effect outweigh the other? */
export function isStronger(effect: Effect, other: Effect): boolean {
  return STRENGTH[effect] > STRENGTH[other];
}

/** The strongest effect of several; `pass` when there is none. */
export function strongest(effects: readonly Effect[]): Effect {
  return effects.reduce<Effect>((found, next) => (isStronger(next, found) ? next : found), 'pass');
}

/** What a whole run comes to: exempted packages meet the policy. */
export function runEffect(effects: readonly Effect[]): Report['effect'] {
  const effect = strongest(effects);
  return effect === 'exempt' ? 'pass' : effect;
}
