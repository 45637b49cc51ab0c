/** Answers for checks whose question is whether a proof is there. */
import type { Proof } from '../model/proof.ts';
import type { Answer } from '../model/report.ts';
import { fail, pass, type Subject, skip, unknown } from './define.ts';
import { bundledReason, isOwnCode, kindWords, ownCodeReason } from './words.ts';

/** What is asked for, and how its presence and absence are worded. */
export type RequiredProof<T> = {
  readonly proof: Proof<T>;
  /** Without an article: `registry signature`. */
  readonly noun: string;
  /** Without it, the answer is a failure; otherwise only refuted evidence fails. */
  readonly required: boolean;
  /** Why it is not required, after a semicolon; `the policy does not require one`. */
  readonly excuse: string;
  readonly proved: (value: T) => string;
  readonly hint: string;
};

/** Proved passes, refuted always fails, absent fails where it is required, unavailable is unknown. */
export function askForProof<T>({ package: { source } }: Subject, asked: RequiredProof<T>): Answer {
  const { proof } = asked;
  if (isOwnCode(source)) return skip(ownCodeReason(source));
  if (proof.status === 'refuted') return fail(proof.reason, 'Do not install. Report this to the registry.');
  if (source.kind === 'bundled') return skip(bundledReason(source.inside));
  if (source.kind !== 'registry') {
    const none = `${kindWords(source.kind)} has no ${asked.noun}`;
    return asked.required ? fail(none, asked.hint) : skip(`${none}; ${asked.excuse}`);
  }
  switch (proof.status) {
    case 'proved':
      return pass(asked.proved(proof.value));
    case 'unavailable':
      return unknown(proof.reason);
    case 'absent':
    case 'notApplicable': {
      const none = proof.reason ?? `the registry has no ${asked.noun} for this version`;
      return asked.required ? fail(none, asked.hint) : pass(`${none}; ${asked.excuse}`);
    }
  }
}
