/** The package managers the strong gate is proved with, each as a program on `PATH` and by its own words. */
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bun, type Manager, npmOf, pnpmOf, yarn1, yarn4 } from '../support/managers.ts';
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
  /** Names a package on the command line of `npmsign install`, as a development dependency. */
  readonly asDevelopment: string;
};

/** All of them. Throws, saying why, when one cannot be had. */
export async function contestants(): Promise<readonly Contestant[]> {
  const found: Contestant[] = [];
  for (const major of [10, 11, 12] as const) {
    const { npmCli, node, ...npm } = await npmOf(major);
    const manager: Manager = { ...npm, command: [node, npmCli] };
    found.push(aContestant({ title: `npm ${major}`, name: 'npm', manager }));
  }
  for (const major of [10, 11, 12] as const) {
    found.push(aContestant({ title: `pnpm ${major}`, name: 'pnpm', manager: await pnpmOf(major) }));
  }
  found.push(aContestant({ title: 'yarn 1', name: 'yarn', manager: await yarn1() }));
  found.push(aContestant({ title: 'yarn 4', name: 'yarn', manager: await yarn4() }));
  found.push(aContestant({ title: 'bun', name: 'bun', manager: await bun() }));
  return found;
}

function aContestant({ title, name, manager }: Pick<Contestant, 'title' | 'name' | 'manager'>): Contestant {
  const words = WORDS[name === 'yarn' ? title : name];
  if (words === undefined) throw new Error(`Nobody knows how ${title} is talked to.`);
  return { title, name, manager, bin: binFolder(name, manager), ...words };
}

const WORDS: Readonly<Record<string, Pick<Contestant, 'lockfile' | 'lock' | 'asDevelopment'>>> = {
  npm: {
    lockfile: 'package-lock.json',
    lock: ['install', '--package-lock-only', '--ignore-scripts'],
    asDevelopment: '-D',
  },
  pnpm: {
    lockfile: 'pnpm-lock.yaml',
    lock: ['install', '--lockfile-only', '--ignore-scripts'],
    asDevelopment: '-D',
  },
  'yarn 1': { lockfile: 'yarn.lock', lock: ['install', '--ignore-scripts'], asDevelopment: '-D' },
  'yarn 4': { lockfile: 'yarn.lock', lock: ['install', '--mode=update-lockfile'], asDevelopment: '-D' },
  bun: {
    lockfile: 'bun.lock',
    lock: ['install', '--lockfile-only', '--ignore-scripts'],
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
  mkdirSync(dir, { recursive: true });
  symlinkSync(path.join(nodeFolder, 'node'), path.join(dir, 'node'));
  return dir;
}
