/** Finds the folder that package managers take for a project, or for one of its workspaces, when they are started somewhere inside it. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { TreeError } from '../errors.ts';
import { tame } from '../text/sanitize.ts';
import { isFile } from './files.ts';
import { isBranchLockfile, LOCKFILES } from './names.ts';

/** Where managers begin. */
export type Start =
  /** The nearest folder that is a project's or a workspace's, `cwd` or one above it, and those that were passed on the way up. */
  | { readonly kind: 'project'; readonly folder: string; readonly passed: readonly string[] }
  /** Neither `cwd` nor any folder above it is: `cwd` stands alone. */
  | { readonly kind: 'none'; readonly folder: string };

/**
 * The nearest folder, from `cwd` upward, with a package.json or a `node_modules`: npm's rule, and where there is a package.json that of pnpm,
 * yarn and bun too.
 */
export async function findStart(cwd: string): Promise<Start> {
  const passed: string[] = [];
  for (let folder = path.resolve(cwd); ; folder = path.dirname(folder)) {
    if (
      (await isFile(path.join(folder, 'package.json'))) ||
      (await isFolder(path.join(folder, 'node_modules')))
    ) {
      return { kind: 'project', folder, passed };
    }
    passed.push(folder);
    if (path.dirname(folder) === folder) return { kind: 'none', folder: path.resolve(cwd) };
  }
}

/**
 * yarn 4 begins at a yarn.lock and pnpm at its workspace file, where the others go on upward: neither project may be judged for the other.
 * Throws `TreeError` where what lies below the start is a project to one manager and none to another.
 */
export async function assertNothingPassed(start: Start, cwd: string): Promise<void> {
  if (start.kind === 'none') return;
  for (const folder of start.passed) {
    const names = await readdir(folder).catch((): string[] => []);
    const mark = names.find(
      (name) => LOCKFILES.has(name) || isBranchLockfile(name) || name === 'pnpm-workspace.yaml',
    );
    if (mark === undefined) continue;
    const [shown, project] = [
      path.relative(cwd, path.join(folder, mark)),
      path.relative(cwd, start.folder),
    ].map((file) => tame(file.replaceAll('\\', '/'), 200));
    throw new TreeError(
      'LOCKFILE_AMBIGUOUS',
      `${shown} lies beside no package.json, and the nearest one is in ${project}: which project is meant is not known.`,
      { hint: `Delete it, run this in ${project}, or have npmsign verify judge it with --lockfile.` },
    );
  }
}

async function isFolder(folder: string): Promise<boolean> {
  return stat(folder).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
