/** The signers seen so far: reads `npmsign.lock.json`. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { LockError } from '../errors.ts';
import type { Host } from '../model/host.ts';
import type { Lock } from '../model/lock.ts';
import { parseLock } from './parse.ts';

export { entryFor, lineOf } from './line.ts';

/** The file's name, beside the lockfile. */
export const LOCK_FILE = 'npmsign.lock.json';

/** A lock of this size would hold a hundred thousand release lines. */
const LARGEST = 64 * 1024 * 1024;

/**
 * Reads the signer lock of the project in `dir`. `undefined` only when there is no such file: one that cannot be read throws `LockError`, for a
 * damaged lock must not look like a project that never locked.
 */
export async function readLock(_host: Host, dir: string): Promise<Lock | undefined> {
  const file = path.join(dir, LOCK_FILE);
  try {
    if ((await stat(file)).size > LARGEST) {
      throw new LockError('LOCK_MALFORMED', `${LOCK_FILE} is larger than ${LARGEST} bytes.`);
    }
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await readFile(file));
    return { path: file, entries: parseLock(text, LOCK_FILE) };
  } catch (cause) {
    if (cause instanceof LockError) throw cause;
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new LockError('LOCK_MALFORMED', `${LOCK_FILE} cannot be read as UTF-8 text.`, { cause });
  }
}
