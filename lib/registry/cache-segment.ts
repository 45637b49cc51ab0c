/** The form of a cache file: many records, then a sealed index of them. Written once, whole; never changed. */
import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** A key and its record. */
export type Row = { readonly key: Buffer; readonly record: Buffer };

/** Whose file it must be: this user's number, where the system has such numbers, and the key only this user has. */
export type Holder = { readonly owner: number | undefined; readonly seal: Buffer };

/** An open cache file. Its index is what this user sealed, and it gives out nothing but what the index has the digest of. */
export type Segment = {
  readonly path: string;
  readonly size: number;
  /** The record under this key. */
  readonly find: (key: Buffer) => Buffer | undefined;
  /** Every key and record that is whole, in the order written. */
  readonly rows: () => Iterable<Row>;
  readonly close: () => void;
};

// Index row: key, digest of the record, its offset (48 bits), its length. Trailer: mark, number of rows, offset of the index, seal.
const KEY = 32;
const DIGEST = 32;
const ROW = KEY + DIGEST + 6 + 4;
const MARK = Buffer.from('npmsign2', 'latin1');
const SEAL = 32;
const TRAILER = MARK.length + 4 + 6 + SEAL;
const MOST_ROWS = 1_000_000;

/** Where a record stands, and its digest. */
export type IndexRow = {
  readonly key: Buffer;
  readonly digest: Buffer;
  readonly offset: number;
  readonly length: number;
};

/** A row of the index. */
export function rowBytes({ key, digest, offset, length }: IndexRow): Buffer {
  const row = Buffer.allocUnsafe(ROW);
  key.copy(row);
  digest.copy(row, KEY);
  row.writeUIntBE(offset, KEY + DIGEST, 6);
  row.writeUInt32BE(length, KEY + DIGEST + 6);
  return row;
}

/**
 * What stands behind the records, which stand in the order they came in: they will be asked for in much the same order. The seal is an HMAC
 * over the index, so that a cache that travelled (CI caches do) or was edited holds nothing we would believe: a told fact has no
 * signature of its own. `offset` is where the records end.
 */
export function endOf(
  rows: readonly Buffer[],
  { offset, seal }: { readonly offset: number; readonly seal: Buffer },
): Buffer {
  // A row begins with its key.
  const index = Buffer.concat(rows.toSorted(Buffer.compare));
  const trailer = Buffer.alloc(TRAILER);
  MARK.copy(trailer);
  trailer.writeUInt32BE(rows.length, MARK.length);
  trailer.writeUIntBE(offset, MARK.length + 4, 6);
  sealOf(index, trailer, seal).copy(trailer, TRAILER - SEAL);
  return Buffer.concat([index, trailer]);
}

/**
 * Opens a segment file. `undefined` for what is truncated, not a segment, not a plain file (links are not followed), or not its
 * holder's. Throws only what the system throws on reading.
 */
export function openSegment(path: string, holder: Holder): Segment | undefined {
  // Windows has no O_NOFOLLOW; creating a link there needs a privilege.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  const stat = fstatSync(file);
  const { size } = stat;
  const ours = stat.isFile() && (holder.owner === undefined || stat.uid === holder.owner);
  const index = ours ? readIndex(file, size, holder.seal) : undefined;
  if (index === undefined) {
    closeSync(file);
    return undefined;
  }
  const read = createReader(file);
  const recordAt = (row: number): Buffer | undefined => {
    const { offset, length, digest } = placeAt(index, row);
    const record = read(offset, length);
    return record !== undefined && digestOf(record).equals(digest) ? record : undefined;
  };
  return {
    path,
    size,
    find(key) {
      const row = rowOf(index, key);
      return row === undefined ? undefined : recordAt(row);
    },
    *rows() {
      const rows = Array.from({ length: index.length / ROW }, (_, row) => row);
      for (const row of rows.sort((a, b) => placeAt(index, a).offset - placeAt(index, b).offset)) {
        const record = recordAt(row);
        if (record !== undefined) yield { key: index.subarray(row * ROW, row * ROW + KEY), record };
      }
    },
    close: () => closeSync(file),
  };
}

/** The index, when it carries the holder's seal. */
function readIndex(file: number, size: number, seal: Buffer): Buffer | undefined {
  const trailer = readBytes(file, size - TRAILER, TRAILER);
  if (trailer?.length !== TRAILER || !trailer.subarray(0, MARK.length).equals(MARK)) return undefined;
  const rows = trailer.readUInt32BE(MARK.length);
  const offset = trailer.readUIntBE(MARK.length + 4, 6);
  if (rows > MOST_ROWS || offset + rows * ROW + TRAILER !== size) return undefined;
  const index = readBytes(file, offset, rows * ROW);
  if (index?.length !== rows * ROW) return undefined;
  return timingSafeEqual(sealOf(index, trailer, seal), trailer.subarray(TRAILER - SEAL)) ? index : undefined;
}

function sealOf(index: Buffer, trailer: Buffer, seal: Buffer): Buffer {
  return createHmac('sha256', seal)
    .update(trailer.subarray(0, TRAILER - SEAL))
    .update(index)
    .digest();
}

/** SHA-256. */
export function digestOf(record: Buffer): Buffer {
  return hash('sha256', record, 'buffer');
}

type Place = { readonly offset: number; readonly length: number; readonly digest: Buffer };

function placeAt(index: Buffer, row: number): Place {
  const at = row * ROW + KEY;
  return {
    digest: index.subarray(at, at + DIGEST),
    offset: index.readUIntBE(at + DIGEST, 6),
    length: index.readUInt32BE(at + DIGEST + 6),
  };
}

// Answers are asked for in much the order they were written in, and a call of the system costs more than what it copies.
const AHEAD = 256 * 1024;
const MOST_WINDOWS = 4;

/** Part of a file, in memory that is used again: what is read out of it is copied. */
type Window = { start: number; length: number; readonly bytes: Buffer };

/** Reads bytes, and what lies behind them along with them. */
function createReader(file: number): (offset: number, length: number) => Buffer | undefined {
  const windows: Window[] = [];
  return (offset, length) => {
    if (length > AHEAD) return readBytes(file, offset, length);
    const window = windows.find(
      ({ start, length: held }) => start <= offset && offset + length <= start + held,
    );
    const found = window ?? readWindow(file, windows, offset);
    const start = offset - found.start;
    return start + length > found.length
      ? undefined
      : Buffer.from(found.bytes.subarray(start, start + length));
  };
}

/** Into the memory of the oldest window. */
function readWindow(file: number, windows: Window[], start: number): Window {
  const oldest = windows.length < MOST_WINDOWS ? undefined : windows.pop();
  const window = oldest ?? { start, length: 0, bytes: Buffer.allocUnsafeSlow(AHEAD) };
  window.start = start;
  window.length = readSync(file, window.bytes, 0, AHEAD, start);
  windows.unshift(window);
  return window;
}

/** At most `length` bytes: fewer where the file ends. */
function readBytes(file: number, offset: number, length: number): Buffer | undefined {
  if (offset < 0) return undefined;
  const bytes = Buffer.allocUnsafeSlow(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, offset));
}

/** Binary search. */
function rowOf(index: Buffer, key: Buffer): number | undefined {
  let low = 0;
  let high = index.length / ROW - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const order = index.compare(key, 0, KEY, middle * ROW, middle * ROW + KEY);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}
