/** The form of one cached answer: bytes under a seal that only this user can make. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

import type { Packed } from './body.ts';
import { isObject, textIn } from './json.ts';

/** A cached answer. */
export type CacheEntry = {
  readonly packed: Packed;
  readonly etag?: string;
  /** When the server last said so, milliseconds since 1970. */
  readonly checkedAt: number;
};

/** What names an entry: 32 bytes. */
export type CacheKey = Buffer;

const MAC_BYTES = 32;
const HEAD_BYTES = MAC_BYTES + 4;

/** The key of what was asked. Answers given to different credentials are never shared. */
export function cacheKey(question: {
  readonly url: string;
  readonly accept: string;
  readonly scope: string;
}): CacheKey {
  const parts = [question.url, question.accept, question.scope];
  return createHash('sha256').update(JSON.stringify(parts)).digest();
}

/**
 * A record: seal, length of the description, description (JSON), bytes. The seal is an HMAC over all of it and the key, so that
 * a cache that travelled (CI caches do) or was edited holds nothing we would believe: a told fact has no signature of its own.
 */
export function recordOf(
  seal: Buffer,
  { key, entry }: { readonly key: CacheKey; readonly entry: CacheEntry },
): Buffer {
  const { etag, checkedAt, packed } = entry;
  const description = Buffer.from(JSON.stringify({ etag, checkedAt, encoding: packed.encoding }), 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(description.length);
  const rest = Buffer.concat([length, description, packed.bytes]);
  return Buffer.concat([macOf(seal, key, rest), rest]);
}

/** Reads a record back. `undefined` for anything but the very bytes this user sealed under this key. */
export function entryIn(
  seal: Buffer,
  { key, record }: { readonly key: CacheKey; readonly record: Buffer },
): CacheEntry | undefined {
  if (record.length < HEAD_BYTES) return undefined;
  const rest = record.subarray(MAC_BYTES);
  if (!timingSafeEqual(macOf(seal, key, rest), record.subarray(0, MAC_BYTES))) return undefined;
  const end = 4 + rest.readUInt32BE(0);
  return describedEntry(rest.subarray(4, end), rest.subarray(end));
}

function macOf(seal: Buffer, key: CacheKey, rest: Buffer): Buffer {
  return createHmac('sha256', seal).update(key).update(rest).digest();
}

/** Sealed by us, so its shape is ours; another version of npmsign may have written it all the same. */
function describedEntry(description: Buffer, bytes: Buffer): CacheEntry | undefined {
  const said: unknown = JSON.parse(description.toString('utf8'));
  if (!isObject(said)) return undefined;
  const { checkedAt, encoding } = said;
  if (typeof checkedAt !== 'number' || (encoding !== 'gzip' && encoding !== 'identity')) return undefined;
  const etag = textIn(said, 'etag');
  return { packed: { bytes, encoding }, checkedAt, ...(etag === undefined ? {} : { etag }) };
}
