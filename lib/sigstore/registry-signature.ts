/** Verifies a registry's signature over a package name, version and the lockfile's integrity. */
import type { RegistrySignature, StatedSignature } from '../model/evidence.ts';
import type { Integrity, PackageId } from '../model/package.ts';
import type { Proof } from '../model/proof.ts';
import { strongestHash } from '../text/integrity.ts';
import { specOf } from '../text/package-id.ts';
import { tame } from '../text/sanitize.ts';
import { holds, keyFromObject } from './crypto.ts';
import { faultOf, refuse } from './fault.ts';
import { base64Of } from './json.ts';
import type { RegistryKey } from './registry-keys.ts';

/** One package as the lockfile pins it, the signatures the registry serves, and its keys. */
export type SignatureQuestion = {
  readonly id: PackageId;
  readonly integrity: Integrity | undefined;
  readonly signatures: readonly StatedSignature[];
  readonly keys: readonly RegistryKey[];
  /** When it was published, ISO 8601, and whether a log proves that or the registry merely says so. */
  readonly publishedAt?: { readonly at: string; readonly proved: boolean };
};

/** More signatures than a registry will ever put on one version. */
const LIMIT = 16;

/**
 * Verifies them. Every one must hold: by a known key, over the lockfile's own integrity, published before the key expired. Where no publish
 * time is known an expired key still counts, as in npm, and `timeFrom` says so. Never rejects.
 */
export async function verifyRegistrySignature(
  question: SignatureQuestion,
): Promise<Proof<RegistrySignature>> {
  const { integrity, signatures } = question;
  if (signatures.length === 0)
    return { status: 'absent', reason: 'the registry serves no signature for this version' };
  if (integrity === undefined || !integrity.hashes.some(({ algorithm }) => algorithm === 'sha512')) {
    return { status: 'unavailable', reason: 'the lockfile has no sha512 that a signature could be over' };
  }
  try {
    const message = messageOf(question.id, integrity);
    if (signatures.length > LIMIT) refuse('MALFORMED', `there are more than ${LIMIT} signatures`);
    const proofs: RegistrySignature[] = [];
    for (const signature of signatures) proofs.push(await verifySignature(signature, message, question));
    const [proof] = proofs;
    return { status: 'proved', value: proof ?? refuse('MALFORMED', 'there is no signature') };
  } catch (error) {
    return { status: 'refuted', reason: faultOf(error).reason };
  }
}

/**
 * What is signed. It uses the lockfile's integrity, not the registry's: a registry that rewrote both would otherwise vouch for itself.
 * Weaker hashes beside the sha512 are no part of it, and no package manager goes by them.
 */
function messageOf(id: PackageId, integrity: Integrity): Buffer {
  const hash = strongestHash(integrity);
  if (hash === undefined)
    return refuse('ARTIFACT', 'the lockfile states two different sha512 for this version');
  return Buffer.from(`${specOf(id)}:${hash.algorithm}-${hash.digest}`, 'utf8');
}

async function verifySignature(
  { keyid, sig }: StatedSignature,
  message: Buffer,
  { keys, publishedAt }: SignatureQuestion,
): Promise<RegistrySignature> {
  const key = keys.find(
    (candidate) => candidate.keyid === keyid && candidate.usages.includes('npm:signatures'),
  );
  if (key === undefined) {
    return refuse(
      'KEY_UNKNOWN',
      `signed with key ${tame(String(keyid), 100)}, which is not among the registry's keys`,
    );
  }
  const { bytes } = base64Of(sig, 'the registry signature');
  if (!(await holds(keyFromObject(key.key), message, bytes))) {
    refuse('MESSAGE_SIGNATURE', "the registry's signature does not hold for the integrity in the lockfile");
  }
  return { keyid, timeFrom: timeFor(key, publishedAt) };
}

/** npm counts a key as valid strictly before its expiry (pacote, `EEXPIREDSIGNATUREKEY`). */
function timeFor(
  { keyid, validUntil }: RegistryKey,
  publishedAt: SignatureQuestion['publishedAt'],
): RegistrySignature['timeFrom'] {
  if (validUntil === undefined || publishedAt === undefined) return 'unknown';
  // A time that cannot be read is NaN, and before nothing.
  if (!(Date.parse(publishedAt.at) < validUntil)) {
    return refuse(
      'KEY_TIME',
      `signed with key ${tame(keyid, 100)}, which had expired when the version was published`,
    );
  }
  return publishedAt.proved ? 'log' : 'told';
}
