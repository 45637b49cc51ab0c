/** What may be asked of a run. Everything has a default but what changes something; paths are relative to `host.cwd`. */
import type { Evidence } from './evidence.ts';
import type { LockChange } from './lock-plan.ts';
import type { Notice, ProofStates } from './report.ts';

/** Where a run is: which stage, and how much of it is done. */
export type Progress = { readonly stage: string; readonly done: number; readonly total: number };

/** What on disk a verdict rests on besides the folder a run starts in, and for how long. Paths are absolute. */
export type Grounds = {
  /** The folder of the lockfile. */
  readonly project: string;
  readonly folders: readonly string[];
  readonly files: readonly string[];
  /** Digest of whom signatures are traced back to in this run: it may be kept nowhere on disk, or be another one there by now. */
  readonly trust: string;
  /** The moment from which the same policy may judge the same differently, as when an exemption ends; milliseconds since 1970. */
  readonly until: number;
};

/** What was found out about single packages in earlier runs on the same grounds, less than a day ago. */
export type Recalled = {
  /** What was proved, by a key that names everything the proof is about. One key finds one object. */
  readonly find: (key: string) => Evidence | undefined;
  readonly keep: (key: string, evidence: Evidence) => void;
  /** Where a package with this very evidence passed every check, judged by all that the text names: its proofs. */
  readonly passed: (evidence: Evidence, judgedBy: string) => ProofStates | undefined;
  readonly pass: (evidence: Evidence, judgedBy: string) => void;
  /** The evidence as JSON, where it was found or kept. */
  readonly textOf: (evidence: Evidence) => string | undefined;
  /** How many keys found something. */
  readonly found: () => number;
  /** Writes what was kept and what passed. */
  readonly close: () => void;
};

/** What may be asked of a run; everything has a default. Paths are relative to `host.cwd`. */
export type VerifyRequest = {
  readonly policy?: string;
  readonly lockfile?: string;
  readonly offline?: boolean;
  readonly preferOffline?: boolean;
  readonly trustedRoot?: string;
  /** A folder of evidence that was carried here: nobody is asked anything. */
  readonly evidence?: string;
  readonly registry?: string;
  readonly concurrency?: number;
  /** Fail unless a gate has opened for this lockfile in this checkout. */
  readonly requireGate?: boolean;
  /** Compare node_modules with the verified tarballs, file by file. */
  readonly installed?: boolean;
  /** Fetch and hash the tarballs of packages for which the lockfile pins yarn's archive. */
  readonly hashTarballs?: boolean;
  /** Told once what the verdict rests on, after that was read and before evidence is collected. */
  readonly onGrounds?: (grounds: Grounds) => void;
  readonly onProgress?: (progress: Progress) => void;
  /** Recalls what was proved before on the same grounds. Without it everything is proved anew. */
  readonly recall?: (grounds: Grounds) => Recalled;
};

/** What to lock, and what somebody said about changed signers. */
export type LockOptions = VerifyRequest & {
  /** `name`, glob, or `name@range` of packages whose changed signer is meant. */
  readonly accept?: readonly string[];
  /** Why it is meant: said beforehand, or asked for once the changes are known. */
  readonly reason?: string | ((changes: readonly LockChange[]) => Promise<string>);
  readonly prune?: boolean;
  readonly onNotice?: (notice: Notice) => void;
  /** Write the lock, or only say what would be written. */
  readonly write: boolean;
};

/** Two lockfiles: the project's, and another file or the same one at a git revision. */
export type DiffRequest = VerifyRequest & {
  readonly against: { readonly file: string } | { readonly revision: string };
  readonly onNotice?: (notice: Notice) => void;
};
