/** The signers seen so far: `npmsign.lock.json`. */

/** Branch, tag, or anything else a run can start from. */
export type RefClass = 'tag' | 'branch' | 'other';

/** How strongly a version was proved when it was locked. */
export type ProofLevel = 'none' | 'signature' | 'publish' | 'provenance';

/** Who signed a release line, as proved from the certificate. */
export type LockedSigner = {
  readonly issuer: string;
  readonly repository?: string;
  readonly repositoryId?: string;
  readonly ownerId?: string;
  readonly workflow?: string;
  readonly builder?: string;
  readonly refClass?: RefClass;
  readonly trigger?: string;
};

/** One package's release line (its major version) as last accepted. */
export type LockEntry = {
  readonly name: string;
  /** The major version, or `0.<minor>` below 1. */
  readonly line: string;
  readonly proof: ProofLevel;
  readonly signer?: LockedSigner;
  readonly installScript: boolean;
  readonly bins: readonly string[];
};

/** `npmsign.lock.json`, read. Keys of `entries` are `name` and `line` joined by a space. */
export type Lock = { readonly path: string; readonly entries: ReadonlyMap<string, LockEntry> };
