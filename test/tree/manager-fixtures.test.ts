/** Lockfiles that pnpm, yarn and bun really wrote for one project are read alike, with every entry classified. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { ResolvedPackage, Tree } from '../../lib/model/package.ts';
import { readTree } from '../../lib/tree/index.ts';
import { projectRoot } from '../support/corpus.ts';
import { aHost } from '../support/host.ts';

const ROOT = path.join(projectRoot, 'test/fixtures/lockfiles');

/** `name@version` as the lockfile tells them, kind, use: what every one of them has, whatever it calls its entries. */
const EVERYWHERE = [
  '@acme/lib@1.2.3 registry production',
  'bundler@1.0.0 registry production',
  'cataloged@1.0.0 registry production',
  'deep@1.0.0 registry production',
  'hijacker@1.0.0 registry production',
  'host@2.0.0 registry production',
  'host@3.1.0 registry production',
  'maybe@1.0.0 registry optional',
  'original@4.0.0 registry production',
  'patched@1.0.0 registry production',
  'plan9-only@1.0.0 registry optional',
  'plugin@1.0.0 registry production',
  'renewed@2.0.0 registry production',
  'scripted@1.0.0 registry production',
  'shared@1.1.0 registry production',
  'tester@1.0.0 registry development',
  'tiny@1.0.0 registry production',
  'tiny@1.5.0 registry production',
  'tiny@2.0.0 registry production',
  'unsigned@1.0.0 registry production',
  'wants-old@1.0.0 registry production',
];
const WORKSPACES = ['@acme/core workspace', '@acme/web workspace'];
const ELSEWHERE = ['folder link', 'from-git git', 'linked link', 'local file', 'remote remote'];

const FIXTURES: readonly (readonly [
  fixture: string,
  more: readonly string[],
  elsewhere: readonly string[],
])[] = [
  // pnpm does not record what a workspace is called; only those that are linked to have a name.
  ...['pnpm/pnpm-8', 'pnpm/pnpm-10', 'pnpm/pnpm-11', 'pnpm/pnpm-12'].map(
    (name) => [name, [], ['@acme/core workspace', ...ELSEWHERE, 'packages/web workspace']] as const,
  ),
  // yarn resolves what is bundled once more; yarn 1 says nothing of workspaces.
  ['yarn-classic/yarn-1', ['inner@1.0.0 registry production'], ELSEWHERE],
  ...['yarn-berry/yarn-3', 'yarn-berry/yarn-4'].map(
    (name) => [name, ['inner@1.0.0 registry production'], [...WORKSPACES, ...ELSEWHERE]] as const,
  ),
  [
    'bun/bun-1',
    ['inner@1.0.0 bundled production'],
    [...WORKSPACES, 'folder link', 'from-git git', 'local file', 'outside-lib link', 'remote remote'],
  ],
];

function treeOf(fixture: string): Promise<Tree> {
  return readTree(aHost({ cwd: path.join(ROOT, fixture) }));
}

function find({ packages }: Tree, name: string): ResolvedPackage {
  const found = packages.find((pkg) => pkg.id.name === name);
  assert.ok(found, name);
  return found;
}

for (const [fixture, more, elsewhere] of FIXTURES) {
  describe(`the lockfile ${fixture}`, async () => {
    const tree = await treeOf(fixture);
    const { packages } = tree;
    const text = readFileSync(path.join(ROOT, fixture, tree.lockfile.path), 'utf8');
    const lines = text.split('\n');

    it('has every package of the project, classified', () => {
      const published = packages.filter(
        ({ source }) => source.kind === 'registry' || source.kind === 'bundled',
      );
      const words = published.map(({ id, source, use }) => `${id.name}@${id.version} ${source.kind} ${use}`);
      assert.deepEqual([...new Set(words)].sort(), [...EVERYWHERE, ...more].sort());
      const others = packages.filter((pkg) => !published.includes(pkg));
      assert.deepEqual(
        others.map(({ id, source }) => `${id.name} ${source.kind}`).sort(),
        [...elsewhere].sort(),
      );
    });

    it('has every entry once, on the line its key stands on', () => {
      assert.equal(new Set(packages.map(({ key }) => key)).size, packages.length);
      for (const { line, id, key } of packages) {
        const written = lines[(line ?? 0) - 1] ?? '';
        assert.ok(
          [id.name, key].some((name) => written.includes(name)) || key.startsWith('link:'),
          `${key}: ${written}`,
        );
      }
    });

    it('knows aliases, overrides and chains', () => {
      assert.equal(find(tree, 'original').alias, 'stand');
      assert.deepEqual(find(tree, 'original').chain, ['project', 'stand']);
      assert.equal(find(tree, 'renewed').alias, 'old');
      assert.deepEqual(find(tree, 'renewed').chain, ['project', 'wants-old', 'old']);
      assert.deepEqual(find(tree, 'shared').chain, ['project', 'deep', 'shared']);
    });

    it('pins registry packages by the sha512 that the registry lists, unless it is yarn’s', () => {
      for (const { source, integrity, integrityGap, id } of packages) {
        if (source.kind !== 'registry') continue;
        if (fixture.startsWith('yarn-berry')) assert.match(integrityGap ?? '', /yarn\.lock pins/, id.name);
        else
          assert.deepEqual(
            integrity?.hashes.map(({ algorithm }) => algorithm),
            ['sha512'],
            id.name,
          );
      }
    });
  });
}

