/** Which folders belong to the project, so that no policy from outside can apply to it unnoticed. */
import { dirname, resolve } from 'node:path';
import type { Host } from '../model/host.ts';
import { readNames } from './files.ts';

const LOCKFILES = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'bun.lock',
  'bun.lockb',
] as const;

/**
 * The working directory first, then each folder above it up to the project's root, all absolute.
 *
 * The root is the nearest folder, from the working directory upward, that holds a lockfile or `.git`: so a workspace finds the policy of
 * its root, and nothing above the project counts. The home directory is never reached from below, and where no folder has either,
 * the working directory stands alone.
 */
export async function readProjectFolders(host: Host): Promise<readonly string[]> {
  const start = resolve(host.cwd);
  return (await readUpTo([...LOCKFILES, '.git'], start, host)) ?? [start];
}

/** The folders above the project's root that lie in the same git repository, nearest first. */
export async function readFoldersAbove(root: string, host: Host): Promise<readonly string[]> {
  return (await readUpTo(['.git'], root, host))?.slice(1) ?? [];
}

/** From a folder upward to the first that holds one of the marks; `undefined` when none does. Stops below the home directory. */
async function readUpTo(
  marks: readonly string[],
  start: string,
  { env }: Host,
): Promise<readonly string[] | undefined> {
  const homes = [env['HOME'], env['USERPROFILE']].flatMap((home) => (home ? [resolve(home)] : []));
  const folders: string[] = [];
  for (let folder = start; folder === start || !homes.includes(folder); folder = dirname(folder)) {
    folders.push(folder);
    if ((await readNames(folder, marks)).length > 0) return folders;
    if (dirname(folder) === folder) break;
  }
  return undefined;
}
