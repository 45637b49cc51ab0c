/** Makes the lockfiles that are judged: a real one out of the ordinary registry, copies of it, or an invented one. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../support/corpus.ts';
import { ownNpm, run } from '../support/managers.ts';
import { aTempDirectory } from '../support/temp.ts';
import { PROJECT } from './dependencies.ts';

/** One entry of a lockfile, as far as the benchmark reads it. */
export type LockEntry = {
  readonly version: string;
  readonly integrity?: string;
  readonly name?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly inBundle?: boolean;
  readonly hasInstallScript?: boolean;
  readonly bin?: Readonly<Record<string, string>> | string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
};

/** A package-lock.json, version 3. */
export type Lockfile = {
  readonly name: string;
  readonly version: string;
  readonly lockfileVersion: number;
  readonly requires: boolean;
  readonly packages: Readonly<Record<string, LockEntry>>;
};

/** A lockfile, and in one phrase where it comes from. */
export type Measured = { readonly lockfile: Lockfile; readonly origin: string };

/** Where everything that takes long to make is kept between runs. */
export const BENCH_CACHE = path.join(projectRoot, 'node_modules/.cache/npmsign-bench');

/** From here on the real tree is taken as it is. */
const REAL_SIZE = 1150;

/** A lockfile of about that many entries: the real tree for 1150, otherwise cut or multiplied. */
export async function lockfileOf(packages: number): Promise<Measured> {
  const real = await realLockfile();
  const base = typeof real === 'string' ? inventedLockfile(REAL_SIZE) : real;
  const origin =
    typeof real === 'string' ? `an invented tree (${real})` : 'a real tree of widely used packages';
  if (packages === REAL_SIZE) return { lockfile: base, origin };
  return {
    lockfile: sized(base, packages),
    origin: `${origin}, ${packages < REAL_SIZE ? 'cut' : 'multiplied'}`,
  };
}

/** The key, name and entry of everything but the project itself. */
export function entriesOf({ packages }: Lockfile): (readonly [string, string, LockEntry])[] {
  return Object.entries(packages)
    .filter(([key]) => key !== '')
    .map(([key, entry]) => [key, entry.name ?? lastName(key), entry] as const);
}

/** The lockfile an ordinary npm writes for the project, made once; or why there is none. */
async function realLockfile(): Promise<Lockfile | string> {
  const wanted = JSON.stringify(PROJECT);
  const digest = createHash('sha256').update(wanted).digest('hex').slice(0, 12);
  const file = path.join(BENCH_CACHE, `package-lock-${digest}.json`);
  if (!existsSync(file)) {
    const dir = aTempDirectory('bench-tree');
    writeFileSync(path.join(dir, 'package.json'), wanted);
    const args = ['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'];
    // The caller's own environment: the machine's registry, proxy and cache.
    const env = Object.fromEntries(Object.entries(process.env).flatMap(([k, v]) => (v ? [[k, v]] : [])));
    const { node, npmCli } = ownNpm();
    const { code } = await run(node, [npmCli, ...args], { cwd: dir, env, timeoutMs: 300_000 });
    if (code !== 0) return `the registry could not be asked; npm ended with ${code}`;
    mkdirSync(BENCH_CACHE, { recursive: true });
    renameSync(path.join(dir, 'package-lock.json'), file);
  }
  // npm wrote it.
  return JSON.parse(readFileSync(file, 'utf8')) as Lockfile;
}

/** A lockfile of a tree nobody published: every package depends on two others. */
export function inventedLockfile(packages: number): Lockfile {
  const nameOf = (index: number) =>
    index % 4 === 0 ? `@scope-${index % 7}/invented-${index}` : `invented-${index}`;
  const entries = Array.from({ length: packages }, (_, index) => {
    const below = [2 * index + 1, 2 * index + 2].filter((child) => child < packages);
    const entry: LockEntry = {
      version: `${index % 9}.${index % 23}.${index % 7}`,
      integrity: inventedIntegrity(nameOf(index)),
      license: 'MIT',
      dependencies: Object.fromEntries(below.map((child) => [nameOf(child), '*'])),
    };
    return [`node_modules/${nameOf(index)}`, entry] as const;
  });
  return withEntries({ [nameOf(0)]: '*' }, entries);
}

/** Copies under other names, or the first entries only. */
function sized(lockfile: Lockfile, packages: number): Lockfile {
  const entries = entriesOf(lockfile).map(([key, , entry]) => [key, entry] as const);
  const copies = Array.from({ length: Math.ceil(packages / entries.length) }, (_, copy) =>
    entries.map(([key, entry]) => (copy === 0 ? ([key, entry] as const) : renamed(key, entry, copy))),
  );
  const chosen = copies.flat().slice(0, packages);
  const topLevel = chosen.map(([key]) => key).filter((key) => key.lastIndexOf('node_modules/') === 0);
  return withEntries(Object.fromEntries(topLevel.map((key) => [lastName(key), '*'])), chosen);
}

function renamed(key: string, entry: LockEntry, copy: number): readonly [string, LockEntry] {
  const other = (name: string) => `${name}.copy${copy}`;
  const { dependencies, optionalDependencies, peerDependencies, name, ...rest } = entry;
  const here = key.split('/node_modules/').map(other).join('/node_modules/');
  const wishes = Object.entries({ dependencies, optionalDependencies, peerDependencies });
  const renamedWishes = wishes.flatMap(([kind, wanted]) => {
    if (wanted === undefined) return [];
    const others = Object.entries(wanted).map(([wish, range]) => [other(wish), range]);
    return [[kind, Object.fromEntries(others)] as const];
  });
  return [
    here,
    {
      ...rest,
      ...(name === undefined ? {} : { name: other(name) }),
      integrity: inventedIntegrity(`${other(name ?? lastName(key))}@${entry.version}`),
      ...Object.fromEntries(renamedWishes),
    },
  ];
}

function withEntries(
  dependencies: Readonly<Record<string, string>>,
  entries: readonly (readonly [string, LockEntry])[],
): Lockfile {
  const { name, version } = PROJECT;
  const root = { name, version, dependencies };
  return {
    ...{ name, version, lockfileVersion: 3, requires: true },
    packages: { '': root, ...Object.fromEntries(entries) },
  };
}

function inventedIntegrity(of: string): string {
  return `sha512-${createHash('sha512').update(of).digest('base64')}`;
}

function lastName(key: string): string {
  return key.slice(key.lastIndexOf('node_modules/') + 'node_modules/'.length);
}
