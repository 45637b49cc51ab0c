/** Builds the ordinary, so that a test states only what matters to it. */
import { createHash } from 'node:crypto';
import type { Subject } from '../../lib/checks/define.ts';
import type {
  Evidence,
  History,
  Identity,
  Manifest,
  Provenance,
  PublishAttestation,
} from '../../lib/model/evidence.ts';
import type { Integrity, PackageId, ResolvedPackage, Tree } from '../../lib/model/package.ts';
import type { Policy, Settings } from '../../lib/model/policy.ts';
import type { Proof, Told } from '../../lib/model/proof.ts';
import { NOW } from './host.ts';

/** The registry the ordinary package comes from. */
export const REGISTRY = 'https://registry.example/';

/** A well-formed sha512 integrity of the given text's bytes. */
export function anIntegrity(of = 'the ordinary tarball'): Integrity {
  const digest = createHash('sha512').update(of).digest('base64');
  return { text: `sha512-${digest}`, hashes: [{ algorithm: 'sha512', digest }] };
}

/** `@acme/lib@1.2.3`, a production dependency from {@link REGISTRY}. Key, URL, integrity and chain follow an overridden `id`. */
export function aPackage(overrides: Partial<ResolvedPackage> = {}): ResolvedPackage {
  const id = overrides.id ?? { name: '@acme/lib', version: '1.2.3' };
  return {
    id,
    key: `node_modules/${overrides.alias ?? id.name}`,
    source: { kind: 'registry', resolved: tarballUrlOf(id) },
    integrity: anIntegrity(`${id.name}@${id.version}`),
    use: 'production',
    chain: ['project', overrides.alias ?? id.name],
    line: 12,
    hasInstallScript: false,
    bins: [],
    ...overrides,
  };
}

/** The signing identity of a tagged release on GitHub Actions: `acme/lib`, workflow `release.yml`, a push of `v1.2.3`. */
export function anIdentity(overrides: Partial<Identity> = {}): Identity {
  const repository = overrides.repository ?? 'https://github.com/acme/lib';
  const workflow = overrides.workflow ?? '.github/workflows/release.yml';
  const ref = overrides.ref ?? 'refs/tags/v1.2.3';
  return {
    issuer: 'https://token.actions.githubusercontent.com',
    subject: `${repository}/${workflow}@${ref}`,
    repository,
    repositoryId: '71995937',
    owner: 'https://github.com/acme',
    ownerId: '4711',
    ref,
    commit: '0123456789abcdef0123456789abcdef01234567',
    workflow,
    builder: `${repository}/${workflow}@${ref}`,
    runner: 'github-hosted',
    trigger: 'push',
    run: `${repository}/actions/runs/1234567890/attempts/1`,
    visibility: 'public',
    ...overrides,
  };
}

/** SLSA v1 provenance by {@link anIdentity}, logged thirty days before {@link NOW}. */
export function aProvenance(overrides: Partial<Provenance> = {}): Provenance {
  return {
    identity: anIdentity(),
    predicateType: 'https://slsa.dev/provenance/v1',
    builder: 'https://github.com/actions/runner/github-hosted',
    loggedAt: '2026-10-23T12:00:00.000Z',
    logIndex: '1001',
    ...overrides,
  };
}

/** A publish attestation logged thirty days before {@link NOW}. */
export function aPublishAttestation(overrides: Partial<PublishAttestation> = {}): PublishAttestation {
  return { keyid: 'SHA256:acme', loggedAt: '2026-10-23T12:00:05.000Z', logIndex: '1002', ...overrides };
}

/** What the registry says about {@link aPackage}: signed, attested, no install script, published thirty days before {@link NOW}. */
export function aManifest(overrides: Partial<Manifest> = {}, of: PackageId = aPackage().id): Manifest {
  const tarball = overrides.tarball ?? tarballUrlOf(of);
  return {
    integrity: anIntegrity(`${of.name}@${of.version}`).text,
    tarball,
    tarballs: [tarball],
    registry: REGISTRY,
    signatures: [{ keyid: 'SHA256:acme', sig: 'MEUCIQ==' }],
    announcesAttestations: true,
    announcesProvenance: true,
    publishedAt: { at: '2026-10-23T12:00:00.000Z', from: 'manifest' },
    repository: 'git+https://github.com/acme/lib.git',
    installScripts: [],
    bins: [],
    ...overrides,
  };
}