describe('a patched package', () => {
  const cases = [
    ['pnpm/pnpm-8', 'patches/patched@1.0.0.patch', 1],
    ['pnpm/pnpm-10', 'patches/patched@1.0.0.patch', 1],
    ['pnpm/pnpm-12', /^patch [0-9a-f]{64}$/, 1],
    ['yarn-berry/yarn-3', /patches\/patched@1\.0\.0\.patch$/, 2],
    ['yarn-berry/yarn-4', '~/patches/patched@1.0.0.patch', 2],
    ['bun/bun-1', 'patches/patched@1.0.0.patch', 1],
  ] as const;
  for (const [fixture, wanted, entries] of cases) {
    it(`is judged as what the registry published, and says so: ${fixture}`, async () => {
      const found = (await treeOf(fixture)).packages.filter(({ id }) => id.name === 'patched');
      assert.equal(found.length, entries);
      assert.deepEqual([...new Set(found.map(({ source }) => source.kind))], ['registry']);
      const patches = found.flatMap(({ patched }) => patched ?? []);
      assert.equal(patches.length, 1);
      if (typeof wanted === 'string') assert.equal(patches[0], wanted);
      else assert.match(patches[0] ?? '', wanted);
    });
  }
});

describe('peers', () => {
  it('make one entry of pnpm’s for each combination', async () => {
    const { packages } = await treeOf('pnpm/pnpm-12');
    assert.deepEqual(
      packages.filter(({ id }) => id.name === 'plugin').map(({ key, chain }) => [key, chain.join(' ')]),
      [
        ['plugin@1.0.0(host@2.0.0)', 'project @acme/core plugin'],
        ['plugin@1.0.0(host@3.1.0)', 'project plugin'],
      ],
    );
  });
});

describe('what pnpm 11 and later need themselves', () => {
  it('is part of the tree: the manager’s own packages, and its plugins', async () => {
    const { packages } = await treeOf('pnpm/two-documents');
    assert.deepEqual(
      packages.map(({ key, chain, line }) => [key, chain.join(' '), line]),
      [
        ['env:@pnpm/exe@12.21.0', 'project pnpm @pnpm/exe', 18],
        ['env:pnpm-plugin-x@1.0.0', 'project pnpm-plugin-x', 22],
        ['env:pnpm@12.21.0', 'project pnpm', 25],
        ['tiny@1.0.0', 'project tiny', 59],
      ],
    );
  });
});

describe('commands and install scripts', () => {
  it('are told where the lockfile tells them, and are otherwise unknown', async () => {
    const [pnpm, classic, berry, bun] = await Promise.all(
      ['pnpm/pnpm-12', 'yarn-classic/yarn-1', 'yarn-berry/yarn-4', 'bun/bun-1'].map(treeOf),
    );
    assert.ok(pnpm && classic && berry && bun);
    const bins = (tree: Tree, name: string) => find(tree, name).bins;
    assert.deepEqual(
      [pnpm, classic, berry, bun].map((tree) => bins(tree, 'hijacker')),
      [undefined, undefined, ['node'], ['node']],
    );
    assert.deepEqual(
      [pnpm, classic, berry, bun].map((tree) => bins(tree, 'tiny')),
      [[], undefined, [], []],
    );
    const scripts = (tree: Tree) => find(tree, 'scripted').hasInstallScript;
    assert.deepEqual([pnpm, classic, berry, bun].map(scripts), [undefined, undefined, undefined, true]);
  });
});
