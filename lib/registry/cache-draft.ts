/** A cache file while it is written: records go to disk as they come, so that it takes no memory but an index. */
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { digestOf, endOf, type Row, rowBytes } from './cache-segment.ts';

/** A draft. All of it throws what the system throws. */
export type Draft = {
  /** Bytes of records so far. */
  readonly size: () => number;
  /** The last record added under this key. */
  readonly find: (key: Buffer) => Buffer | undefined;
  readonly has: (key: Buffer) => boolean;
  readonly add: (row: Row) => void;
  /** Makes it a whole file of this name, sealed; others see all of it or nothing. */
  readonly finish: (path: string, seal: Buffer) => void;
  /** Takes it away. */
  readonly discard: () => void;
};

type Placed = { readonly offset: number; readonly length: number; readonly digest: Buffer };

// A call of the system costs more than what it copies.
const AT_ONCE = 256 * 1024;

/** Begins a file in this directory, under the name of a draft until it is finished. */
export function createDraft(directory: string): Draft {
  const path = join(directory, `draft-${randomBytes(8).toString('hex')}`);
  const file = openSync(path, 'wx+', 0o600);
  const tail = createTail(file);
  const places = new Map<string, Placed>();
  const state = { closed: false };
  const close = (): void => {
    if (!state.closed) closeSync(file);
    state.closed = true;
  };
  const nameOf = (key: Buffer): string => key.toString('latin1');
  return {
    size: tail.end,
    has: (key) => places.has(nameOf(key)),
    find(key) {
      const place = places.get(nameOf(key));
      if (place === undefined) return undefined;
      const record = tail.read(place.offset, place.length);
      return record !== undefined && digestOf(record).equals(place.digest) ? record : undefined;
    },
    add({ key, record }) {
      places.set(nameOf(key), { offset: tail.end(), length: record.length, digest: digestOf(record) });
      tail.add(record);
    },
    finish(name, seal) {
      const rows = [...places].map(([key, place]) => rowBytes({ key: Buffer.from(key, 'latin1'), ...place }));
      tail.add(endOf(rows, { offset: tail.end(), seal }));
      tail.flush();
      close();
      renameSync(path, join(dirname(path), name));
    },
    discard() {
      close();
      unlinkSync(path);
    },
  };
}

type Tail = {
  readonly end: () => number;
  readonly add: (bytes: Buffer) => void;
  readonly read: (offset: number, length: number) => Buffer | undefined;
  readonly flush: () => void;
};

/** The end of the file, in memory until there is enough to write. */
function createTail(file: number): Tail {
  const waiting = Buffer.allocUnsafeSlow(AT_ONCE);
  const at = { written: 0, waiting: 0 };
  const write = (bytes: Buffer): void => {
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(file, bytes, done, bytes.length - done, at.written + done);
    }
    at.written += bytes.length;
  };
  const flush = (): void => {
    write(waiting.subarray(0, at.waiting));
    at.waiting = 0;
  };
  return {
    end: () => at.written + at.waiting,
    flush,
    add(bytes) {
      if (at.waiting + bytes.length > AT_ONCE) flush();
      if (bytes.length > AT_ONCE) {
        write(bytes);
        return;
      }
      at.waiting += bytes.copy(waiting, at.waiting);
    },
    read(offset, length) {
      const start = offset - at.written;
      if (start >= 0) return Buffer.from(waiting.subarray(start, start + length));
      const bytes = Buffer.allocUnsafeSlow(length);
      return readSync(file, bytes, 0, length, offset) === length ? bytes : undefined;
    },
  };
}
