/** Reads the project's lockfile into a tree, and what the project allows to run at install. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { TreeError } from '../errors.ts';
import type { Host } from '../model/host.ts';
import type { Allowances, Tree } from '../model/package.ts';
import { tame } from '../text/sanitize.ts';
import { allowancesOf } from './allowances.ts';
import { chainsOf } from './chains.ts';
import { npm } from './npm.ts';
import { isFields } from './npm-entry.ts';
import { isWorkspace, workspacePatterns } from './workspaces.ts';

/** A real lockfile of this size would hold a quarter of a million packages. */
const LARGEST = 128 * 1024 * 1024;
const CREATE = 'Run npm install --package-lock-only --ignore-scripts to write one.';

/** Lockfiles of managers other than npm, by file name. */
const FOREIGN: ReadonlyMap<string, string> = new Map([
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
]);

/**
 * Reads the lockfile of the project in `host.cwd`, or the one `file` names. From a workspace folder it is the workspace root's, as in npm.
 * Throws `TreeError`.
 */
export async function readTree(host: Host, file?: string): Promise<Tree> {
  const found = file === undefined ? await findLockfile(host) : path.resolve(host.cwd, file);
  assertFormat(path.basename(found));
  const shown = path.relative(host.cwd, found).replaceAll('\\', '/');
  return parseTree({
    file: shown,
    text: await readLockfile(found, shown),
    manifest: await readText(path.join(path.dirname(found), 'package.json')),
  });
}

/** A lockfile as text, from wherever it was read, such as an earlier revision. */
export type TreeText = {
  /** Its name as it is shown, such as `HEAD:package-lock.json`. */
  readonly file: string;
  readonly text: string;
  /** The text of the package.json that stood beside it. */
  readonly manifest: string | undefined;
};

/** Parses a lockfile into a tree. Throws `TreeError`. */
export function parseTree({ file, text, manifest }: TreeText): Tree {
  assertFormat(file.split(/[/:]/).at(-1) ?? file);
  const parsed = npm.parse({ text, file: tame(file, 200), manifest: parseTolerantly(manifest) });
  const chains = chainsOf(parsed);
  const packages = parsed.map(({ dependents: _, ...pkg }) => ({ ...pkg, chain: chains.get(pkg.key) ?? [] }));
  return { lockfile: { path: file, format: npm.format }, packages };
}

/**
 * Reads which install scripts the project in `dir` has already reviewed for its package manager. What is missing or malformed allows nothing.
 */
export async function readAllowances(_host: Host, dir: string): Promise<Allowances> {
  return allowancesOf({
    manifest: await readJson(path.join(dir, 'package.json')),
    npmrc: await readText(path.join(dir, '.npmrc')),
    pnpmWorkspace: await readText(path.join(dir, 'pnpm-workspace.yaml')),
  });
}

async function findLockfile(host: Host): Promise<string> {
  const root = (await findWorkspaceRoot(host.cwd)) ?? host.cwd;
  const present: string[] = [];
  for (const name of [...npm.fileNames, ...FOREIGN.keys()]) {
    if (await isFile(path.join(root, name))) present.push(name);
  }
  const first = present[0];
  if (first === undefined) {
    throw new TreeError('LOCKFILE_MISSING', `${tame(root, 200)} has no lockfile.`, { hint: CREATE });
  }
  if (new Set(present.map((name) => FOREIGN.get(name) ?? npm.format)).size > 1) throw ambiguous(present);
  if (present.length > 1 && npm.fileNames.includes(first)) await assertSame(root, present);
  if (first === 'npm-shrinkwrap.json' && present.length === 1) assertShrinkwrapCounts(host);
  return path.join(root, first);
}

/** npm 11 and earlier obey the shrinkwrap, npm 12 and later the other: they must say the same. */
async function assertSame(root: string, names: readonly string[]): Promise<void> {
  const [shrinkwrap, lockfile] = await Promise.all(
    names.map((name) => readLockfile(path.join(root, name), name)),
  );
  if (shrinkwrap !== lockfile) throw ambiguous(names);
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

function ambiguous(names: readonly string[]): TreeError {
  return new TreeError('LOCKFILE_AMBIGUOUS', `There is more than one lockfile: ${names.join(', ')}.`, {
    hint: 'Delete those this project does not use, or name one with --lockfile.',
  });
}

function assertFormat(name: string): void {
  const format = FOREIGN.get(name);
  if (format === undefined) return;
  throw new TreeError(
    'LOCKFILE_VERSION',
    `${name} is a lockfile of ${format}; this version of npmsign reads npm's lockfiles.`,
    {
      hint: 'Use package-lock.json or npm-shrinkwrap.json, lockfileVersion 2, 3 or 4.',
    },
  );
}

/** The nearest folder above whose package.json counts `dir` among its workspaces. */
async function findWorkspaceRoot(dir: string): Promise<string | undefined> {
  for (
    let above = path.dirname(dir), below = dir;
    above !== below;
    below = above, above = path.dirname(above)
  ) {
    const manifest = await readJson(path.join(above, 'package.json'));
    const patterns = isFields(manifest) ? workspacePatterns(manifest['workspaces']) : [];
    if (isWorkspace(path.relative(above, dir).replaceAll('\\', '/'), patterns)) return above;
  }
  return undefined;
}

async function readLockfile(file: string, shown: string): Promise<string> {
  const stats = await stat(file).catch((cause: unknown) => {
    throw new TreeError('LOCKFILE_MISSING', `There is no lockfile at ${tame(shown, 200)}.`, {
      hint: CREATE,
      cause,
    });
  });
  if (!stats.isFile()) throw new TreeError('LOCKFILE_MALFORMED', `${tame(shown, 200)} is not a file.`);
  if (stats.size > LARGEST) {
    throw new TreeError(
      'LOCKFILE_MALFORMED',
      `${tame(shown, 200)} has ${stats.size} bytes; npmsign reads up to ${LARGEST}.`,
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await readFile(file));
  } catch (cause) {
    throw new TreeError('LOCKFILE_MALFORMED', `${tame(shown, 200)} cannot be read as UTF-8 text.`, { cause });
  }
}

async function readJson(file: string): Promise<unknown> {
  return parseTolerantly(await readText(file));
}

/** A file's JSON; `undefined` where npm too would go on as if there were no such file. */
function parseTolerantly(text: string | undefined): unknown {
  try {
    return JSON.parse((text ?? '').replace(/^\u{feff}/u, ''));
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

async function readText(file: string): Promise<string | undefined> {
  return (await isFile(file)) ? readFile(file, 'utf8').catch(() => undefined) : undefined;
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (stats) => stats.isFile(),
    () => false,
  );
}
