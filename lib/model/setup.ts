/** What `init` changes in a project. */
import type { Exemption } from './policy.ts';

/** The package managers a project can be set up for; yarn 1 and yarn 2 or later have nothing in common but the name. */
export type SetupManagerKind = 'npm' | 'pnpm' | 'yarn-classic' | 'yarn-berry' | 'bun';

/** The manager a project uses, with the version that runs. */
export type SetupManager = { readonly kind: SetupManagerKind; readonly version: string };

/** One file, before and after. Absent text: there is no such file. */
export type FileChange = {
  /** Relative to the project, with forward slashes. */
  readonly file: string;
  readonly before?: string;
  readonly after?: string;
  /** Present for a file that is npmsign's own and too long to read in a diff: what it is. */
  readonly ours?: string;
};

/** What would be written, and what is to be known about it. */
export type SetupPlan = {
  /** Absolute path. */
  readonly project: string;
  /** In the order they are shown; empty when there is nothing to do. */
  readonly changes: readonly FileChange[];
  /** Each gate that stands once the changes are written: a sentence. */
  readonly gates: readonly string[];
  /** What only a person can do, such as an edit in a file of code. The gate is not complete before it is done. */
  readonly byHand: readonly string[];
  /** What to know, or to run next. */
  readonly notes: readonly string[];
};

/**
 * What becomes of install scripts that run today and were never reviewed: allowed by name and version, so that npm stops all others; or
 * exempted like everything else, with the reason where npm could have been asked to.
 */
export type ScriptReview =
  | { readonly kind: 'pinned'; readonly specs: readonly string[] }
  | { readonly kind: 'exempted'; readonly because?: string };

/** What today's tree holds that the policy refuses, told apart by what may be waived. */
export type Baseline = {
  /** Dated exemptions that make the tree meet its policy. */
  readonly exemptions: readonly Exemption[];
  readonly scripts: ScriptReview;
  /** `name@version` of packages with signs of tampering: never exempted. */
  readonly tampered: readonly string[];
  /** `name@version` of packages that could not be judged. */
  readonly unverified: readonly string[];
};
