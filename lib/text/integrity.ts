/** Parses and compares Subresource Integrity values; only the strongest algorithm counts. */
import type { Integrity, IntegrityHash } from '../model/package.ts';

/** Canonical base64 of 64, 48, 32 and 20 bytes: as many letters, and no bit set behind the last byte (RFC 4648, section 3.5). */
const DIGESTS = {
  sha512: /^[A-Za-z\d+/]{85}[AQgw]==$/,
  sha384: /^[A-Za-z\d+/]{64}$/,
  sha256: /^[A-Za-z\d+/]{42}[AEIMQUYcgkosw048]=$/,
  sha1: /^[A-Za-z\d+/]{26}[AEIMQUYcgkosw048]=$/,
} as const;
const STRONGEST_FIRST = ['sha512', 'sha384', 'sha256', 'sha1'] as const;

/**
 * Parses an SRI value (W3C Subresource Integrity, section 3.5). `undefined` unless every part of it is a well-formed hash.
 * Stricter than the specification: base64 must be canonical and of the algorithm's exact length, unknown algorithms and options are
 * refused. npm's own parser splits at any Unicode white space and drops what it cannot read, so a lenient reading here could see
 * fewer hashes than npm accepts.
 */
export function parseIntegrity(text: string): Integrity | undefined {
  const hashes: IntegrityHash[] = [];
  for (const part of text.trim().split(/\s+/u)) {
    const hash = parseHash(part);
    if (hash === undefined) return undefined;
    hashes.push(hash);
  }
  return { text, hashes };
}

/** The strongest hash, or `undefined` when two different hashes of that algorithm compete. */
export function strongestHash(integrity: Integrity): IntegrityHash | undefined {
  for (const algorithm of STRONGEST_FIRST) {
    const found = integrity.hashes.filter((hash) => hash.algorithm === algorithm);
    const first = found[0];
    if (first === undefined) continue;
    return found.every((hash) => hash.digest === first.digest) ? first : undefined;
  }
  return undefined;
}

/** The one sha512 digest as lower-case hex, or `undefined` when there is none or more than one. */
export function sha512Hex(integrity: Integrity): string | undefined {
  const hash = strongestHash(integrity);
  return hash?.algorithm === 'sha512' ? Buffer.from(hash.digest, 'base64').toString('hex') : undefined;
}

/** Do both values name the same bytes, by the strongest algorithm of each? Different algorithms never match. */
export function sameIntegrity(a: Integrity, b: Integrity): boolean {
  const [left, right] = [strongestHash(a), strongestHash(b)];
  if (left === undefined || right === undefined) return false;
  return left.algorithm === right.algorithm && left.digest === right.digest;
}

function parseHash(part: string): IntegrityHash | undefined {
  const dash = part.indexOf('-');
  const algorithm = STRONGEST_FIRST.find((name) => name === part.slice(0, dash));
  if (algorithm === undefined) return undefined;
  const digest = part.slice(dash + 1);
  return DIGESTS[algorithm].test(digest) ? { algorithm, digest } : undefined;
}
