/** Invents version manifests as large and as varied as real ones, since most of a manifest's cost is its size. */
import { createHash } from 'node:crypto';
import type { StatedSignature } from '../../lib/model/evidence.ts';
import { publicRegistry } from '../support/public-registry.ts';
import type { LockEntry } from './lockfile.ts';

/** One distinct version of the tree. */
export type Version = {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
  readonly entry: LockEntry;
  readonly publishedAt: Date;
  readonly attested: boolean;
};

const EARLIEST = Date.parse('2023-06-01T00:00:00Z');
const LATEST = Date.parse('2025-12-01T00:00:00Z');

/** The versions a tree pins, each once. A quarter of the names is attested; which ones, and when each was published, follows from the name, so that runs agree. */
export function versionsOf(entries: readonly (readonly [string, string, LockEntry])[]): readonly Version[] {
  const versions = new Map<string, Version>();
  for (const [, name, entry] of entries) {
    const { version, integrity } = entry;
    if (integrity === undefined || entry.link || entry.inBundle) continue;
    const chance = createHash('sha256').update(`${name}@${version}`).digest();
    const age = (chance.readUInt32BE(0) / 2 ** 32) * (LATEST - EARLIEST);
    versions.set(`${name}@${version}`, {
      ...{ name, version, integrity, entry },
      publishedAt: new Date(Math.floor(EARLIEST + age)),
      attested: (createHash('sha256').update(name).digest()[0] ?? 0) < 64,
    });
  }
  return [...versions.values()];
}

/** Where a version is built: one repository per package. */
export function repositoryOf({ name }: Pick<Version, 'name'>): string {
  return `https://github.com/maintainers/${bare(name)}`;
}

/** What the registry answers about the version. Tarballs lie at the public registry, as behind a mirror that rewrites nothing. */
export function manifestOf(of: Version, signature: StatedSignature): Record<string, unknown> {
  const { name, version, entry, integrity, publishedAt, attested } = of;
  const word = wordsFor(`${name}@${version}`);
  const registry = publicRegistry();
  const spec = `${name.replace('/', '%2f')}@${version}`;
  const provenance = { predicateType: 'https://slsa.dev/provenance/v1' };
  const person = { name: word(), email: `${word()}@maintainers.example` };
  return {
    name,
    version,
    description: many(9, word).join(' '),
    keywords: many(6, word),
    author: person,
    license: entry.license ?? 'MIT',
    homepage: `${repositoryOf(of)}#readme`,
    bugs: { url: `${repositoryOf(of)}/issues` },
    repository: { type: 'git', url: `git+${repositoryOf(of)}.git` },
    main: `dist/${word()}.js`,
    types: `dist/${word()}.d.ts`,
    exports: Object.fromEntries(many(4, (n) => [`./${word()}`, `./dist/${word()}-${n}.js`])),
    engines: { node: '>=18' },
    scripts: {
      ...Object.fromEntries(many(7, () => [word(), `${word()} --${word()} ${word()}`])),
      ...(entry.hasInstallScript === true ? { install: 'node install.js' } : {}),
    },
    ...(entry.bin === undefined ? {} : { bin: entry.bin }),
    dependencies: entry.dependencies ?? {},
    devDependencies: Object.fromEntries(many(14, (n) => [word(), `^${n}.${n * 3}.0`])),
    _id: `${name}@${version}`,
    gitHead: createHash('sha1').update(spec).digest('hex'),
    _nodeVersion: '22.14.0',
    _npmVersion: '11.3.0',
    dist: {
      integrity,
      shasum: createHash('sha1').update(integrity).digest('hex'),
      tarball: `${registry}${name}/-/${bare(name)}-${version}.tgz`,
      fileCount: 42,
      unpackedSize: 123_456,
      signatures: [signature],
      ...(attested ? { attestations: { url: `${registry}-/npm/v1/attestations/${spec}`, provenance } } : {}),
    },
    directories: {},
    maintainers: many(3, () => ({ name: word(), email: `${word()}@maintainers.example` })),
    _npmUser: person,
    _npmOperationalInternal: {
      host: 's3://npm-registry-packages-npm-production',
      tmp: `tmp/${bare(name)}_${version}_${publishedAt.getTime()}_0.3888474879294379`,
    },
    _hasShrinkwrap: false,
  };
}

function bare(name: string): string {
  return name.replace(/^@[^/]*\//, '');
}

/** Words that follow from a seed, and compress about as well as English. */
function wordsFor(seed: string): () => string {
  const state = { count: 0 };
  return () => {
    const bytes = createHash('sha1')
      .update(`${seed} ${state.count++}`)
      .digest();
    const syllables = [...bytes.subarray(0, 2 + ((bytes[3] ?? 0) % 2))];
    return syllables.map((byte) => SYLLABLES[byte % SYLLABLES.length]).join('');
  };
}

const SYLLABLES =
  'ad ber con des er for ger hin ing jo kel lan mor nis or per qui res sta ter un ver wil xen yo zen'.split(
    ' ',
  );

function many<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
