/** Finds the lockfile that a project's package manager obeys; where that cannot be known, none. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { TreeError } from '../errors.ts';
import type { Host } from '../model/host.ts';
import { tame } from '../text/sanitize.ts';
import { isFile, readJson, readLockfile, readText } from './files.ts';
import { isBranchLockfile, LOCKFILES, type ManagerName } from './names.ts';
import { isFields } from './npm-entry.ts';
import { assertNothingPassed, findStart, type Start } from './start.ts';
import { workspacePatterns } from './workspace-patterns.ts';

/** Where a project is, and its lockfile, absent where no manager has written one yet. Both absolute. */
export type ProjectPlace = { readonly root: string; readonly lockfile?: string };

/**
 * The absolute path of the lockfile of the project that `host.cwd` is in: the one its package manager would install from there, be that a
 * folder above, and from a workspace the workspace root's. Throws `TreeError`: one manager's lockfile beside another's is never a guess,
 * whatever package.json says.
 */
export async function findLockfile(host: Host): Promise<string> {
  const { start, root, pnpmRoot } = await findRoots(host);
  await assertNothingPassed(start, host.cwd);
  const present = [
    ...(await lockfilesIn(root)),
    ...(pnpmRoot === undefined || pnpmRoot === root
      ? []
      : (await lockfilesIn(pnpmRoot)).filter((file) => managerOf(file) === 'pnpm')),
  ];
  const [first, second] = present;
  if (first === undefined) throw start.kind === 'none' ? noProject(host) : await noLockfile(pnpmRoot ?? root);
  if (second !== undefined && (present.length > 2 || !(await isSame(first, second)))) {
    throw ambiguous(host, present, await managerNamedIn(root));
  }
  if (path.basename(first) === 'npm-shrinkwrap.json' && second === undefined) assertShrinkwrapCounts(host);
  return first;
}

/** The project that `host.cwd` is in. Throws `TreeError` as {@link findLockfile}, but for a lockfile that is missing. */
export async function findProject(host: Host): Promise<ProjectPlace> {
  try {
    const lockfile = await findLockfile(host);
    return { root: path.dirname(lockfile), lockfile };
  } catch (error) {
    if (!(error instanceof TreeError) || error.code !== 'LOCKFILE_MISSING') throw error;
    return { root: await findRoot(host) };
  }
}

/** The root of the project that `host.cwd` is in, whichever lockfiles lie there or on the way to it. */
export async function findRoot(host: Host): Promise<string> {
  const { root, pnpmRoot } = await findRoots(host);
  return pnpmRoot ?? root;
}

type Roots = { readonly start: Start; readonly root: string; readonly pnpmRoot: string | undefined };

async function findRoots({ cwd }: Host): Promise<Roots> {
  const start = await findStart(cwd);
  const root = (await findRootAbove(start.folder, workspacesOfManifest)) ?? start.folder;
  return { start, root, pnpmRoot: await findRootAbove(start.folder, workspacesOfPnpm) };
}

async function noLockfile(root: string): Promise<TreeError> {
  const names = await readdir(root).catch((): string[] => []);
  const settings = [...SETTINGS].find(([name]) => names.includes(name))?.[1];
  const command = COMMANDS[(await managerNamedIn(root)) ?? settings ?? 'npm'];
  const above = await findLockedAbove(root);
  const other =
    above === undefined
      ? ''
      : ` The project in ${tame(above, 200)} has one, and does not count this folder among its workspaces.`;
  return new TreeError('LOCKFILE_MISSING', `${tame(root, 200)} has no lockfile.${other}`, {
    hint: `Run ${command} to write one.`,
  });
}

/** The nearest folder above with a lockfile: whoever stands here may mean that one. */
async function findLockedAbove(dir: string): Promise<string | undefined> {
  for (
    let above = path.dirname(dir), below = dir;
    above !== below;
    below = above, above = path.dirname(above)
  ) {
    if ((await lockfilesIn(above)).length > 0) return above;
  }
  return undefined;
}

/** Files that only one manager reads. */
const SETTINGS: ReadonlyMap<string, ManagerName> = new Map([
  ['pnpm-workspace.yaml', 'pnpm'],
  ['.yarnrc.yml', 'yarn'],
  ['bunfig.toml', 'bun'],
]);

/** What writes a lockfile, and runs no script of a package. */
const COMMANDS: Readonly<Record<ManagerName, string>> = {
  npm: 'npm install --package-lock-only --ignore-scripts',
  pnpm: 'pnpm install --lockfile-only',
  yarn: 'yarn install --mode=update-lockfile (with yarn 1, yarn install --ignore-scripts)',
  bun: 'bun install --lockfile-only',
};

