/** Checks that a registry serves what was signed: these bytes, its own signature over them, and the attestations. */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type NpmsignError, RegistryError } from '../errors.ts';
import type { Manifest, Provenance } from '../model/evidence.ts';
import type { Integrity, PackageId, ResolvedPackage } from '../model/package.ts';
import type { Proof, Told } from '../model/proof.ts';
import type { Registry, RegistrySource } from '../registry/index.ts';
import {
  parseRegistryKeys,
  type RegistryKey,
  type Trust,
  verifyAttestations,
  verifyRegistrySignature,
} from '../sigstore/index.ts';
import { parseIntegrity, sameIntegrity } from '../text/integrity.ts';
import { specOf } from '../text/package-id.ts';
import { tame } from '../text/sanitize.ts';

/** One thing that was looked at. `because` is safe to print. */
export type PublishedFinding = {
  readonly about: 'version' | 'tarball' | 'signature' | 'provenance' | 'bundle';
  readonly answer: 'pass' | 'fail' | 'unknown';
  readonly because: string;
};

/** What a registry serves under one name and version. */
export type PublishedCheck = {
  readonly id: PackageId;
  readonly registry: string;
  readonly findings: readonly PublishedFinding[];
  /** Fail outweighs unverified, which outweighs pass. */
  readonly effect: 'pass' | 'fail' | 'unverified';
};

/** What is looked at, where, and what was signed if that is known here. */
export type PublishedQuestion = {
  readonly id: PackageId;
  readonly source: RegistrySource;
  readonly registry: Registry;
  readonly trust: Trust;
  /** `sha512` is hex. */
  readonly signed?: { readonly sha512: string; readonly bundle?: unknown };
};

/** Looks. Never rejects for what a registry does: that is a finding. */
export async function checkPublished(question: PublishedQuestion): Promise<PublishedCheck> {
  const { id, source, registry } = question;
  const listed = await registry.manifest(packageOf(question));
  const findings =
    listed.status === 'told' ? await served(question, listed.value) : [unlisted(question, listed)];
  return { id, registry: source.url, findings, effect: effectOf(findings) };
}

function effectOf(findings: readonly PublishedFinding[]): PublishedCheck['effect'] {
  if (findings.some(({ answer }) => answer === 'fail')) return 'fail';
  return findings.some(({ answer }) => answer === 'unknown') ? 'unverified' : 'pass';
}

/** As a lockfile would have it, whose registry is known. */
function packageOf({ id, source }: PublishedQuestion, integrity?: Integrity): ResolvedPackage {
  return {
    key: specOf(id),
    id,
    source: { kind: 'registry', resolved: source.url },
    ...(integrity === undefined ? {} : { integrity }),
    use: 'production',
    chain: [id.name],
    hasInstallScript: false,
    bins: [],
  };
}

function unlisted({ id, source }: PublishedQuestion, listed: Told<Manifest>): PublishedFinding {
  const where = tame(source.url, 120);
  return listed.status === 'unavailable'
    ? { about: 'version', answer: 'unknown', because: listed.reason }
    : { about: 'version', answer: 'fail', because: `${where} does not list ${specOf(id)}` };
}

async function served(question: PublishedQuestion, manifest: Manifest): Promise<readonly PublishedFinding[]> {
  const bytes = await fetchTarball(question, manifest);
  if (!('integrity' in bytes)) return [bytes];
  const { integrity } = bytes;
  const [signature, attested] = await Promise.all([
    signatureFinding(question, manifest, integrity),
    attestationFindings(question, manifest, integrity),
  ]);
  return [tarballFinding(question, manifest, integrity), signature, ...attested];
}

type Bytes = { readonly integrity: Integrity };

/** What is compared from here on is what the bytes themselves hash to. */
async function fetchTarball(
  { registry, id }: PublishedQuestion,
  { tarball }: Manifest,
): Promise<Bytes | PublishedFinding> {
  try {
    const found = tarball === undefined ? undefined : await registry.delivery.tarball(tarball);
    if (found === undefined) {
      return { about: 'tarball', answer: 'fail', because: `the tarball of ${specOf(id)} is not there` };
    }
    const text = `sha512-${createHash('sha512').update(found).digest('base64')}`;
    const integrity = parseIntegrity(text);
    return integrity === undefined
      ? { about: 'tarball', answer: 'unknown', because: 'it cannot be hashed' }
      : { integrity };
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return { about: 'tarball', answer: 'unknown', because: (error satisfies NpmsignError).message };
  }
}

