/** Verifies a signature over a digest when the signed bytes themselves are not at hand. */
import { constants, createECDH, publicDecrypt } from 'node:crypto';
import type { Curve, HashName, VerifyKey } from './crypto.ts';
import { bitsOf, childrenOf, contentOf, parseDer, TAG } from './der.ts';

/** Does the signature hold over bytes with this digest? `undefined`: this kind of key cannot tell without the bytes. */
export function holdsOverDigest(
  key: VerifyKey,
  claim: { readonly algorithm: HashName; readonly digest: Buffer; readonly signature: Buffer },
): boolean | undefined {
  switch (key.kind) {
    case 'ec':
      return ecHolds(key.curve, pointOf(key), claim.digest, claim.signature);
    case 'rsa':
      return rsaHolds(key, claim);
    case 'ed25519':
      return undefined;
  }
}

type Point = { readonly x: bigint; readonly y: bigint };

/**
 * ECDSA verification (FIPS 186-4, 6.4). Node hashes whatever it verifies, so the equation is taken apart: u1·G + u2·Q = u2·(t·G + Q) with
 * t = u1/u2 = e/r. Both multiplications are OpenSSL's (a key pair, a shared secret); the one addition in between is ours. Nothing is secret.
 */
function ecHolds(curve: Curve, q: Point, digest: Buffer, signature: Buffer): boolean {
  const pair = signatureOf(signature);
  if (pair === undefined) return false;
  const { r, s } = pair;
  const n = curve.order;
  if (r <= 0n || r >= n || s <= 0n || s >= n) return false;
  const e = leftmost(digest, curve) % n;
  const u2 = mod(r * inverse(s, n), n);
  const t = mod(e * inverse(r, n), n);
  const sum = t === 0n ? q : add(curve, multiplyBase(curve, t), q);
  if (sum === undefined) return false;
  return multiplyX(curve, u2, sum) % n === r;
}

function signatureOf(signature: Buffer): { readonly r: bigint; readonly s: bigint } | undefined {
  try {
    const [r, s, extra] = childrenOf(parseDer(signature), TAG.sequence);
    if (r === undefined || s === undefined || extra !== undefined) return undefined;
    return { r: positive(contentOf(r, TAG.integer)), s: positive(contentOf(s, TAG.integer)) };
  } catch {
    // Not a DER pair of integers: such a signature does not hold.
    return undefined;
  }
}

/** A DER integer; negative and padded ones become 0, which no signature may contain. */
function positive(content: Buffer): bigint {
  const [first = 0x80, second = 0] = content;
  if (first >= 0x80 || (first === 0 && content.length > 1 && second < 0x80)) return 0n;
  return BigInt(`0x${content.toString('hex')}`);
}

/** The leftmost bits of the digest, as many as the order has (FIPS 186-4, 6.4). */
function leftmost(digest: Buffer, curve: Curve): bigint {
  const bits = curve.order.toString(2).length;
  const excess = Math.max(0, digest.length * 8 - bits);
  return BigInt(`0x${digest.toString('hex')}`) >> BigInt(excess);
}

function pointOf(key: Extract<VerifyKey, { kind: 'ec' }>): Point {
  const [, bits] = childrenOf(parseDer(key.key.export({ type: 'spki', format: 'der' })), TAG.sequence);
  return pointFrom(bits === undefined ? Buffer.alloc(0) : bitsOf(bits), key.curve);
}

function pointFrom(uncompressed: Buffer, curve: Curve): Point {
  return {
    x: BigInt(`0x${uncompressed.toString('hex', 1, 1 + curve.size)}`),
    y: BigInt(`0x${uncompressed.toString('hex', 1 + curve.size)}`),
  };
}

function multiplyBase(curve: Curve, scalar: bigint): Point {
  const pair = createECDH(curve.openssl);
  pair.setPrivateKey(bytesOf(scalar, curve));
  return pointFrom(pair.getPublicKey(), curve);
}

function multiplyX(curve: Curve, scalar: bigint, point: Point): bigint {
  const pair = createECDH(curve.openssl);
  pair.setPrivateKey(bytesOf(scalar, curve));
  const uncompressed = Buffer.concat([Buffer.from([4]), bytesOf(point.x, curve), bytesOf(point.y, curve)]);
  return BigInt(`0x${pair.computeSecret(uncompressed).toString('hex')}`);
}

/** Adds two affine points. `undefined` for the point at infinity, and for a doubling, which only a contrived signature needs. */
function add(curve: Curve, a: Point, b: Point): Point | undefined {
  if (a.x === b.x) return undefined;
  const slope = mod((b.y - a.y) * inverse(mod(b.x - a.x, curve.prime), curve.prime), curve.prime);
  const x = mod(slope * slope - a.x - b.x, curve.prime);
  return { x, y: mod(slope * (a.x - x) - a.y, curve.prime) };
}

function mod(value: bigint, modulus: bigint): bigint {
  const rest = value % modulus;
  return rest < 0n ? rest + modulus : rest;
}

/** Extended Euclid; the modulus is prime and the value is not 0. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [r0, r1, t0, t1] = [modulus, value, 0n, 1n];
  while (r1 > 0n) {
    const quotient = r0 / r1;
    [r0, r1] = [r1, r0 - quotient * r1];
    [t0, t1] = [t1, t0 - quotient * t1];
  }
  return mod(t0, modulus);
}

function bytesOf(value: bigint, curve: Curve): Buffer {
  return Buffer.from(value.toString(16).padStart(curve.size * 2, '0'), 'hex');
}

/** DER of DigestInfo up to the digest itself (RFC 8017, 9.2, note 1). */
const DIGEST_INFO: Readonly<Record<HashName, string>> = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
};

function rsaHolds(
  key: VerifyKey,
  claim: { readonly algorithm: HashName; readonly digest: Buffer; readonly signature: Buffer },
): boolean {
  const expected = Buffer.concat([Buffer.from(DIGEST_INFO[claim.algorithm], 'hex'), claim.digest]);
  try {
    return publicDecrypt({ key: key.key, padding: constants.RSA_PKCS1_PADDING }, claim.signature).equals(
      expected,
    );
  } catch {
    // Wrong length or padding: the signature does not hold.
    return false;
  }
}
