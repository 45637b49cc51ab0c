/** What a lockfile resolved: packages, where they come from, and the tree they form. */

/** A package as published: the name and version a registry knows, never an alias. */
export type PackageId = { readonly name: string; readonly version: string };

/** One hash of an SRI value. `digest` is canonical base64, exactly as long as the algorithm demands. */
export type IntegrityHash = {
  readonly algorithm: 'sha1' | 'sha256' | 'sha384' | 'sha512';
  readonly digest: string;
};

/** A Subresource Integrity value as the lockfile states it: its text, and every well-formed hash in it. */
export type Integrity = { readonly text: string; readonly hashes: readonly IntegrityHash[] };

/** The kinds of place a package can come from. */
export type SourceKind = 'registry' | 'git' | 'remote' | 'file' | 'workspace' | 'link' | 'bundled';

/**
 * Where a package comes from. `resolved` is the lockfile's own text.
 * A bundled package lies inside the tarball of the package whose key is `inside`.
 */
export type PackageSource =
  | { readonly kind: 'registry'; readonly resolved?: string }
  | { readonly kind: 'git'; readonly resolved: string }
  | { readonly kind: 'remote'; readonly resolved: string }
  | { readonly kind: 'file'; readonly resolved: string }
  | { readonly kind: 'workspace'; readonly path: string }
  | { readonly kind: 'link'; readonly path: string }
  | { readonly kind: 'bundled'; readonly inside: string };

/** Why a package is in the tree. */
export type Use = 'production' | 'development' | 'optional' | 'peer';

/** One entry of a lockfile. */
export type ResolvedPackage = {
  /** Unique in the tree: the lockfile's own key, such as `node_modules/a/node_modules/b`. */
  readonly key: string;
  readonly id: PackageId;
  /** The name the project uses for it, where that differs from `id.name`. */
  readonly alias?: string;
  readonly source: PackageSource;
  readonly integrity?: Integrity;
  /**
   * Why the lockfile cannot state a hash of the tarball, though it pins one of something else: yarn's archive, or one of several archives.
   * Present only beside an absent `integrity`; without it, an absent integrity is an omission.
   */
  readonly integrityGap?: string;
  /** Hex sha512 of the archive yarn makes of the tarball, where its bytes follow from the tarball's: yarn compresses nothing in it. */
  readonly archiveHash?: string;
  /** What the project changes in this package once it is fetched: the place of its patch, or the patch's hash. */
  readonly patched?: string;
  readonly use: Use;
  /** The shortest way from the project to this package, by names: project, …, this. */
  readonly chain: readonly string[];
  /** The 1-based line of the entry in the lockfile. */
  readonly line?: number;
  /** What the lockfile itself says about install scripts; absent where the format does not record it. */
  readonly hasInstallScript?: boolean;
  /** The commands the lockfile says this package installs; absent where the format does not record them. */
  readonly bins?: readonly string[];
  /**
   * Present when the lockfile says that this package brings a shrinkwrap of its own. npm 11 and earlier then install what that shrinkwrap
   * names, not what this lockfile says about the packages below this one.
   */
  readonly ownShrinkwrap?: true;
};

/** A lockfile, read. */
export type Tree = {
  readonly lockfile: { readonly path: string; readonly format: string };
  readonly packages: readonly ResolvedPackage[];
};

/**
 * Install scripts the project has already reviewed for its package manager (npm's `allowScripts`, pnpm's `allowBuilds` and
 * `onlyBuiltDependencies`, bun's `trustedDependencies`, LavaMoat's `allowScripts`). A denial beats an allowance.
 */
export type Allowances = {
  /** `name` or `name@version`, each with the place it was read from. */
  readonly allowed: readonly { readonly spec: string; readonly from: string }[];
  readonly denied: readonly { readonly spec: string; readonly from: string }[];
};