function noProject({ cwd }: Host): TreeError {
  const message = `There is no project here: neither ${tame(cwd, 200)} nor a folder above it has a package.json.`;
  return new TreeError('LOCKFILE_MISSING', message, { hint: 'Run this in the folder of a project.' });
}

async function lockfilesIn(dir: string): Promise<readonly string[]> {
  const names = await readdir(dir).catch((): string[] => []);
  const known = [...LOCKFILES.keys()].filter((name) => names.includes(name));
  const found: string[] = [];
  for (const name of [...known, ...names.filter(isBranchLockfile).sort()]) {
    const file = path.join(dir, name);
    if (await isFile(file)) found.push(file);
  }
  return found;
}

function managerOf(file: string): ManagerName {
  return LOCKFILES.get(path.basename(file)) ?? 'pnpm';
}

/** npm 11 and earlier obey the shrinkwrap, npm 12 and later the other: where they say the same, both do. */
async function isSame(first: string, second: string): Promise<boolean> {
  if (managerOf(first) !== 'npm' || managerOf(second) !== 'npm') return false;
  const [shrinkwrap, lockfile] = await Promise.all([first, second].map((file) => readLockfile(file, file)));
  return shrinkwrap === lockfile;
}

/** npm 12 does not read npm-shrinkwrap.json: it would install what nobody locked. */
function assertShrinkwrapCounts(host: Host): void {
  const major = /^npm\/(\d+)\./.exec(host.env['npm_config_user_agent'] ?? '')?.[1];
  if (major === undefined || Number(major) < 12) return;
  throw new TreeError(
    'LOCKFILE_MISSING',
    `npm ${major} does not read npm-shrinkwrap.json, and there is no package-lock.json.`,
    {
      hint: 'Rename npm-shrinkwrap.json to package-lock.json; the format is the same.',
    },
  );
}

/** What package.json names does not choose: a person who left the other file lying may run the other manager. */
function ambiguous(host: Host, files: readonly string[], named: ManagerName | undefined): TreeError {
  const shown = (file: string) => tame(path.relative(host.cwd, file).replaceAll('\\', '/'), 200);
  const others = files.filter((file) => managerOf(file) !== named);
  const hint =
    named === undefined || others.length === 0 || others.length === files.length
      ? 'Delete those this project does not use, or name one with --lockfile.'
      : `package.json names ${named}: delete ${others.map(shown).join(', ')}, or name one with --lockfile.`;
  const names = files.map(shown).join(', ');
  return new TreeError('LOCKFILE_AMBIGUOUS', `There is more than one lockfile: ${names}.`, { hint });
}

async function managerNamedIn(root: string): Promise<ManagerName | undefined> {
  const manifest = await readJson(path.join(root, 'package.json'));
  const text = isFields(manifest) ? manifest['packageManager'] : undefined;
  const name = typeof text === 'string' ? /^(npm|pnpm|yarn|bun)@/.exec(text)?.[1] : undefined;
  return [...LOCKFILES.values()].find((manager) => manager === name);
}

/** The nearest folder above that counts `dir` among its workspaces. */
async function findRootAbove(
  dir: string,
  patternsIn: (above: string) => Promise<readonly string[]>,
): Promise<string | undefined> {
  for (
    let above = path.dirname(dir), below = dir;
    above !== below;
    below = above, above = path.dirname(above)
  ) {
    const patterns = await patternsIn(above);
    if (patterns.length === 0) continue;
    const { isWorkspace } = await import('./workspaces.ts');
    if (isWorkspace(path.relative(above, dir).replaceAll('\\', '/'), patterns)) return above;
  }
  return undefined;
}

async function workspacesOfManifest(dir: string): Promise<readonly string[]> {
  const manifest = await readJson(path.join(dir, 'package.json'));
  return isFields(manifest) ? workspacePatterns(manifest['workspaces']) : [];
}

async function workspacesOfPnpm(dir: string): Promise<readonly string[]> {
  const text = await readText(path.join(dir, 'pnpm-workspace.yaml'));
  if (text === undefined) return [];
  const { parseYaml } = await import('../text/yaml.ts');
  try {
    return workspacePatterns(parseYaml(text, 'pnpm-workspace.yaml').value);
  } catch (cause) {
    if (!(await isFile(path.join(dir, 'pnpm-lock.yaml')))) return [];
    const place = tame(path.join(dir, 'pnpm-workspace.yaml'), 200);
    throw new TreeError('LOCKFILE_MALFORMED', `${place} cannot be read.`, { cause });
  }
}
