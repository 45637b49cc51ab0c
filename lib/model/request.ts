/** What may be asked of a run. Everything has a default but what changes something; paths are relative to `host.cwd`. */
import type { Evidence } from './evidence.ts';
import type { LockChange } from './lock-plan.ts';

/** Where a run is: which stage, and how much of it is done. */
export type Progress = { readonly stage: string; readonly done: number; readonly total: number };

/** What on disk a verdict rests on besides the folder a run starts in, and for how long. Paths are absolute. */
export type Grounds = {
  /** The folder of the lockfile. */
  readonly project: string;
  readonly folders: readonly string[];
  readonly files: readonly string[];
  /** The moment from which the same policy may judge the same differently, as when an exemption ends; milliseconds since 1970. */
  readonly until: number;
};

/** What was proved about single packages in an earlier run, by a key that names everything the proof is about. */
export type Recalled = {
  readonly find: (key: string) => Evidence | undefined;
  readonly keep: (key: string, evidence: Evidence) => void;
  /** How often something was found. */
  readonly found: () => number;
  /** Writes what was found and kept. */
  readonly close: () => void;
};

/** What may be asked of a run; everything has a default. Paths are relative to `host.cwd`. */
export type VerifyRequest = {
  readonly policy?: string;
  /** The folder from which `policy` is named, or found; `host.cwd` unless said otherwise. */
  readonly policyOf?: string;
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
  /** Write the lock, or only say what would be written. */
  readonly write: boolean;
};

/** Two lockfiles: the project's, and another file or the same one at a git revision. */
export type DiffRequest = VerifyRequest & {
  readonly against: { readonly file: string } | { readonly revision: string };
};
