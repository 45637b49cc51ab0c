/** All verdicts of one run. */
import type { Evidence } from './evidence.ts';
import type { Installed } from './installed.ts';
import type { ResolvedPackage } from './package.ts';
import type { CheckId, Exemption, Level } from './policy.ts';
import type { Proof } from './proof.ts';

/** A check's answer, with its reason. */
export type Answer =
  | { readonly kind: 'pass' | 'unknown' | 'skip'; readonly because: string; readonly hint?: string }
  | { readonly kind: 'fail'; readonly because: string; readonly hint?: string };

/** What an answer means under a policy, weakest first. */
export type Effect = 'pass' | 'exempt' | 'warn' | 'unverified' | 'fail';

/** One check's answer about one package, and what the policy makes of it. */
export type Outcome = {
  readonly check: CheckId;
  readonly level: Exclude<Level, 'off'>;
  readonly answer: Answer;
  readonly effect: Effect;
  readonly exemption?: Exemption;
  /** The policy place that decided the level, such as `.npmsignrc:12` or `recommended`. */
  readonly decidedBy?: string;
};

/** All outcomes for one package. */
export type Verdict = {
  readonly package: ResolvedPackage;
  readonly evidence: Evidence;
  readonly outcomes: readonly Outcome[];
  readonly effect: Effect;
};

/** Something the user should know that is not about one package. */
export type Notice = {
  readonly code: string;
  readonly message: string;
  /** Present when it stops the install, as a package that fails or is unverified does. */
  readonly effect?: 'fail' | 'unverified';
};

/** Which trust root was used, and how fresh it is. */
export type TrustOrigin = {
  /** `public-good`, a URL, or a file's name. */
  readonly root: string;
  readonly source: 'embedded' | 'cached' | 'refreshed' | 'file';
  /** Whole days since the root was known to be current. */
  readonly ageDays: number;
};

/** Counts of packages by effect; they add up to `packages`. */
export type EffectCounts = {
  readonly packages: number;
  readonly pass: number;
  readonly warn: number;
  readonly exempt: number;
  readonly unverified: number;
  readonly fail: number;
};

/** Counts of packages by what became of one kind of evidence. */
export type ProofCounts = {
  readonly proved: number;
  readonly refuted: number;
  readonly absent: number;
  readonly unavailable: number;
  readonly notApplicable: number;
};

/** What became of the two proofs that a report counts. */
export type ProofStates = {
  readonly signature: Proof<unknown>['status'];
  readonly provenance: Proof<unknown>['status'];
};

/** One run's result. Verdicts are sorted by package key. */
export type Report = {
  readonly schema: 1;
  readonly tool: { readonly name: 'npmsign'; readonly version: string };
  /** ISO 8601. */
  readonly judgedAt: string;
  readonly policy: { readonly path?: string; readonly digest: string };
  readonly lockfile: { readonly path: string; readonly format: string };
  readonly trust: TrustOrigin;
  readonly summary: EffectCounts & { readonly signatures: ProofCounts; readonly provenance: ProofCounts };
  readonly effect: 'pass' | 'warn' | 'unverified' | 'fail';
  readonly verdicts: readonly Verdict[];
  readonly notices: readonly Notice[];
  /** Present when node_modules was compared with the verified tarballs. Each finding is a notice too. */
  readonly installed?: Installed;
};
