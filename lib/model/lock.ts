/** The signers seen so far: `npmsign.lock.json`. */
import type { SourceKind } from './package.ts';

/** Branch, tag, or anything else a run can start from. */
export type RefClass = 'tag' | 'branch' | 'other';

/** How strongly a version was proved when it was locked. */
export type ProofLevel = 'none' | 'signature' | 'publish' | 'provenance';

/** Who signed a release line, as proved from the certificate. */
export type LockedSigner = {
  readonly issuer: string;
  /** The certificate's subject, where it names no repository: a person's address, say. */
  readonly subject?: string;
  readonly repository?: string;
  readonly repositoryId?: string;
  readonly ownerId?: string;
  readonly workflow?: string;
  /** The workflow that held the token, without its ref, where that is not `workflow` itself: a reusable one, say. */
  readonly builder?: string;
  readonly refClass?: RefClass;
  readonly trigger?: string;
};

/** Who wanted a changed signer, when, and why: the latest time only, version control remembers the others. */
export type Acceptance = {
  /** ISO date `yyyy-mm-dd`, UTC. */
  readonly on: string;
  readonly reason: string;
};

/** One package's release line (its major version) as last accepted. */
export type LockEntry = {
  readonly name: string;
  /** The major version, or `0.<minor>` below 1; or one whole version, which then speaks for that version before its line does. */
  readonly line: string;
  readonly proof: ProofLevel;
  readonly signer?: LockedSigner;
  readonly installScript: boolean;
  readonly bins: readonly string[];
  /** The kind of place it came from; absent for a registry. */
  readonly source?: SourceKind;
  readonly accepted?: Acceptance;
};

/** `npmsign.lock.json`, read. Keys of `entries` are `name` and `line` joined by a space. */
export type Lock = { readonly path: string; readonly entries: ReadonlyMap<string, LockEntry> };
