/** The smallest policy edit that would let a run pass: proposed, never applied. */

/** One waiver or override somebody may want to add, and why it would help. */
export type SuggestedExemption = {
  /** `name@version`, exactly. */
  readonly package: string;
  readonly checks: readonly string[];
  readonly reason: string;
  /** `yyyy-mm-dd`. */
  readonly expires: string;
};

/** Options for one version alone, to stand last among the overrides. */
export type SuggestedOverride = {
  /** `name@version`, exactly. */
  readonly package: string;
  readonly check: string;
  readonly options: Readonly<Record<string, readonly string[]>>;
};

/** What would help, and what no policy edit should help. */
export type Suggestion = {
  readonly overrides: readonly SuggestedOverride[];
  readonly exemptions: readonly SuggestedExemption[];
  /** Findings for which nothing is proposed, each `name@version: check: reason`. */
  readonly refused: readonly string[];
};
