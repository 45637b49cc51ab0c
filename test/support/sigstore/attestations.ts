/** Mints what a registry answers about a package's attestations. */
import type { Identity } from '../../../lib/model/evidence.ts';
import type { PackageId } from '../../../lib/model/package.ts';
import { anIdentity } from '../builders.ts';
import { type BundleMint, type BundleRequest, mintBundle } from './bundle.ts';
import type { AttestationsJson } from './bundle-json.ts';
import type { RegistryKey } from './registry-keys.ts';
import { publishStatement, type StatedPackage, slsaV1Statement, slsaV02Statement } from './statements.ts';

/** How the attestations of one package are made. All of it has an ordinary default but the package and the moment. */
export type AttestationsRequest = PackageId & {
  /** SRI, sha512, as the registry lists it. */
  readonly integrity: string;
  readonly at: Date;
  /** Who built it; `none` for a publish by hand. {@link identityFor} the package unless said otherwise. */
  readonly identity?: Identity | 'none';
  /** What the predicate claims, where that differs from the certificate. */
  readonly claims?: Identity;
  readonly slsa?: 'v1' | 'v0.2';
  /** The registry's key for the publish attestation; `none` for no publish attestation. */
  readonly publishKey: RegistryKey | 'none';
  /** The registry's URL, as the publish attestation names it. */
  readonly registry: string;
  /** How the provenance bundle is made, such as its version and log. */
  readonly provenance?: Partial<
    Pick<BundleRequest, 'version' | 'rekor' | 'entry' | 'timestamp' | 'inclusionProof' | 'chain'>
  >;
  /** How the publish bundle is made. npm's registry writes version 0.2 with a `dsse` entry today. */
  readonly publish?: AttestationsRequest['provenance'];
};

/** The registry's answer: the publish attestation by its key, then provenance by a certificate. */
export function mintAttestations(mint: BundleMint, request: AttestationsRequest): AttestationsJson {
  const { name, version, at, identity = identityFor(request) } = request;
  const of = { name, version, sha512: sha512HexOf(request.integrity) };
  return {
    attestations: [
      ...(request.publishKey === 'none'
        ? []
        : [publishAttestation(mint, of, { ...request, publishKey: request.publishKey })]),
      ...(identity === 'none' ? [] : [provenanceAttestation(mint, of, { ...request, identity, at })]),
    ],
  };
}

/** The ordinary identity behind a package: tag `v<version>` of `acme/<name without scope>`, started by a push. */
export function identityFor({ name, version }: PackageId, overrides: Partial<Identity> = {}): Identity {
  const repository = `https://github.com/acme/${name.replace(/^@[^/]*\//, '')}`;
  return anIdentity({ repository, ref: `refs/tags/v${version}`, ...overrides });
}

type Attestation = AttestationsJson['attestations'][number];

function publishAttestation(
  mint: BundleMint,
  of: StatedPackage,
  { registry, publishKey, at, publish }: AttestationsRequest & { readonly publishKey: RegistryKey },
): Attestation {
  const statement = publishStatement(of, registry);
  const signer = { registryKey: publishKey };
  // The registry attests a moment after the build's own entry; entries of one second would look alike.
  const later = new Date(at.getTime() + 2000);
  const bundle = mintBundle(mint, {
    version: '0.2',
    entry: 'dsse',
    ...publish,
    statement,
    signer,
    at: later,
  });
  return { predicateType: statement.predicateType, bundle };
}

function provenanceAttestation(
  mint: BundleMint,
  of: StatedPackage,
  request: AttestationsRequest & { readonly identity: Identity },
): Attestation {
  const { identity, claims = identity, slsa = 'v1', at, provenance } = request;
  const statement = (slsa === 'v1' ? slsaV1Statement : slsaV02Statement)(of, claims);
  const bundle = mintBundle(mint, { ...provenance, statement, signer: { identity }, at });
  return { predicateType: statement.predicateType, bundle };
}

function sha512HexOf(integrity: string): string {
  return Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex');
}
