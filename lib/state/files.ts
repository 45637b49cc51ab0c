/** Reads small files: keys, certificate authorities, client certificates, records. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

import type { Told } from '../model/proof.ts';
import { tame } from '../text/sanitize.ts';

/** The bytes of a small regular file, or why they cannot be had. */
export type SmallFile = Extract<Told<Buffer>, { readonly status: 'told' | 'unavailable' }>;

/** Reads a regular file of at most `limit` bytes. Devices and pipes are refused, so nothing can block or never end. */
export function readSmallFile(path: string, limit: number): SmallFile {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const { size } = fstatSync(file);
    if (!fstatSync(file).isFile()) return unreadable(path, 'is not a regular file');
    if (size > limit) return unreadable(path, `is larger than ${limit} bytes`);
    const bytes = Buffer.allocUnsafeSlow(size);
    const read = readSync(file, bytes, 0, size, 0);
    return { status: 'told', value: bytes.subarray(0, read) };
  } catch (error) {
    return unreadable(path, `cannot be read (${codeOf(error)})`);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function unreadable(path: string, why: string): SmallFile {
  return { status: 'unavailable', reason: `${tame(path)} ${why}` };
}

/** The system's code of an error, such as `ENOENT`; its message may hold anything and is not used. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? tame(code, 60) : 'unknown error';
}
