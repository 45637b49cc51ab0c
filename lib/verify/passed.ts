/** Finds packages that passed every check before, judged by the very same things, and remembers those that pass now (SPEC 4.7). */
import { hash } from 'node:crypto';
import { CLOCK_WRONG, lockedFor } from '../evaluate/index.ts';
import type { Evidence } from '../model/evidence.ts';
import type { Lock } from '../model/lock.ts';
import type { Allowances, ResolvedPackage } from '../model/package.ts';
import type { Policy } from '../model/policy.ts';
import type { ProofStates, Report } from '../model/report.ts';
import type { Recalled } from '../model/request.ts';

/** What packages of one run are judged by, besides npmsign's own release and the clock. */
export type JudgedBy = {
  readonly policy: Policy;
  readonly allowances: Allowances;
  readonly lock: Lock | undefined;
  readonly evidence: ReadonlyMap<string, Evidence>;
};

/** The packages that passed before, and what to do with a report once it is made. */
export type PassedBefore = {
  /** Its proofs, where it passed. */
  readonly passed: (pkg: ResolvedPackage) => ProofStates | undefined;
  readonly remember: (report: Report) => void;
};

/** Whatever a verdict depends on is in the key of the evidence, or in the text that is compared here. */
export function passedBefore(recalled: Recalled, judgedBy: JudgedBy): PassedBefore {
  const { policy, allowances, evidence } = judgedBy;
  const all = hash('sha256', JSON.stringify([policy, allowances]), 'base64url');
  const texts = new Map<string, string>();
  return {
    passed(pkg) {
      const known = evidence.get(pkg.key);
      if (known === undefined) return undefined;
      const text = `${all} ${textOf(pkg, judgedBy.lock)}`;
      const proofs = recalled.passed(known, text);
      if (proofs === undefined) texts.set(pkg.key, text);
      return proofs;
    },
    remember({ verdicts, notices }) {
      // A package that is older than it seems is told of every time.
      if (notices.some(({ code }) => code === CLOCK_WRONG)) return;
      for (const { package: pkg, effect } of verdicts) {
        const text = effect === 'pass' ? texts.get(pkg.key) : undefined;
        const known = text === undefined ? undefined : evidence.get(pkg.key);
        if (text !== undefined && known !== undefined) recalled.pass(known, text);
      }
    },
  };
}

/** The package but for what the key of its evidence names, its line and its chain: no check looks at those. */
function textOf(pkg: ResolvedPackage, lock: Lock | undefined): string {
  const { id, source: _source, integrity: _integrity, line: _line, chain: _chain, ...judged } = pkg;
  return JSON.stringify([judged, lockedFor(id, lock)]);
}
