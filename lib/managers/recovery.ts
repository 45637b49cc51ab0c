/** Remembers outside the project how a project was, so that even a run that is killed leaves it restorable. */
import { createHash } from 'node:crypto';
import { lstat, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { GateError, ManagerError } from '../errors.ts';
import type { Host } from '../model/host.ts';
import type { Notice } from '../model/report.ts';
import { openState, type Place, writeWhole } from '../state/index.ts';
import { tame } from '../text/sanitize.ts';
import { type Original, readOriginals, writeOriginals } from './originals.ts';

/** A project that is being changed, and can be put back. */
export type Kept = {
  /** Puts everything back, and forgets. Tells which files had been changed. */
  readonly restore: () => Promise<readonly string[]>;
  /** Lets the changes stand. */
  readonly forget: () => Promise<void>;
};

/** Keeps the project's files, in memory and in a file of the user's own. Throws `GateError` when that cannot be written. */
export async function keepProject(host: Host, root: string): Promise<Kept> {
  const originals = await readOriginals(root, host.cwd);
  const place = placeOf(host, root);
  if (place.kind === 'unusable') throw unwritable(place.reason);
  const file = place.value;
  keepRecord(file, recordOf(host, { root, originals }));
  const forget = (): Promise<void> => rm(file, { force: true });
  return {
    forget,
    async restore() {
      const restored = await writeOriginals(root, originals);
      await forget();
      return restored;
    },
  };
}

/**
 * Puts back what an earlier run left, which was killed before it could. What lay there instead is kept beside the record. Where somebody
 * has worked on the project since, nothing is put back. Throws `ManagerError` `MANAGER_BUSY` while that run still runs.
 */
export async function healProject(host: Host, root: string): Promise<readonly Notice[]> {
  const place = placeOf(host, root);
  // Where nothing can be kept, nothing was changed.
  if (place.kind === 'unusable') return [];
  const file = place.value;
  const record = await readRecord(file, root);
  if (record === undefined) return [];
  refuseWhileRunning(host, record, file);
  const later = await changedSince(record, root);
  if (later.length > 0) return [await setAside(file, later)];
  const replaced = `${file.replace(/\.json$/, '')}.replaced.json`;
  keepRecord(replaced, recordOf(host, { root, originals: await readOriginals(root, host.cwd) }));
  const restored = await writeOriginals(root, record.originals);
  await rm(file, { force: true });
  if (restored.length === 0) return [];
  const message =
    `An earlier npmsign install was killed before its verdict. ${restored.map((name) => tame(name, 200)).join(', ')} ` +
    `${restored.length === 1 ? 'is' : 'are'} as before it; what lay there is kept in ${tame(replaced, 300)}.`;
  return [{ code: 'PROJECT_RESTORED', message }];
}

/** The files that were written when that run can no longer have been at work. */
async function changedSince({ originals, keptAt }: ProjectRecord, root: string): Promise<readonly string[]> {
  const later = await Promise.all(
    originals.map(async ({ file }) => {
      const stats = await lstat(path.join(root, file)).catch(absentOrThrow);
      return stats !== undefined && stats.mtimeMs > keptAt + LONGEST_RUN ? [file] : [];
    }),
  );
  return later.flat();
}

async function setAside(file: string, later: readonly string[]): Promise<Notice> {
  const kept = `${file.replace(/\.json$/, '')}.before.json`;
  await rename(file, kept);
  const message =
    `An earlier npmsign install was killed before its verdict, and ${later.map((name) => tame(name, 200)).join(', ')} ` +
    `${later.length === 1 ? 'was' : 'were'} changed since: nothing is put back. How the project was before it is kept in ${tame(kept, 300)}.`;
  return { code: 'PROJECT_LEFT_AS_IT_IS', message };
}

type ProjectRecord = {
  readonly process: number;
  readonly startedAt: number;
  readonly originals: readonly Original[];
  /** When the record was written, by the clock of the files; milliseconds since 1970. */
  readonly keptAt: number;
};

/** A number of a process is given to another one day: no run resolves for so long. */
const LONGEST_RUN = 60 * 60 * 1000;

function refuseWhileRunning({ self, now }: Host, { process, startedAt }: ProjectRecord, file: string): void {
  const isRecent = Math.abs(now.getTime() - startedAt) < LONGEST_RUN;
  if (self === undefined || process === self.id || !isRecent || !self.isRunning(process)) return;
  throw new ManagerError('MANAGER_BUSY', `Another npmsign install is at work here, process ${process}.`, {
    hint: `Wait for it. If there is none, delete ${tame(file, 300)}, which holds the project as it was.`,
  });
}

/** The record of a project lies where nobody but this user can write. */
function placeOf(host: Host, root: string): Place<string> {
  const folder = openState(host, 'unfinished');
  if (folder.kind === 'unusable') return folder;
  const name = `${createHash('sha256').update(root).digest('hex')}.json`;
  return { kind: 'usable', value: path.join(folder.value, name) };
}

function recordOf(
  { self, now }: Host,
  { root, originals }: { readonly root: string; readonly originals: readonly Original[] },
): object {
  return {
    schema: 1,
    project: root,
    process: self?.id ?? 0,
    startedAt: now.getTime(),
    files: originals.map(({ file, bytes }) => [file, bytes === undefined ? null : bytes.toString('base64')]),
  };
}

function keepRecord(file: string, record: object): void {
  try {
    writeWhole(file, Buffer.from(JSON.stringify(record)));
  } catch (cause) {
    throw unwritable(`${tame(file, 300)} cannot be written`, cause);
  }
}

function unwritable(reason: string, cause?: unknown): GateError {
  return new GateError('PROJECT_NOT_KEPT', `The project cannot be kept while it is changed: ${reason}.`, {
    hint: 'Set XDG_STATE_HOME to a folder that only you can write.',
    cause,
  });
}

/** The record of that project; `undefined` when there is none, or one that nobody here wrote. */
async function readRecord(file: string, root: string): Promise<ProjectRecord | undefined> {
  const stats = await lstat(file).catch(absentOrThrow);
  if (stats === undefined) return undefined;
  const record = stats.isFile() ? recordIn(await readFile(file, 'utf8'), root) : undefined;
  if (record !== undefined) return { ...record, keptAt: stats.mtimeMs };
  throw new GateError('PROJECT_NOT_RESTORED', `${tame(file, 300)} is no record that npmsign wrote.`, {
    hint: 'Look at the project, restore it from version control if need be, and delete that file.',
  });
}

function recordIn(text: string, root: string): Omit<ProjectRecord, 'keptAt'> | undefined {
  const value = parsed(text);
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('schema' in value && value.schema === 1 && 'project' in value && value.project === root))
    return undefined;
  if (!('process' in value && 'startedAt' in value && 'files' in value && Array.isArray(value.files)))
    return undefined;
  const { process, startedAt, files } = value;
  if (typeof process !== 'number' || typeof startedAt !== 'number') return undefined;
  const originals = files.map(originalIn).filter((original) => original !== undefined);
  return originals.length === files.length ? { process, startedAt, originals } : undefined;
}

function originalIn(entry: unknown): Original | undefined {
  const [file, base64]: unknown[] = Array.isArray(entry) ? entry : [];
  if (typeof file !== 'string' || path.isAbsolute(file) || file.startsWith('..')) return undefined;
  if (base64 === null) return { file };
  return typeof base64 === 'string' ? { file, bytes: Buffer.from(base64, 'base64') } : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

function absentOrThrow(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
