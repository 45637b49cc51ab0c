/** The form of one cached answer: when it was given, its validator, and its bytes. */
import { hash } from 'node:crypto';

import type { Packed } from './body.ts';

/** A cached answer. */
export type CacheEntry = {
  readonly packed: Packed;
  readonly etag?: string;
  /** When the server last said so, milliseconds since 1970. */
  readonly checkedAt: number;
};

/** What names an entry: 32 bytes. */
export type CacheKey = Buffer;

// Moment (double), encoding (0: as it is, 1: gzip), length of the validator; then the validator and the bytes.
const HEAD_BYTES = 8 + 1 + 2;

/** The key of what was asked, and how the answer is read. Answers given to different credentials are never shared. */
export function cacheKey(question: {
  readonly url: string;
  readonly kind: string;
  readonly scope: string;
}): CacheKey {
  return hash('sha256', JSON.stringify([question.url, question.kind, question.scope]), 'buffer');
}

/** An entry as bytes. */
export function recordOf({ etag = '', checkedAt, packed }: CacheEntry): Buffer {
  const record = Buffer.allocUnsafe(HEAD_BYTES + etag.length + packed.bytes.length);
  record.writeDoubleBE(checkedAt, 0);
  record.writeUInt8(packed.encoding === 'gzip' ? 1 : 0, 8);
  record.writeUInt16BE(etag.length, 9);
  record.write(etag, HEAD_BYTES, 'latin1');
  packed.bytes.copy(record, HEAD_BYTES + etag.length);
  return record;
}

/** Reads a record back: sealed by us, so its shape is ours. `undefined` for one that is cut short all the same. */
export function entryIn(record: Buffer): CacheEntry | undefined {
  if (record.length < HEAD_BYTES) return undefined;
  const end = HEAD_BYTES + record.readUInt16BE(9);
  if (record.length < end) return undefined;
  const etag = record.toString('latin1', HEAD_BYTES, end);
  return {
    packed: { bytes: record.subarray(end), encoding: record[8] === 1 ? 'gzip' : 'identity' },
    checkedAt: record.readDoubleBE(0),
    ...(etag === '' ? {} : { etag }),
  };
}
