/** Finds git by its absolute path, outside the project: a dependency can ship a command of that name. */
import { access, constants, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Host } from '../model/host.ts';

/** The first git on `PATH` that lies neither in the project, nor in the repository around `dir`, nor in any node_modules. */
export async function findGit({ env, cwd, platform }: Host, dir: string): Promise<string | undefined> {
  const name = platform === 'win32' ? 'git.exe' : 'git';
  const grounds = (await Promise.all([cwd, dir, await repositoryAround(dir)].map(realOrSame)))
    // A project at the root of the disk would leave no place for git.
    .filter((ground) => path.parse(ground).root !== ground);
  for (const folder of foldersOf(env)) {
    const found = await realpath(path.join(folder, name)).catch(() => undefined);
    // Judged by where the file really lies and by where PATH says it does: a link in either place is a way in.
    if (found === undefined || [found, folder].some((place) => isIn(place, grounds))) continue;
    if (await isProgram(found)) return found;
  }
  return undefined;
}

function foldersOf(env: Host['env']): readonly string[] {
  const [, list = ''] = Object.entries(env).find(([name]) => name.toUpperCase() === 'PATH') ?? [];
  // A relative or empty entry means the working directory.
  return list.split(path.delimiter).filter((folder) => path.isAbsolute(folder));
}

function isIn(place: string, grounds: readonly string[]): boolean {
  if (place.split(/[\\/]/).includes('node_modules')) return true;
  return grounds.some((ground) => {
    const way = path.relative(ground, place);
    return way === '' || !(way === '..' || way.startsWith(`..${path.sep}`) || path.isAbsolute(way));
  });
}

/** The folder with a `.git` in it, from `dir` upwards, or `dir` itself. */
async function repositoryAround(dir: string): Promise<string> {
  for (let above = dir; ; above = path.dirname(above)) {
    if (await exists(path.join(above, '.git'))) return above;
    if (path.dirname(above) === above) return dir;
  }
}

async function isProgram(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    async () => (await stat(file)).isFile(),
    () => false,
  );
}

function realOrSame(place: string): Promise<string> {
  return realpath(place).catch(() => place);
}

function exists(place: string): Promise<boolean> {
  return stat(place).then(
    () => true,
    () => false,
  );
}
