/** The form of a cache file: many records, then a sorted index. Written once, whole; never changed. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** A key and its record. */
export type Row = { readonly key: Buffer; readonly record: Buffer };

/** An open cache file. Its contents are not trusted: records carry their own seal. */
export type Segment = {
  readonly path: string;
  readonly size: number;
  /** The record under this key, unverified. */
  readonly find: (key: Buffer) => Buffer | undefined;
  /** Every key and record. */
  readonly rows: () => Iterable<Row>;
  readonly close: () => void;
};

// Index row: key, offset of the record (48 bits), its length. Trailer: mark, number of rows, offset of the index.
const KEY = 32;
const ROW = KEY + 6 + 4;
const MARK = Buffer.from('npmsign1', 'latin1');
const TRAILER = MARK.length + 4 + 6;
const MOST_ROWS = 1_000_000;

/** The bytes of a segment file. */
export function segmentOf(rows: readonly Row[]): Buffer {
  const sorted = [...rows].sort((a, b) => Buffer.compare(a.key, b.key));
  const index = Buffer.alloc(sorted.length * ROW);
  let offset = 0;
  sorted.forEach(({ key, record }, row) => {
    key.copy(index, row * ROW);
    index.writeUIntBE(offset, row * ROW + KEY, 6);
    index.writeUInt32BE(record.length, row * ROW + KEY + 6);
    offset += record.length;
  });
  const trailer = Buffer.alloc(TRAILER);
  MARK.copy(trailer);
  trailer.writeUInt32BE(sorted.length, MARK.length);
  trailer.writeUIntBE(offset, MARK.length + 4, 6);
  return Buffer.concat([...sorted.map(({ record }) => record), index, trailer]);
}

/**
 * Opens a segment file. `undefined` for what is truncated, not a segment, not a plain file (links are not followed), or not
 * `owner`'s. Throws only what the system throws on reading.
 */
export function openSegment(path: string, owner: number | undefined): Segment | undefined {
  // Windows has no O_NOFOLLOW; creating a link there needs a privilege.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  const stat = fstatSync(file);
  const { size } = stat;
  const ours = stat.isFile() && (owner === undefined || stat.uid === owner);
  const index = ours ? readIndex(file, size) : undefined;
  if (index === undefined) {
    closeSync(file);
    return undefined;
  }
  const recordAt = (row: number): Buffer | undefined => readRecord(file, { index, row, size });
  return {
    path,
    size,
    find(key) {
      const row = rowOf(index, key);
      return row === undefined ? undefined : recordAt(row);
    },
    *rows() {
      // A forged index can name the same bytes a million times; an honest one never adds up to more than the file.
      let left = size;
      for (let row = 0; row < index.length / ROW; row++) {
        const record = recordAt(row);
        left -= record?.length ?? 0;
        if (left < 0) return;
        if (record !== undefined) yield { key: index.subarray(row * ROW, row * ROW + KEY), record };
      }
    },
    close: () => closeSync(file),
  };
}

function readIndex(file: number, size: number): Buffer | undefined {
  const trailer = readBytes(file, { offset: size - TRAILER, length: TRAILER });
  if (trailer === undefined || !trailer.subarray(0, MARK.length).equals(MARK)) return undefined;
  const rows = trailer.readUInt32BE(MARK.length);
  const offset = trailer.readUIntBE(MARK.length + 4, 6);
  if (rows > MOST_ROWS || offset + rows * ROW + TRAILER !== size) return undefined;
  return readBytes(file, { offset, length: rows * ROW });
}

type Place = { readonly index: Buffer; readonly row: number; readonly size: number };

function readRecord(file: number, { index, row, size }: Place): Buffer | undefined {
  const offset = index.readUIntBE(row * ROW + KEY, 6);
  const length = index.readUInt32BE(row * ROW + KEY + 6);
  // A length beyond the file would only be an attempt to exhaust memory.
  return offset + length <= size ? readBytes(file, { offset, length }) : undefined;
}

function readBytes(
  file: number,
  { offset, length }: { readonly offset: number; readonly length: number },
): Buffer | undefined {
  if (offset < 0) return undefined;
  const bytes = Buffer.allocUnsafe(length);
  return readSync(file, bytes, 0, length, offset) === length ? bytes : undefined;
}

/** Binary search. A forged, unsorted index can only hide records. */
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
