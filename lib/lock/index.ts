/** The signers seen so far: reads and writes `npmsign.lock.json`, and says what changed. */
import { randomUUID } from 'node:crypto';
import { lstat, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { LockError } from '../errors.ts';
import type { Host } from '../model/host.ts';
import type { Lock, LockEntry } from '../model/lock.ts';
import { LOCK_FILE } from './format.ts';
import { parseLock } from './parse.ts';
import { lockText } from './text.ts';

export { changedPackages, diffTrees } from './diff.ts';
export { LOCK_FILE } from './format.ts';
export { lockNotices } from './notices.ts';
export { type LockRequest, planLock } from './plan.ts';
export { recordedReason } from './reason.ts';
export { lockText } from './text.ts';

/** A lock of this size would hold a hundred thousand release lines. */
const LARGEST = 64 * 1024 * 1024;

/**
 * Reads the signer lock of the project in `dir`. `undefined` only when there is no such file: one that cannot be read throws `LockError`, for a
 * damaged lock must not look like a project that never locked.
 */
export async function readLock(host: Host, dir: string): Promise<Lock | undefined> {
  const file = path.resolve(host.cwd, dir, LOCK_FILE);
  try {
    const stats = await stat(file);
    // A link to a device can be committed: that would be read for ever.
    if (!stats.isFile()) throw new LockError('LOCK_MALFORMED', `${LOCK_FILE} is no regular file.`);
    if (stats.size > LARGEST) {
      throw new LockError('LOCK_MALFORMED', `${LOCK_FILE} is larger than ${LARGEST} bytes.`);
    }
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await readFile(file));
    return { path: file, entries: parseLock(text, LOCK_FILE) };
  } catch (cause) {
    if (cause instanceof LockError) throw cause;
    if (isAbsence(cause)) return undefined;
    const why =
      cause instanceof Error && 'code' in cause && cause.code !== 'ERR_ENCODING_INVALID_ENCODED_DATA';
    const what = why ? `cannot be read (${cause.code})` : 'cannot be read as UTF-8 text';
    throw new LockError('LOCK_MALFORMED', `${LOCK_FILE} ${what}.`, { cause });
  }
}

/**
 * Writes the signer lock of the project in `dir`, whole or not at all: whoever reads it meanwhile sees the old one or the new one. Throws
 * `LockError` `LOCK_UNWRITABLE`, also where something else than an ordinary file has its name.
 */
export async function writeLock(host: Host, dir: string, entries: Iterable<LockEntry>): Promise<string> {
  const file = path.resolve(host.cwd, dir, LOCK_FILE);
  const partial = path.join(path.dirname(file), `.${LOCK_FILE}.${randomUUID()}`);
  try {
    if (!(await isWritable(file)))
      throw new LockError('LOCK_UNWRITABLE', `${LOCK_FILE} is not an ordinary file.`);
    await writeFile(partial, lockText(entries), { flag: 'wx' });
    await rename(partial, file);
    return file;
  } catch (cause) {
    await rm(partial, { force: true });
    if (cause instanceof LockError) throw cause;
    const why = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    throw new LockError('LOCK_UNWRITABLE', `${LOCK_FILE} cannot be written${why}.`, { cause });
  }
}

/** A rename would put a file in the place of a link or a device. */
async function isWritable(file: string): Promise<boolean> {
  try {
    return (await lstat(file)).isFile();
  } catch (cause) {
    if (isAbsence(cause)) return true;
    throw cause;
  }
}

function isAbsence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
