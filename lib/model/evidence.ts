/** What we learnt about one package. */
import type { Proof, Told } from './proof.ts';

/**
 * What the certificate authority wrote into a signing certificate, and nothing else.
 * Fields other than `issuer` and `subject` are Fulcio extensions (OIDs 1.3.6.1.4.1.57264.1.1 to 1.22).
 */
export type Identity = {
  /** OIDC issuer, a URL. */
  readonly issuer: string;
  /** Subject alternative name: an e-mail address or a URI. */
  readonly subject: string;
  /** Source repository URL, such as `https://github.com/acme/lib`. */
  readonly repository?: string;
  readonly repositoryId?: string;
  readonly owner?: string;
  readonly ownerId?: string;
  /** Git ref the run started from, such as `refs/tags/v1.0.0`. */
  readonly ref?: string;
  /** Git commit, lower-case hex. */
  readonly commit?: string;
  /** Path of the workflow file inside the repository, such as `.github/workflows/release.yml`. */
  readonly workflow?: string;
  /** Build signer URI: the (possibly reusable) workflow that held the token. */
  readonly builder?: string;
  /** `github-hosted` or `self-hosted`. */
  readonly runner?: string;
  /** Event that started the run, such as `push`. */
  readonly trigger?: string;
  /** URL of the run. */
  readonly run?: string;
  /** `public`, `private` or `internal`, at signing time. */
  readonly visibility?: string;
};

/** Verified build provenance. Only `identity` may be judged; the rest is shown. */
export type Provenance = {
  readonly identity: Identity;
  readonly predicateType: string;
  /** The predicate's builder id: the build's own story. */
  readonly builder?: string;
  /** Verified time of the log entry or timestamp, ISO 8601. */
  readonly loggedAt?: string;
  readonly logIndex?: string;
};

/** A registry signature that holds. */
export type RegistrySignature = {
  readonly keyid: string;
  /** What key validity was checked against; `unknown` = the key has no expiry, so no time was needed. */
  readonly timeFrom: 'log' | 'told' | 'unknown';
};

/** A publish attestation that holds: the registry logged this publish. */
export type PublishAttestation = {
  readonly keyid: string;
  /** Verified time of the log entry, ISO 8601. */
  readonly loggedAt?: string;
  readonly logIndex?: string;
};

/** A signature as the registry serves it, not yet verified. */
export type StatedSignature = { readonly keyid: string; readonly sig: string };

/** A publish time the registry told, and from where: cheapest source first (SPEC 4.8). */
export type ToldTime = {
  /** ISO 8601. */
  readonly at: string;
  /** `modified` is an upper bound only: the version is at least this old. */
  readonly from: 'manifest' | 'modified' | 'packument';
};

/** What the registry says about one version. Every string in it is a stranger's. */
export type Manifest = {
  readonly integrity?: string;
  /** `dist.tarball`, as listed. */
  readonly tarball?: string;
  /** Every URL that names this very tarball: as listed, and the same path on each registry or mirror that serves it. */
  readonly tarballs: readonly string[];
  /** The registry that answered, as a URL ending in a slash. */
  readonly registry: string;
  readonly signatures: readonly StatedSignature[];
  /** The registry announces attestations for this version (`dist.attestations`). */
  readonly announcesAttestations: boolean;
  /** The manifest announces build provenance, not only a publish attestation. */
  readonly announcesProvenance: boolean;
  readonly publishedAt?: ToldTime;
  /** `repository` of package.json, its URL as written. */
  readonly repository?: string;
  /** Scripts that npm runs at install, or an implicit `node-gyp rebuild`, by name. */
  readonly installScripts: readonly string[];
  readonly bins: readonly string[];
  readonly deprecated?: string;
};

/** One published version in a package's history, as told. */
export type HistoryEntry = {
  readonly version: string;
  /** ISO 8601, where the registry states it. */
  readonly publishedAt?: string;
  readonly hasProvenance: boolean;
  readonly hasSignature: boolean;
  /** Published through a trusted publisher (`_npmUser.trustedPublisher`). */
  readonly trustedPublisher: boolean;
  /** Published in stages: a maintainer approved it with a second factor (`_npmUser.approver`, where `trustedPublisher` then is missing). */
  readonly stagedPublish?: true;
  readonly deprecated: boolean;
};

/** What the registry says about all versions of a name. */
export type History = {
  readonly versions: readonly HistoryEntry[];
  /** When the packument last changed, ISO 8601. */
  readonly modified?: string;
};

/** Everything known about one package. */
export type Evidence = {
  readonly signature: Proof<RegistrySignature>;
  readonly publish: Proof<PublishAttestation>;
  readonly provenance: Proof<Provenance>;
  readonly manifest: Told<Manifest>;
  readonly history: Told<History>;
};
