/** The cryptography: digests, public keys, and whether a signature holds. */
import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import { promisify } from 'node:util';
import { bitsOf, childrenOf, oid, oidOf, parseDer, TAG } from './der.ts';
import { refuse } from './fault.ts';

/** The digests that count. SHA-1 does not. */
export type HashName = 'sha256' | 'sha384' | 'sha512';

/** A public key ready to verify with. `hash` is the one its kind signs with by default (Sigstore algorithm registry). */
export type VerifyKey =
  | { readonly kind: 'ec'; readonly key: KeyObject; readonly hash: HashName; readonly curve: Curve }
  | { readonly kind: 'rsa'; readonly key: KeyObject; readonly hash: HashName }
  | { readonly kind: 'ed25519'; readonly key: KeyObject; readonly hash: undefined };

/** A NIST curve: its names, the bytes of a coordinate, the digest that goes with it. */
export type Curve = {
  readonly jwk: string;
  readonly openssl: string;
  readonly size: number;
  readonly hash: HashName;
  /** The field's prime and the group's order (FIPS 186-4, D.1.2). */
  readonly prime: bigint;
  readonly order: bigint;
};

const P256: Curve = {
  jwk: 'P-256',
  openssl: 'prime256v1',
  size: 32,
  hash: 'sha256',
  prime: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
  order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
};
const P384: Curve = {
  jwk: 'P-384',
  openssl: 'secp384r1',
  size: 48,
  hash: 'sha384',
  prime: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
  order: 2n ** 384n - 0x389cb27e0bc8d220a7e5f24db74f58851313e695333ad68dn,
};
const P521: Curve = {
  jwk: 'P-521',
  openssl: 'secp521r1',
  size: 66,
  hash: 'sha512',
  prime: 2n ** 521n - 1n,
  order: 2n ** 521n - 0x5ae79787c40d069948033feb708f65a2fc44a36477663b851449048e16ec79bf7n,
};

const CURVES: ReadonlyMap<string, Curve> = new Map([
  [oid('1.2.840.10045.3.1.7'), P256],
  [oid('1.3.132.0.34'), P384],
  [oid('1.3.132.0.35'), P521],
]);
const CURVE_NAMES: ReadonlyMap<string, Curve> = new Map(
  [P256, P384, P521].map((curve) => [curve.openssl, curve]),
);

const EC_PUBLIC_KEY = oid('1.2.840.10045.2.1');

/** SHA-2 of some bytes. */
export function digest(algorithm: HashName, bytes: Uint8Array): Buffer {
  return Buffer.from(digestText(algorithm, bytes, 'binary'), 'latin1');
}

/** SHA-2 of some bytes as text; `binary` has one character for each byte. Node makes text in a third of the time a buffer takes. */
export function digestText(
  algorithm: HashName,
  bytes: Uint8Array,
  encoding: 'hex' | 'base64' | 'binary',
): string {
  return hash(algorithm, bytes, encoding);
}

/** A SubjectPublicKeyInfo (RFC 5280, 4.1.2.7) as a key. Refuses what may not sign: other kinds, weak RSA, points off the curve. */
export function keyFromSpki(spki: Buffer): VerifyKey {
  const [algorithm, point, extra] = childrenOf(parseDer(spki), TAG.sequence);
  if (algorithm === undefined || point === undefined || extra !== undefined) {
    return refuse('KEY', 'a public key is malformed');
  }
  const [kind, parameters] = childrenOf(algorithm, TAG.sequence);
  if (kind === undefined || oidOf(kind) !== EC_PUBLIC_KEY) return keyFromObject(importSpki(spki, 'spki'));
  const curve = parameters === undefined ? undefined : CURVES.get(oidOf(parameters));
  if (curve === undefined) return refuse('KEY', 'a public key is on a curve that is not accepted');
  return { kind: 'ec', key: importPoint(curve, bitsOf(point)), hash: curve.hash, curve };
}

/** An RSAPublicKey (RFC 8017, A.1.1) as a key. */
export function keyFromPkcs1(der: Buffer): VerifyKey {
  return keyFromObject(importSpki(der, 'pkcs1'));
}

/** A key somebody already imported. */
export function keyFromObject(key: KeyObject): VerifyKey {
  const details = key.asymmetricKeyDetails;
  switch (key.asymmetricKeyType) {
    case 'ec': {
      const curve = CURVE_NAMES.get(details?.namedCurve ?? '');
      return curve === undefined
        ? refuse('KEY', 'a public key is on a curve that is not accepted')
        : { kind: 'ec', key, hash: curve.hash, curve };
    }
    case 'rsa':
      return (details?.modulusLength ?? 0) < 2048
        ? refuse('KEY', 'an RSA key has less than 2048 bits')
        : { kind: 'rsa', key, hash: 'sha256' };
    case 'ed25519':
      return { kind: 'ed25519', key, hash: undefined };
    default:
      return refuse('KEY', 'a public key is of a kind that is not accepted');
  }
}

/**
 * Does the signature hold? EC signatures are DER, RSA ones PKCS #1 v1.5. Computed in Node's thread pool unless `verifyOnThisThread` was called: this is most
 * of what verifying costs, and every core can help.
 */
export async function holds(
  key: VerifyKey,
  bytes: Uint8Array,
  signature: Uint8Array,
  algorithm = key.hash,
): Promise<boolean> {
  const hash = key.hash === undefined ? undefined : algorithm;
  try {
    return place.isHere
      ? verify(hash, bytes, key.key, signature)
      : await verifyInPool(hash, bytes, key.key, signature);
  } catch {
    // OpenSSL reports some malformed signatures as errors: a signature that cannot be read does not hold.
    return false;
  }
}

const verifyInPool = promisify(verify);

/** From now on signatures are verified on this very thread: for one that has nothing else to do, and no core beside it to spare. */
export function verifyOnThisThread(): void {
  place.isHere = true;
}

const place = { isHere: false };

/** The key as base64 of its SubjectPublicKeyInfo. */
export function spkiText(key: KeyObject): string {
  const known = SPKI_TEXTS.get(key);
  if (known !== undefined) return known;
  const text = key.export({ type: 'spki', format: 'der' }).toString('base64');
  SPKI_TEXTS.set(key, text);
  return text;
}

/** Exporting costs as much as a verification, and registry keys are asked for at every package. */
const SPKI_TEXTS = new WeakMap<KeyObject, string>();

function importSpki(der: Buffer, type: 'spki' | 'pkcs1'): KeyObject {
  try {
    return createPublicKey({ key: der, format: 'der', type });
  } catch {
    return refuse('KEY', 'a public key cannot be read');
  }
}

/** Importing coordinates is cheaper than letting OpenSSL search for a decoder. */
function importPoint(curve: Curve, point: Buffer): KeyObject {
  if (point.length !== 1 + 2 * curve.size || point[0] !== 4) {
    return refuse('KEY', 'a public key is not an uncompressed point');
  }
  const x = point.toString('base64url', 1, 1 + curve.size);
  const y = point.toString('base64url', 1 + curve.size);
  try {
    return createPublicKey({ key: { kty: 'EC', crv: curve.jwk, x, y }, format: 'jwk' });
  } catch {
    return refuse('KEY', 'a public key is not a point on its curve');
  }
}
