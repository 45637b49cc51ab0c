/** Gives every package of a lockfile a tarball that can really be installed, of the size real ones have, and lays them in npm's cache. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { publicRegistry } from '../support/public-registry.ts';
import { packTarball } from '../support/registry/tarball.ts';
import { entriesOf, type LockEntry, type Lockfile } from './lockfile.ts';

/** A lockfile whose integrities are those of tarballs, and what they weigh. */
export type Installable = {
  readonly lockfile: Lockfile;
  readonly tarballs: number;
  readonly megabytes: number;
  readonly files: number;
};

/** An installable tree like that of `lockfile`, without install scripts. The tarballs lie in that npm cache, and nowhere else. */
export function installableIn(cache: string, lockfile: Lockfile): Installable {
  const made = new Map<
    string,
    { readonly integrity: string; readonly bytes: number; readonly files: number }
  >();
  const entries = entriesOf(lockfile).map(([key, name, entry]) => {
    if (entry.link === true) return [key, entry] as const;
    const spec = `${name}@${entry.version}`;
    const known = made.get(spec) ?? keepTarball(cache, filesOf(name, entry));
    made.set(spec, known);
    return [key, pinned(name, entry, known.integrity)] as const;
  });
  const [, root = {}] = Object.entries(lockfile.packages).find(([key]) => key === '') ?? [];
  const sum = (of: 'bytes' | 'files') => [...made.values()].reduce((total, one) => total + one[of], 0);
  return {
    // The root's entry is npm's own, and needs no integrity.
    lockfile: { ...lockfile, packages: { '': root as LockEntry, ...Object.fromEntries(entries) } },
    ...{ tarballs: made.size, megabytes: sum('bytes') / 1e6, files: sum('files') },
  };
}

/** What lay inside another package is fetched like the rest: nothing is bundled here. */
function pinned(name: string, entry: LockEntry, integrity: string): LockEntry {
  const bare = name.replace(/^@[^/]*\//, '');
  const resolved = `${publicRegistry()}${name}/-/${bare}-${entry.version}.tgz`;
  const unwanted = ['inBundle', 'bundleDependencies', 'hasInstallScript'];
  const kept = Object.entries(entry).filter(([field]) => !unwanted.includes(field));
  return { ...Object.fromEntries(kept), version: entry.version, resolved, integrity };
}

/** Between 4 and 36 files of between 1 and 8 KB, by the package's name: with 1,150 packages some 23,000 files. */
function filesOf(name: string, { version, bin, dependencies }: LockEntry): ReadonlyMap<string, string> {
  const chance = createHash('sha512').update(`${name}@${version}`).digest();
  const count = 4 + ((chance[0] ?? 0) % 33);
  const sources = Array.from({ length: count }, (_, index) => {
    const from = chance.readUInt16BE((index * 2) % 60) % (TEXT.length / 2);
    const length = 1024 + (chance.readUInt16BE((index * 2 + 1) % 60) % 7168);
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
const TEXT = Array.from({ length: 12_000 }, (_, index) => {
  const word = createHash('sha1')
    .update(String(index))
    .digest('hex')
    .slice(0, 3 + (index % 5));
  return index % 7 === 0 ? `\n  const ${word} = ` : `${word}(${index % 100}), `;
}).join('');

/** cacache, content-v2: npm asks its cache for what a lockfile pins by the hash alone. */
function keepTarball(cache: string, files: ReadonlyMap<string, string>) {
  const tarball = packTarball(Object.fromEntries(files));
  const digest = createHash('sha512').update(tarball).digest();
  const hex = digest.toString('hex');
  const dir = path.join(cache, '_cacache/content-v2/sha512', hex.slice(0, 2), hex.slice(2, 4));
  mkdirSync(dir, { recursive: true });
  writeFileSync(path.join(dir, hex.slice(4)), tarball);
  return { integrity: `sha512-${digest.toString('base64')}`, bytes: tarball.length, files: files.size };
}
