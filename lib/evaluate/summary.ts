/** Counts packages by effect and by what became of their evidence. */
import type { Proof } from '../model/proof.ts';
import type { Effect, ProofCounts, Report, Verdict } from '../model/report.ts';

/** Counts that account for every package: each is in exactly one effect, and in one state of each proof. */
export function summaryOf(verdicts: readonly Verdict[]): Report['summary'] {
  const count = (effect: Effect): number => verdicts.filter((verdict) => verdict.effect === effect).length;
  return {
    packages: verdicts.length,
    pass: count('pass'),
    warn: count('warn'),
    exempt: count('exempt'),
    unverified: count('unverified'),
    fail: count('fail'),
    signatures: proofCounts(verdicts.map(({ evidence }) => evidence.signature)),
    provenance: proofCounts(verdicts.map(({ evidence }) => evidence.provenance)),
  };
}

function proofCounts(proofs: readonly Proof<unknown>[]): ProofCounts {
  const count = (status: Proof<unknown>['status']): number =>
    proofs.filter((proof) => proof.status === status).length;
  return {
    proved: count('proved'),
    refuted: count('refuted'),
    absent: count('absent'),
    unavailable: count('unavailable'),
    notApplicable: count('notApplicable'),
  };
}
