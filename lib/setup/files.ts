/** Reads and writes the files of a project that `init` edits: whole, as UTF-8, and only if nobody changed them meanwhile. */
import { randomUUID } from 'node:crypto';
import { lstat, mkdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SetupError } from '../errors.ts';
import type { FileChange } from '../model/setup.ts';
import { tame } from '../text/sanitize.ts';

/** The texts of some files of a project; absent ones are left out. Throws `SetupError` `SETUP_UNREADABLE`. */
export async function readFiles(
  project: string,
  files: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const texts = await Promise.all(
    files.map(async (file) => [file, await readFileOf(project, file)] as const),
  );
  return new Map(texts.flatMap(([file, text]) => (text === undefined ? [] : [[file, text] as const])));
}

/**
 * Writes every change or none: all new texts are on disk before the first takes its place, and what was replaced is put back if a later one
 * cannot be. Throws `SetupError`: `SETUP_CHANGED` when a file is no longer what the plan was made for, `SETUP_UNWRITABLE`.
 */
export async function writeChanges(project: string, changes: readonly FileChange[]): Promise<void> {
  const now = await readFiles(
    project,
    changes.map(({ file }) => file),
  );
  const moved = changes.find(({ file, before }) => now.get(file) !== before);
  if (moved !== undefined) {
    throw new SetupError('SETUP_CHANGED', `${moved.file} was changed by somebody else meanwhile.`, {
      hint: 'Run the command again.',
    });
  }
  const done: FileChange[] = [];
  const drafts = await writeDrafts(project, changes);
  try {
    for (const change of changes) {
      await settle(project, change, drafts.get(change.file));
      done.push(change);
    }
  } catch (cause) {
    for (const { file, before } of done.reverse()) await putBack(join(project, file), before);
    throw unwritable('the project', cause);
  } finally {
    for (const draft of drafts.values()) await rm(draft, { force: true });
  }
}

async function readFileOf(project: string, file: string): Promise<string | undefined> {
  const path = join(project, file);
  try {
    const stats = await lstat(path);
    if (!stats.isFile()) throw new SetupError('SETUP_UNREADABLE', `${tame(file)} is not an ordinary file.`);
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await readFile(path));
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR') return undefined;
    if (cause instanceof SetupError) throw cause;
    throw new SetupError('SETUP_UNREADABLE', `${tame(file)} cannot be read as UTF-8 text.`, { cause });
  }
}

/** Every new text in a file beside its place, with the permissions the old one has. */
async function writeDrafts(
  project: string,
  changes: readonly FileChange[],
): Promise<ReadonlyMap<string, string>> {
  const drafts = new Map<string, string>();
  try {
    for (const { file, after } of changes) {
      if (after === undefined) continue;
      const path = join(project, file);
      await mkdir(dirname(path), { recursive: true });
      const mode = (await lstat(path).catch(() => undefined))?.mode ?? 0o644;
      const draft = `${path}.${randomUUID()}.tmp`;
      drafts.set(file, draft);
      await writeFile(draft, after, { flag: 'wx', mode: mode & 0o777 });
    }
    return drafts;
  } catch (cause) {
    for (const draft of drafts.values()) await rm(draft, { force: true });
    throw unwritable('the project', cause);
  }
}

async function settle(project: string, { file }: FileChange, draft: string | undefined): Promise<void> {
  const path = join(project, file);
  if (draft !== undefined) return rename(draft, path);
  await rm(path);
  const folder = dirname(path);
  if (folder !== project) await rmdir(folder).catch(notEmptyOrThrow);
}

async function putBack(path: string, before: string | undefined): Promise<void> {
  if (before === undefined) return rm(path, { force: true });
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, before);
}

function notEmptyOrThrow(error: unknown): void {
  const code = codeOf(error);
  if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
}

function unwritable(what: string, cause: unknown): SetupError {
  return new SetupError(
    'SETUP_UNWRITABLE',
    `${what} cannot be written (${codeOf(cause)}); it is as it was.`,
    { cause },
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
}
