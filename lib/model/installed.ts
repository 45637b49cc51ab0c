/** What lies in node_modules, compared with the tarballs the lockfile pins. */

/** How one thing differs. */
export type InstalledKind =
  /** Files of a package are not those of its tarball. */
  | 'differs'
  /** Files of a package are not those of its tarball, and it runs scripts at install, which may write them. */
  | 'scripted'
  /** A folder or link that the lockfile does not know. */
  | 'foreign'
  /** There is nothing verified to compare it with. */
  | 'unknown';

/** One folder of node_modules that is not what was verified. */
export type InstalledFinding = {
  /** Relative to the project, with forward slashes. */
  readonly folder: string;
  /** `name@version`, where the lockfile knows it. */
  readonly package?: string;
  readonly kind: InstalledKind;
  /** A clause, harmless. */
  readonly because: string;
  /** Files that differ, relative to the folder, sorted. */
  readonly changed: readonly string[];
  readonly missing: readonly string[];
  readonly extra: readonly string[];
};

/** The comparison of one run. */
export type Installed = {
  /** Folders that were compared with a tarball, file by file. */
  readonly compared: number;
  /** Sorted by folder. */
  readonly findings: readonly InstalledFinding[];
  /** Folders that nothing is compared with, for managers and tools write them themselves; relative to the project, sorted. */
  readonly unseen: readonly string[];
};
