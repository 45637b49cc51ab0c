/** What changed in trust between two lockfiles. */
import type { LockedSigner, ProofLevel } from './lock.ts';
import type { SourceKind, Use } from './package.ts';

/** What one version stands on. Every string is harmless. */
export type Standing = {
  readonly version: string;
  readonly source: SourceKind;
  /** Where it is fetched from, when that is no registry. */
  readonly place?: string;
  /** Evidence that is wrong or could not be had is neither proof nor none: `reason` then says why. */
  readonly proof: ProofLevel | 'refuted' | 'unavailable' | 'notApplicable';
  readonly reason?: string;
  readonly signer?: LockedSigner;
  /** The git ref and commit it was built from. */
  readonly ref?: string;
  readonly commit?: string;
  /** Scripts run at install, by name, as the registry tells; `a script` where only the lockfile says that there is one. */
  readonly installScripts: readonly string[];
  readonly bins: readonly string[];
  /** ISO 8601. */
  readonly publishedAt?: string;
  /** Does a log entry prove that time? Otherwise the registry merely told it. */
  readonly publishedBy?: 'log' | 'registry';
  readonly deprecated?: string;
};

/** The kinds of thing a reviewer should know. */
export type FindingKind =
  | 'bytes-changed'
  | 'proof-refuted'
  | 'proof-lost'
  | 'issuer-changed'
  | 'subject-changed'
  | 'repository-changed'
  | 'repository-moved'
  | 'repository-renamed'
  | 'workflow-changed'
  | 'builder-changed'
  | 'ref-changed'
  | 'trigger-changed'
  | 'source-changed'
  | 'install-script-new'
  | 'source-new'
  | 'downgrade'
  | 'bin-new'
  | 'proof-unavailable'
  | 'just-published'
  | 'deprecated'
  | 'signer-gained'
  | 'proof-gained'
  | 'install-script-gone'
  | 'integrity-stronger';

/** `alarm`: somebody must explain it. `caution`: look at it. `good`: better than before. */
export type FindingWeight = 'alarm' | 'caution' | 'good';

/** One thing to know about a change. */
export type TrustFinding = {
  readonly kind: FindingKind;
  readonly weight: FindingWeight;
  /** A clause, harmless. */
  readonly text: string;
};

/** One package that is not as it was: a version that came, went, or took the place of another. */
export type PackageChange = {
  readonly name: string;
  readonly kind: 'new' | 'updated' | 'removed';
  readonly direction?: 'upgrade' | 'downgrade' | 'same version';
  readonly before?: Standing;
  readonly after?: Standing;
  /** The way to it from the project: in the later tree, or in the earlier one when it is gone. */
  readonly chain: readonly string[];
  /** 1-based, in the later lockfile. */
  readonly line?: number;
  readonly use: Use;
  /** Most serious first. */
  readonly findings: readonly TrustFinding[];
};

/** Everything that changed. Changes are sorted by name, then by version. */
export type TrustDiff = {
  readonly schema: 1;
  readonly tool: { readonly name: 'npmsign'; readonly version: string };
  /** ISO 8601. */
  readonly judgedAt: string;
  /** Where the two lockfiles come from, such as `HEAD:package-lock.json`. */
  readonly before: string;
  readonly after: string;
  readonly changes: readonly PackageChange[];
  /** How many versions are in both. */
  readonly unchanged: number;
};
