/** Reads the files of a policy from disk: regular, of bounded size, in UTF-8. */
import { lstat, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PolicyFileError } from '../errors.ts';
import { MAX_BYTES } from '../text/document.ts';
import { tame } from '../text/sanitize.ts';

/** Which of the names stand in a folder, as anything at all: a broken link and a folder count. */
export async function readNames(folder: string, names: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(names.map((name) => isThere(join(folder, name))));
  return names.filter((_, index) => found[index]);
}

/** Throws `POLICY_MISSING` when there is nothing, `POLICY_UNREADABLE` when it is no regular file of at most 1 MiB. */
export async function readSize(file: string, shown: string): Promise<number> {
  const found = await stat(file).catch((cause: unknown) => {
    throw unreadable(shown, cause);
  });
  if (!found.isFile()) throw new PolicyFileError('POLICY_UNREADABLE', `${tame(shown)} is no regular file.`);
  if (found.size <= MAX_BYTES) return found.size;
  throw new PolicyFileError('POLICY_UNREADABLE', `${tame(shown)} is larger than ${MAX_BYTES} bytes.`);
}

/** The text of a file. Throws as `readSize` does, and `POLICY_UNREADABLE` when it is not UTF-8. */
export async function readText(file: string, shown: string): Promise<string> {
  await readSize(file, shown);
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw unreadable(shown, cause);
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new PolicyFileError('POLICY_UNREADABLE', `${tame(shown)} is not UTF-8.`, {
      cause,
      hint: 'Save it as UTF-8 without a byte order mark.',
    });
  }
}

/** The path without links. Throws as `readSize` does. */
export async function readRealPath(file: string, shown: string): Promise<string> {
  return await realpath(file).catch((cause: unknown) => {
    throw unreadable(shown, cause);
  });
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (cause) {
    if (isAbsence(cause)) return false;
    throw unreadable(path, cause);
  }
}

function unreadable(shown: string, cause: unknown): PolicyFileError {
  return isAbsence(cause)
    ? new PolicyFileError('POLICY_MISSING', `There is no file ${tame(shown)}.`, { cause })
    : new PolicyFileError('POLICY_UNREADABLE', `${tame(shown)} cannot be opened.`, { cause });
}

function isAbsence(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR');
}