/** A history of `1.2.2` and the version given, both signed and with provenance. */
export function aHistory(overrides: Partial<History> = {}, version = '1.2.3'): History {
  const entry = { hasProvenance: true, hasSignature: true, trustedPublisher: false, deprecated: false };
  return {
    versions: [
      { ...entry, version: '1.2.2', publishedAt: '2026-09-01T12:00:00.000Z' },
      { ...entry, version, publishedAt: '2026-10-23T12:00:00.000Z' },
    ],
    modified: '2026-10-23T12:00:10.000Z',
    ...overrides,
  };
}

/** All the evidence there can be, and all of it good. Manifest and history fit the package given. */
export function anEvidence(overrides: Partial<Evidence> = {}, of: ResolvedPackage = aPackage()): Evidence {
  const integrity = of.integrity === undefined ? {} : { integrity: of.integrity.text };
  return {
    signature: proved({ keyid: 'SHA256:acme', timeFrom: 'log' }),
    publish: proved(aPublishAttestation()),
    provenance: proved(aProvenance()),
    manifest: told(aManifest(integrity, of.id)),
    history: told(aHistory({}, of.id.version)),
    ...overrides,
  };
}

/** One ordinary package with all its evidence, judged at {@link NOW}, no reviewed scripts and no signer lock. */
export function aSubject(overrides: Partial<Subject> = {}): Subject {
  const pkg = overrides.package ?? aPackage();
  return {
    package: pkg,
    evidence: anEvidence({}, pkg),
    now: NOW,
    allowances: { allowed: [], denied: [] },
    lock: { exists: false },
    ...overrides,
  };
}

/** A package-lock.json holding the packages given, one ordinary package by default. */
export function aTree(packages: readonly ResolvedPackage[] = [aPackage()]): Tree {
  return { lockfile: { path: 'package-lock.json', format: 'npm' }, packages };
}

/** A policy in which every check is off, besides what is given. */
export function aPolicy(
  overrides: Partial<Omit<Policy, 'settings'>> & { readonly settings?: Partial<Settings> } = {},
): Policy {
  return {
    digest: `sha256:${'0'.repeat(64)}`,
    overrides: [],
    exemptions: [],
    registries: [],
    trust: { root: { kind: 'public-good' }, refresh: 'never' },
    sign: {
      provenance: 'auto',
      identity: 'ambient',
      required: false,
      publicLogForPrivatePackages: 'refuse',
    },
    ...overrides,
    settings: { ...everythingOff(), ...overrides.settings },
  };
}

/** A proved fact. */
export function proved<T>(value: T): Proof<T> {
  return { status: 'proved', value };
}

/** A told fact. */
export function told<T>(value: T): Told<T> {
  return { status: 'told', value };
}

/** The same value without the fields named: how a test takes an optional field away. */
export function without<T extends object, K extends keyof T>(value: T, ...names: readonly K[]): Omit<T, K> {
  const copy: T = { ...value };
  for (const name of names) delete copy[name];
  return copy;
}

function tarballUrlOf({ name, version }: PackageId): string {
  return `${REGISTRY}${name}/-/${name.replace(/^@[^/]*\//, '')}-${version}.tgz`;
}

function everythingOff(): Settings {
  const off = <T>(options: T) => ({ level: 'off', options }) as const;
  return {
    'lockfile-integrity': off({}),
    'lockfile-resolved': off({ hosts: [] }),
    'package-source': off({ allow: ['registry', 'workspace', 'link', 'bundled'] }),
    'install-script': off({ allow: [] }),
    'reserved-bin': off({ names: [] }),
    'registry-signature': off({ required: true }),
    'publish-attestation': off({ required: true }),
    provenance: off({ required: true }),
    'source-repository': off({ allow: [], ids: [], ownerIds: [] }),
    'source-ref': off({ allow: [] }),
    'build-workflow': off({ allow: [], builders: [] }),
    'build-trigger': off({ allow: [], deny: [] }),
    'build-runner': off({}),
    'certificate-issuer': off({ allow: [] }),
    'signer-identity': off({ allow: [] }),
    'declared-repository': off({}),
    'minimum-age': off({ days: 1 }),
    'provenance-regression': off({ baseline: 'major' }),
    'locked-signer': off({}),
  };
}
