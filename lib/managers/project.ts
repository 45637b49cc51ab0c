/** Tells which package manager a project uses, by what lies in the project and nothing else. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { ManagerError } from '../errors.ts';
import { tame } from '../text/sanitize.ts';
import type { ManagerName } from './manager.ts';

/** A project, as far as its package manager is concerned. */
export type Project = {
  /** Absolute path of the folder that holds the lockfile, or would. */
  readonly root: string;
  /** Absolute path; absent where there is none yet. */
  readonly lockfile?: string;
  readonly name: ManagerName;
  /** The exact version package.json asks for. */
  readonly wanted?: string;
  /** Which yarn wrote the lockfile. */
  readonly yarn?: 'classic' | 'berry';
};

/** Where a project is, and its lockfile if it has one. Both absolute. */
export type ProjectPlace = { readonly root: string; readonly lockfile?: string };

/**
 * Reads package.json's `packageManager` and `devEngines.packageManager`, and the lockfile. Where they name different managers it throws
 * `ManagerError`: what is judged must be what is installed. A project that names none uses npm.
 */
export async function readProject({ root, lockfile }: ProjectPlace): Promise<Project> {
  const manifest = await readManifest(root);
  const locked = lockfile === undefined ? undefined : lockfileOwner(lockfile);
  const declared = declaredIn(manifest, locked);
  if (declared !== undefined && locked !== undefined && declared.name !== locked) {
    throw new ManagerError(
      'MANAGER_CONFLICT',
      `package.json names ${declared.name} (${declared.from}), and the lockfile is ${path.basename(lockfile ?? '')}.`,
      { hint: `Let ${declared.name} write its lockfile and delete the other, or correct ${declared.from}.` },
    );
  }
  const name = declared?.name ?? locked ?? 'npm';
  const yarn = name === 'yarn' ? await yarnOf(root, { lockfile, wanted: declared?.version }) : undefined;
  return {
    root,
    name,
    ...(lockfile === undefined ? {} : { lockfile }),
    ...(declared?.version === undefined ? {} : { wanted: declared.version }),
    ...(yarn === undefined ? {} : { yarn }),
  };
}

type Declared = { readonly name: ManagerName; readonly version?: string; readonly from: string };

/** `packageManager` is corepack's: a name, an exact version, perhaps a hash. */
function declaredIn(manifest: object, locked: ManagerName | undefined): Declared | undefined {
  const text = fieldOf(manifest, 'packageManager');
  if (typeof text === 'string') {
    const [, name = '', version] = /^([^@]*)(?:@(\d[\w.-]*))?/.exec(text) ?? [];
    return {
      name: known(name, 'packageManager'),
      from: 'packageManager',
      ...(version === undefined ? {} : { version }),
    };
  }
  const engines = fieldOf(fieldOf(manifest, 'devEngines'), 'packageManager');
  const names = [engines].flat().map((engine) => fieldOf(engine, 'name'));
  const given = names.filter((name) => typeof name === 'string');
  const name = given.find((one) => one === locked) ?? given[0];
  if (name === undefined) return undefined;
  const from = 'devEngines.packageManager';
  return { name: known(name, from), from };
}

function known(name: string, from: string): ManagerName {
  switch (name) {
    case 'npm':
    case 'pnpm':
    case 'yarn':
    case 'bun':
      return name;
    default:
      throw new ManagerError('MANAGER_UNKNOWN', `${from} in package.json names ${tame(name, 60)}.`, {
        hint: 'npmsign runs npm, pnpm, yarn and bun. With another manager, run npmsign verify before it.',
      });
  }
}

function lockfileOwner(lockfile: string): ManagerName {
  const name = path.basename(lockfile);
  if (name === 'package-lock.json' || name === 'npm-shrinkwrap.json') return 'npm';
  if (name === 'pnpm-lock.yaml') return 'pnpm';
  if (name === 'yarn.lock') return 'yarn';
  if (name === 'bun.lock' || name === 'bun.lockb') return 'bun';
  throw new ManagerError('MANAGER_UNKNOWN', `No manager installs from ${tame(name, 100)} by default.`, {
    hint: 'npmsign ci and npmsign install need the lockfile by its usual name.',
  });
}

/** A lockfile of yarn 2 or later begins with `__metadata`. Without a lockfile the wanted version decides, then `.yarnrc.yml`. */
async function yarnOf(
  root: string,
  { lockfile, wanted }: { readonly lockfile: string | undefined; readonly wanted: string | undefined },
): Promise<Project['yarn']> {
  if (lockfile !== undefined) {
    return /^__metadata:/m.test(await readFile(lockfile, 'utf8')) ? 'berry' : 'classic';
  }
  if (wanted !== undefined) return /^[01]\./.test(wanted) ? 'classic' : 'berry';
  const settings = await stat(path.join(root, '.yarnrc.yml')).catch(absentOrThrow);
  return settings === undefined ? undefined : 'berry';
}

async function readManifest(root: string): Promise<object> {
  const text = await readFile(path.join(root, 'package.json'), 'utf8').catch(absentOrThrow);
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text.replace(/^\u{feff}/u, ''));
    return typeof value === 'object' && value !== null ? value : {};
  } catch (cause) {
    throw new ManagerError('MANAGER_UNKNOWN', 'package.json is not JSON.', { cause });
  }
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return new Map<string, unknown>(Object.entries(value)).get(name);
}

function absentOrThrow(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
