/** The package managers the strong gate is proved with, each as a program on `PATH` and by its own words. */
import { chmodSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bun, type Manager, type NpmMajor, npmOf, pnpmOf, yarn1, yarn4 } from '../support/managers.ts';
import { aTempDirectory } from '../support/temp.ts';

/** One manager, and what it is called, writes and takes. */
export type Contestant = {
  /** Such as `npm 12`. */
  readonly title: string;
  /** The command's name. */
  readonly name: string;
  readonly lockfile: string;
  readonly manager: Manager;
  /** A folder for `PATH` in which the manager has its usual name, and beside it the node it runs on. */
  readonly bin: string;
  /** Writes a lockfile, by the manager itself; whatever it leaves besides is removed by who calls it. */
  readonly lock: readonly string[];
  /** Installs what is locked. */
  readonly frozen: readonly string[];
  /** Names a package on the command line of `npmsign install`, as a development dependency. */
  readonly asDevelopment: string;
};

const MAKERS: ReadonlyMap<string, () => Promise<Manager>> = new Map([
  ...([10, 11, 12] as const).map((major) => [`npm ${major}`, () => anNpm(major)] as const),
  ...([10, 11, 12] as const).map((major) => [`pnpm ${major}`, () => pnpmOf(major)] as const),
  ['yarn 1', yarn1],
  ['yarn 4', yarn4],
  ['bun', bun],
]);

/** The titles of all of them. */
export const TITLES: readonly string[] = [...MAKERS.keys()];

/** One of them, by its title. Throws, saying why, when it cannot be had. */
export async function contestantOf(title: string): Promise<Contestant> {
  const make = MAKERS.get(title);
  if (make === undefined) throw new Error(`There is no ${title} here.`);
  const [name = ''] = title.split(' ');
  return aContestant({ title, name, manager: await make() });
}

async function anNpm(major: NpmMajor): Promise<Manager> {
  const { npmCli, node, ...npm } = await npmOf(major);
  return { ...npm, command: [node, npmCli] };
}

function aContestant({ title, name, manager }: Pick<Contestant, 'title' | 'name' | 'manager'>): Contestant {
  const words = WORDS[name === 'yarn' ? title : name];
  if (words === undefined) throw new Error(`Nobody knows how ${title} is talked to.`);
  return { title, name, manager, bin: binFolder(name, manager), ...words };
}

const WORDS: Readonly<Record<string, Pick<Contestant, 'lockfile' | 'lock' | 'frozen' | 'asDevelopment'>>> = {
  npm: {
    lockfile: 'package-lock.json',
    lock: ['install', '--package-lock-only', '--ignore-scripts'],
    frozen: ['ci'],
    asDevelopment: '-D',
  },
  pnpm: {
    lockfile: 'pnpm-lock.yaml',
    lock: ['install', '--lockfile-only', '--ignore-scripts'],
    frozen: ['install', '--frozen-lockfile'],
    asDevelopment: '-D',
  },
  'yarn 1': {
    lockfile: 'yarn.lock',
    lock: ['install', '--ignore-scripts'],
    frozen: ['install', '--frozen-lockfile'],
    asDevelopment: '-D',
  },
  'yarn 4': {
    lockfile: 'yarn.lock',
    lock: ['install', '--mode=update-lockfile'],
    frozen: ['install', '--immutable'],
    asDevelopment: '-D',
  },
  bun: {
    lockfile: 'bun.lock',
    lock: ['install', '--lockfile-only', '--ignore-scripts'],
    frozen: ['install', '--frozen-lockfile'],
    asDevelopment: '-d',
  },
};

/** A script starts its program with `exec`, so that a signal meant for the manager reaches it. */
function binFolder(name: string, { command, environment }: Manager): string {
  const dir = aTempDirectory('bin');
  const words = command.map((word) => `'${word}'`).join(' ');
  writeFileSync(path.join(dir, name), `#!/bin/sh\nexec ${words} "$@"\n`);
  chmodSync(path.join(dir, name), 0o755);
  const [nodeFolder = ''] = (environment({})['PATH'] ?? '').split(path.delimiter);
  symlinkSync(path.join(nodeFolder, 'node'), path.join(dir, 'node'));
  return dir;
}
