/** Gives every package of a lockfile a tarball that can really be installed, of the size real ones have, and lays them in npm's cache. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { publicRegistry } from '../support/public-registry.ts';
import { packTarball } from '../support/registry/tarball.ts';
import { BENCH_CACHE, entriesOf, type LockEntry, type Lockfile } from './lockfile.ts';

/** A lockfile whose integrities are those of tarballs, and the npm cache they lie in. */
export type Installable = {
  readonly lockfile: Lockfile;
  readonly cache: string;
  readonly tarballs: readonly Tarball[];
};

/** One of them: what it weighs as it lies in the cache and on disk. */
export type Tarball = {
  readonly integrity: string;
  readonly bytes: number;
  readonly unpacked: number;
  readonly files: number;
};

// Another number makes all tarballs anew.
const GENERATION = 1;

/** An installable tree like that of `lockfile`, without install scripts. Its tarballs are made once, and kept in an npm cache of their own. */
export function installableOf(lockfile: Lockfile): Installable {
  const digest = createHash('sha256')
    .update(`${GENERATION} ${JSON.stringify(lockfile)}`)
    .digest('hex');
  const cache = path.join(BENCH_CACHE, `npm-cache-${digest.slice(0, 12)}`);
  const list = path.join(cache, 'tarballs.json');
  const entries = entriesOf(lockfile).filter(([, , { link }]) => link !== true);
  if (!existsSync(list)) {
    const distinct = new Map(entries.map(([, name, entry]) => [`${name}@${entry.version}`, { name, entry }]));
    const made = [...distinct].map(([spec, of]) => [spec, keepTarball(cache, of.name, of.entry)] as const);
    writeFileSync(list, JSON.stringify(made));
  }
  // Written above.
  const tarballs = new Map(JSON.parse(readFileSync(list, 'utf8')) as [string, Tarball][]);
  const locked = new Set(entries.map(([key]) => key.slice(key.lastIndexOf('node_modules/') + 13)));
  const pinned = entries.map(([key, name, entry]) => {
    const integrity = tarballs.get(`${name}@${entry.version}`)?.integrity ?? '';
    return [key, { ...entryOf(entry, locked), resolved: addressOf(name, entry), integrity }] as const;
  });
  const roots = Object.entries(lockfile.packages).filter(([key]) => key === '');
  const packages = Object.fromEntries([...roots, ...pinned]);
  return { lockfile: { ...lockfile, packages }, cache, tarballs: [...tarballs.values()] };
}

function addressOf(name: string, { version }: LockEntry): string {
  return `${publicRegistry()}${name}/-/${name.replace(/^@[^/]*\//, '')}-${version}.tgz`;
}

/** What lay inside another package is fetched like the rest; an optional package that was left out of the tree is not asked for. */
function entryOf(entry: LockEntry, locked: ReadonlySet<string>): LockEntry {
  const unwanted = ['inBundle', 'bundleDependencies', 'hasInstallScript'];
  const kept = Object.entries(entry).flatMap(([field, value]) => {
    if (unwanted.includes(field)) return [];
    if (field !== 'optionalDependencies') return [[field, value]];
    return [[field, Object.fromEntries(Object.entries(value).filter(([wish]) => locked.has(wish)))]];
  });
  return { ...Object.fromEntries(kept), version: entry.version };
}

/** Of a hundred packages so many have that many files, of so many KB together: what lies in a real node_modules. */
const SIZES = [
  { of: 25, files: 5, kilobytes: 15 },
  { of: 25, files: 9, kilobytes: 40 },
  { of: 25, files: 20, kilobytes: 120 },
  { of: 15, files: 60, kilobytes: 450 },
  { of: 7, files: 150, kilobytes: 1500 },
  { of: 3, files: 300, kilobytes: 3500 },
] as const;

/** The size follows from the name, so that runs agree. */
function filesOf(name: string, { version, bin, dependencies }: LockEntry): ReadonlyMap<string, string> {
  const chance = createHash('sha512').update(`${name}@${version}`).digest();
  const list = SIZES.flatMap(({ of, ...size }) => Array.from({ length: of }, () => size));
  const { files, kilobytes } = list[chance.readUInt32BE(0) % 100] ?? SIZES[0];
  const length = Math.floor((kilobytes * 1024) / files);
  const sources = Array.from({ length: files }, (_, index) => {
    const from = (chance.readUInt32BE(4) + index * 7919) % (TEXT.length - length);
    return [`dist/part-${index}.js`, TEXT.slice(from, from + length)] as const;
  });
  const commands = typeof bin === 'string' ? [bin] : Object.values(bin ?? {});
  const manifest = { name, version, main: 'dist/part-0.js', ...(bin && { bin }), dependencies };
  return new Map([
    ['package.json', `${JSON.stringify(manifest, null, 2)}\n`],
    ...sources,
    ...commands.map((file) => [path.posix.normalize(file), '#!/usr/bin/env node\n'] as const),
  ]);
}

/** Text that compresses about as well as code. */
const TEXT = Array.from({ length: 40_000 }, (_, index) => {
  const word = createHash('sha1')
    .update(String(index))
    .digest('hex')
    .slice(0, 3 + (index % 5));
  return index % 7 === 0 ? `\n  const ${word} = ` : `${word}(${index % 100}), `;
}).join('');

/** cacache, content-v2: npm asks its cache for what a lockfile pins by the hash alone. */
function keepTarball(cache: string, name: string, entry: LockEntry): Tarball {
  const files = filesOf(name, entry);
  const tarball = packTarball(Object.fromEntries(files));
  const digest = createHash('sha512').update(tarball).digest();
  const hex = digest.toString('hex');
  const dir = path.join(cache, '_cacache/content-v2/sha512', hex.slice(0, 2), hex.slice(2, 4));
  mkdirSync(dir, { recursive: true });
  writeFileSync(path.join(dir, hex.slice(4)), tarball);
  const unpacked = [...files.values()].reduce((sum, text) => sum + text.length, 0);
  return {
    integrity: `sha512-${digest.toString('base64')}`,
    bytes: tarball.length,
    unpacked,
    files: files.size,
  };
}
