/** Finds programs by absolute path, outside the project: a dependency can ship a command named like any tool. */
import { access, constants, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Host } from '../model/host.ts';

/** What is looked for, and for which project. */
export type ProgramRequest = {
  /** File names, the preferred first, such as `npm.exe` and `npm.cmd`. */
  readonly names: readonly string[];
  /** Absolute path of a folder of the project. Nothing in it, or in the repository around it, is taken. */
  readonly dir: string;
  /** `anywhere`: PATH may name a link to a program that was installed as a package, as managers themselves are. */
  readonly installed: 'anywhere' | 'outside node_modules';
  /** Folders to look in when PATH has none. */
  readonly otherwise?: readonly string[];
};

/** A program: where it was found, and where it really lies. Both absolute. */
export type FoundProgram = { readonly file: string; readonly real: string };

/** The first of these programs on `PATH` that lies neither in the project, nor in the repository around it, nor in a `node_modules/.bin`. */
export async function findProgram(host: Host, request: ProgramRequest): Promise<FoundProgram | undefined> {
  const { outside, grounds } = await sortPath(host, request.dir);
  for (const folder of [...outside, ...(request.otherwise ?? [])]) {
    for (const name of request.names) {
      const file = path.join(folder, name);
      const real = await realpath(file).catch(() => undefined);
      // Judged by where the file really lies and by where PATH says it does: a link in either place is a way in.
      if (real === undefined || isInAny(real, grounds)) continue;
      if (request.installed === 'outside node_modules' && isInModules(real)) continue;
      if (await isProgram(real)) return { file, real };
    }
  }
  return undefined;
}

/** The folders of `PATH`: those outside a project, and those inside it but in no `node_modules`. Relative ones are in neither. */
export type SortedPath = {
  readonly outside: readonly string[];
  readonly inside: readonly string[];
};

/** Sorts `PATH` by whether the project in `dir` can write there. */
export async function sortedPath(host: Host, dir: string): Promise<SortedPath> {
  const { outside, inside } = await sortPath(host, dir);
  return { outside, inside };
}

async function sortPath(
  host: Host,
  dir: string,
): Promise<SortedPath & { readonly grounds: readonly string[] }> {
  const home = host.env['HOME'] ?? host.env['USERPROFILE'];
  const open = home === undefined ? undefined : await realOrSame(home);
  const grounds = (await Promise.all([host.cwd, dir, await repositoryAround(dir)].map(realOrSame)))
    // A project at the root of the disk, or a repository that is the whole home, would leave no place for tools.
    .filter((ground) => path.parse(ground).root !== ground && ground !== open);
  const outside: string[] = [];
  const inside: string[] = [];
  for (const folder of foldersOf(host.env)) {
    const real = await realOrSame(folder);
    if (isInModules(folder)) continue;
    if (isInAny(folder, grounds) || isInAny(real, grounds)) inside.push(folder);
    else outside.push(folder);
  }
  return { outside, inside, grounds };
}

function foldersOf(env: Host['env']): readonly string[] {
  const [, list = ''] = Object.entries(env).find(([name]) => name.toUpperCase() === 'PATH') ?? [];
  // A relative or empty entry means the working directory.
  return list.split(path.delimiter).filter((folder) => path.isAbsolute(folder));
}

function isInModules(place: string): boolean {
  return place.split(/[\\/]/).includes('node_modules');
}

function isInAny(place: string, grounds: readonly string[]): boolean {
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
