/** Counts packages by effect and by what became of their evidence. */
import type { Effect, ProofCounts, ProofStates, Report } from '../model/report.ts';

/** What is counted of one package. */
export type Counted = ProofStates & { readonly effect: Effect };

/** Counts that account for every package: each is in exactly one effect, and in one state of each proof. */
export function summaryOf(all: readonly Counted[]): Report['summary'] {
  const count = (effect: Effect): number => all.filter((one) => one.effect === effect).length;
  return {
    packages: all.length,
    pass: count('pass'),
    warn: count('warn'),
    exempt: count('exempt'),
    unverified: count('unverified'),
    fail: count('fail'),
    signatures: proofCounts(all.map(({ signature }) => signature)),
    provenance: proofCounts(all.map(({ provenance }) => provenance)),
  };
}

function proofCounts(states: readonly ProofStates['signature'][]): ProofCounts {
  const count = (state: ProofStates['signature']): number => states.filter((one) => one === state).length;
  return {
    proved: count('proved'),
    refuted: count('refuted'),
    absent: count('absent'),
    unavailable: count('unavailable'),
    notApplicable: count('notApplicable'),
  };
}
