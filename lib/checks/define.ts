/** What a check is, and the four ways it can answer. */
import type { Evidence } from '../model/evidence.ts';
import type { LockEntry } from '../model/lock.ts';
import type { Allowances, ResolvedPackage } from '../model/package.ts';
import type { CheckId, CheckOptions } from '../model/policy.ts';
import type { Answer } from '../model/report.ts';
import { tame } from '../text/sanitize.ts';

/** Everything a check may look at: one package, what is known about it, and the moment of judgement. */
export type Subject = {
  readonly package: ResolvedPackage;
  readonly evidence: Evidence;
  readonly now: Date;
  readonly allowances: Allowances;
  /** The project's signer lock: whether there is one, and its entry for this package's release line. */
  readonly lock: { readonly exists: boolean; readonly entry?: LockEntry };
};

/** One named question about one package. It answers; it never decides severity. */
export type Check<Id extends CheckId = CheckId> = {
  readonly id: Id;
  /** One line, ends in a question mark. */
  readonly question: string;
  /** Why it is asked: what an attacker would gain if it were not. */
  readonly about: string;
  /** What the answer rests on (SPEC 3). */
  readonly restsOn: string;
  readonly ask: (subject: Subject, options: CheckOptions[Id]) => Answer;
};

/** Ties a check's options to its id. */
export function defineCheck<Id extends CheckId>(check: Check<Id>): Check<Id> {
  return check;
}

/** The question is answered yes. */
export function pass(because: string): Answer {
  return { kind: 'pass', because: reasonOf(because) };
}

/** The question is answered no. */
export function fail(because: string, hint?: string): Answer {
  return { kind: 'fail', because: reasonOf(because), ...hintOf(hint) };
}

/** The answer could not be found out. */
export function unknown(because: string, hint?: string): Answer {
  return { kind: 'unknown', because: reasonOf(because), ...hintOf(hint) };
}

/** The question does not apply to this package. */
export function skip(because: string): Answer {
  return { kind: 'skip', because: reasonOf(because) };
}

// Reasons quote lockfiles, registries and certificates. Taming them here, where every answer is made,
// means that no check can forget it.
function reasonOf(because: string): string {
  return tame(because, 1000);
}

function hintOf(hint: string | undefined): { readonly hint?: string } {
  return hint === undefined ? {} : { hint: tame(hint, 1000) };
}
