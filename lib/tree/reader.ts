/** What a lockfile reader is given and gives back, whatever the format. */
import type { ResolvedPackage } from '../model/package.ts';

/** The key that stands for the project itself among a package's dependents. */
export const PROJECT = '';

/** The largest real trees hold some ten thousand packages. More than this can only cost time and memory. */
export const MOST_ENTRIES = 250_000;

/** One entry of a lockfile: all but the way to it, which follows from the dependents. */
export type ParsedPackage = Omit<ResolvedPackage, 'chain'> & {
  /** Keys of the entries that depend on this one; {@link PROJECT} for the project itself. */
  readonly dependents: readonly string[];
};

/** A lockfile as it was found. */
export type LockfileText = {
  readonly text: string;
  /** For messages only. */
  readonly file: string;
  /** The project's package.json, parsed. Managers believe it before the lockfile's copy of it. */
  readonly manifest: unknown;
};

/** Knows one lockfile format. Takes text, never a path, so a test needs no disk. */
export type LockfileReader = {
  readonly format: string;
  /** The names this format's files have, the one the manager prefers first. */
  readonly fileNames: readonly string[];
  /** Every entry of the lockfile but the project itself, exactly once. Throws `TreeError` `LOCKFILE_VERSION` or `LOCKFILE_MALFORMED`. */
  readonly parse: (lockfile: LockfileText) => readonly ParsedPackage[];
};