function tarballFinding(
  { signed }: PublishedQuestion,
  { integrity: stated }: Manifest,
  integrity: Integrity,
): PublishedFinding {
  const about = 'tarball' as const;
  const listed = stated === undefined ? undefined : parseIntegrity(stated);
  if (listed === undefined || !sameIntegrity(listed, integrity)) {
    return { about, answer: 'fail', because: 'the tarball is not the one the registry itself lists' };
  }
  const hex = Buffer.from(integrity.hashes[0]?.digest ?? '', 'base64').toString('hex');
  if (signed !== undefined && signed.sha512 !== hex) {
    return {
      about,
      answer: 'fail',
      because: 'the registry serves another tarball than the one that was signed',
    };
  }
  const because =
    signed === undefined
      ? 'the tarball is the one the registry lists'
      : 'the tarball is the one that was signed';
  return { about, answer: 'pass', because };
}

async function signatureFinding(
  question: PublishedQuestion,
  manifest: Manifest,
  integrity: Integrity,
): Promise<PublishedFinding> {
  const about = 'signature' as const;
  const keys = await keysOf(question);
  if ('reason' in keys) return { about, answer: 'unknown', because: keys.reason };
  if (keys.keys.length === 0 && manifest.signatures.length === 0) {
    return { about, answer: 'pass', because: 'this registry does not sign' };
  }
  const { signatures } = manifest;
  const proof = await verifyRegistrySignature({ id: question.id, integrity, signatures, keys: keys.keys });
  return findingOf(about, proof, ({ keyid }) => `the registry signed it with key ${tame(keyid, 100)}`);
}

type Keys = { readonly keys: readonly RegistryKey[] } | { readonly reason: string };

async function keysOf(question: PublishedQuestion): Promise<Keys> {
  const { source, registry, trust } = question;
  if (source.keys.kind === 'npm') return { keys: trust.npmKeys };
  const told = await registry.keys(packageOf(question));
  switch (told.status) {
    case 'told':
      return { keys: parseRegistryKeys(told.value) };
    case 'absent':
    case 'notApplicable':
      return { keys: [] };
    case 'unavailable':
      return { reason: told.reason };
  }
}

async function attestationFindings(
  question: PublishedQuestion,
  manifest: Manifest,
  integrity: Integrity,
): Promise<readonly PublishedFinding[]> {
  const { id, registry, trust, signed } = question;
  const about = 'provenance' as const;
  if (!manifest.announcesAttestations) {
    const answer = signed !== undefined && signed.bundle === undefined ? 'pass' : 'fail';
    return [{ about, answer, because: 'the registry announces no attestation' }];
  }
  const told = await registry.attestations(packageOf(question, integrity));
  if (told.status === 'unavailable') return [{ about, answer: 'unknown', because: told.reason }];
  if (told.status !== 'told') {
    return [{ about, answer: 'fail', because: 'the registry announces attestations, and serves none' }];
  }
  const keys = await keysOf(question);
  const proofs = await verifyAttestations({
    id,
    integrity,
    response: told.value,
    trust: trust.material,
    keys: 'keys' in keys ? keys.keys : [],
  });
  return [provenanceFinding(proofs.provenance), ...bundleFinding(signed?.bundle, told.value)];
}

function provenanceFinding(proof: Proof<Provenance>): PublishedFinding {
  // A release attestation holds, and says nothing about how the package was built.
  if (proof.status === 'absent') {
    return { about: 'provenance', answer: 'pass', because: 'what is attested holds; it states no build' };
  }
  return findingOf('provenance', proof, ({ identity }) => {
    const from = identity.repository ?? identity.subject;
    return `built from ${tame(from, 200)}${identity.ref === undefined ? '' : ` at ${tame(identity.ref, 100)}`}`;
  });
}

function bundleFinding(bundle: unknown, answer: unknown): readonly PublishedFinding[] {
  if (bundle === undefined) return [];
  const list: unknown = Object(answer).attestations;
  const isThere = Array.isArray(list) && list.some((each) => isDeepStrictEqual(Object(each).bundle, bundle));
  return isThere
    ? [{ about: 'bundle', answer: 'pass', because: 'the attestation is the one that was made' }]
    : [
        {
          about: 'bundle',
          answer: 'fail',
          because: 'the attestation that was made is not among those it serves',
        },
      ];
}

function findingOf<T>(
  about: PublishedFinding['about'],
  proof: Proof<T>,
  say: (value: T) => string,
): PublishedFinding {
  switch (proof.status) {
    case 'proved':
      return { about, answer: 'pass', because: say(proof.value) };
    case 'refuted':
      return { about, answer: 'fail', because: proof.reason };
    case 'absent':
      return { about, answer: 'fail', because: proof.reason ?? 'the registry has none' };
    case 'unavailable':
    case 'notApplicable':
      return { about, answer: 'unknown', because: proof.reason };
  }
}
