/** Publishes to a loopback registry: packs, signs and attests one version. */
import type { Identity } from '../../../lib/model/evidence.ts';
import { publicRegistry } from '../public-registry.ts';
import {
  type AttestationsJson,
  type AttestationsRequest,
  identityFor,
  keyAt,
  type RegistryKey,
  registrySignature,
  type Sigstore,
} from '../sigstore/index.ts';
import { hashesOf, type Manifest, type Published, tarballFileOf, unscoped } from './store.ts';
import { type PackageFiles, packTarball } from './tarball.ts';

/** How a version's attestations are made; the identity is given in part, over {@link identityFor} the package. */
export type AttestRequest = Partial<
  Pick<AttestationsRequest, 'slsa' | 'claims' | 'provenance' | 'publish' | 'publishKey'>
> & {
  /** `none`: published by hand, so there is a publish attestation and no provenance. */
  readonly identity?: Partial<Identity> | 'none';
};

/** One version to publish. Everything but name and version has an ordinary default. */
export type PublishRequest = {
  readonly name: string;
  readonly version: string;
  /** When it was published; thirty days before the tests' moment unless said otherwise. */
  readonly at?: Date;
  readonly files?: PackageFiles;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
  /** Further fields of package.json, such as `repository`. */
  readonly packageJson?: Readonly<Record<string, unknown>>;
  /** The key that signs; the one of that moment unless said otherwise. */
  readonly sign?: RegistryKey | 'none';
  /** Attestations; `none` unless said otherwise, as for a publish by hand before 2023. `{}` makes the ordinary ones. */
  readonly attest?: AttestRequest | 'none';
};

/** Whose keys sign, and under which URL the registry is reached. */
export type Publisher = {
  readonly url: string;
  readonly sigstore: Sigstore;
  readonly identity: 'npm' | 'own';
};

/** Thirty days before the tests' moment. */
export const PUBLISHED_AT = new Date('2026-10-23T12:00:00.000Z');

/** Builds a version: a real tarball, a manifest as npm serves it, a signature, attestations. */
export function publishedVersion(request: PublishRequest, publisher: Publisher): Published {
  const { name, version, at = PUBLISHED_AT } = request;
  const packageJson = packageJsonOf(request);
  const tarball = packTarball({
    'package.json': `${JSON.stringify(packageJson, null, 2)}\n`,
    ...request.files,
  });
  return assembled(
    { name, version, at, packageJson, tarball, sign: request.sign, attest: request.attest },
    publisher,
  );
}

/** A version whose tarball was packed elsewhere, such as by a real `npm publish`. */
export type PackedVersion = {
  readonly name: string;
  readonly version: string;
  readonly at: Date;
  readonly packageJson: Readonly<Record<string, unknown>>;
  readonly tarball: Buffer;
  readonly sign?: RegistryKey | 'none' | undefined;
  readonly attest?: AttestRequest | 'none' | undefined;
};

/** Adds what the registry adds: `dist`, its signature, its attestations, its operational fields. */
export function assembled(packed: PackedVersion, publisher: Publisher): Published {
  const { name, version, at, packageJson, tarball, attest = 'none' } = packed;
  const { sign = keyAt(publisher.sigstore.registryKeys, at) } = packed;
  const hashes = hashesOf(tarball);
  const attestations =
    attest === 'none' ? undefined : attestationsOf({ ...packed, ...hashes }, attest, publisher);
  const manifest: Manifest = {
    ...packageJson,
    name,
    version,
    _id: `${name}@${version}`,
    dist: {
      ...hashes,
      tarball: `${publisher.url}${name}/-/${tarballFileOf({ name, version })}`,
      ...(sign === 'none' ? {} : { signatures: [registrySignature(sign, { name, version, ...hashes })] }),
      ...(attestations === undefined
        ? {}
        : { attestations: announced(name, version, attestations, publisher.url) }),
    },
    _npmOperationalInternal: {
      host: 's3://npm-registry-packages-npm-production',
      tmp: `tmp/${unscoped(name)}_${version}_${at.getTime()}_0.3888474879294379`,
    },
    _npmUser: { name: 'acme-bot', email: 'bot@acme.example' },
    _hasShrinkwrap: false,
  };
  return {
    name,
    version,
    manifest,
    tarball,
    publishedAt: at,
    ...(attestations === undefined ? {} : { attestations }),
  };
}

function packageJsonOf({ name, version, packageJson, ...request }: PublishRequest): Record<string, unknown> {
  const { scripts, dependencies, optionalDependencies, bin } = request;
  return {
    name,
    version,
    license: 'ISC',
    repository: { type: 'git', url: `git+https://github.com/acme/${unscoped(name)}.git` },
    ...(scripts && { scripts }),
    ...(dependencies && { dependencies }),
    ...(optionalDependencies && { optionalDependencies }),
    ...(bin && { bin }),
    ...packageJson,
  };
}

function attestationsOf(
  { name, version, integrity, at }: PackedVersion & { readonly integrity: string },
  { identity = {}, ...how }: AttestRequest,
  { url, sigstore, identity: whose }: Publisher,
): AttestationsJson {
  return sigstore.mintAttestations({
    ...how,
    name,
    version,
    integrity,
    at,
    registry: whose === 'npm' ? publicRegistry() : url,
    identity: identity === 'none' ? 'none' : identityFor({ name, version }, identity),
  });
}

/** `dist.attestations`. npm announces provenance by its predicate type, and says nothing of a publish attestation alone. */
function announced(
  name: string,
  version: string,
  { attestations }: AttestationsJson,
  url: string,
): NonNullable<Manifest['dist']['attestations']> {
  const provenance = attestations.find(({ predicateType }) => predicateType.startsWith('https://slsa.dev/'));
  return {
    url: `${url}-/npm/v1/attestations/${name.replace('/', '%2f')}@${version}`,
    ...(provenance === undefined ? {} : { provenance: { predicateType: provenance.predicateType } }),
  };
}
