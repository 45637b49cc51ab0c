/** Lockfiles that npm 7 to 12 really wrote are read alike, with every entry classified. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { ResolvedPackage, Tree } from '../../lib/model/package.ts';
import { readTree } from '../../lib/tree/index.ts';
import { projectRoot } from '../support/corpus.ts';
import { aHost } from '../support/host.ts';

const ROOT = path.join(projectRoot, 'test/fixtures/lockfiles/npm');

/** Key, name@version, kind, use. What the fixtures' projects resolve to, whichever npm wrote them down. */
const EXPECTED = [
  ['../outside', 'outside-lib@9.0.0', 'link', 'production'],
  ['node_modules/@acme/core', '@acme/core@0.2.0', 'workspace', 'production'],
  ['node_modules/@acme/lib', '@acme/lib@1.2.3', 'registry', 'production'],
  ['node_modules/@acme/web', '@acme/web@0.1.0', 'workspace', 'production'],
  ['node_modules/bundler', 'bundler@1.0.0', 'registry', 'production'],
  ['node_modules/bundler/node_modules/beside', 'beside@1.0.0', 'bundled', 'production'],
  ['node_modules/bundler/node_modules/inner', 'inner@1.0.0', 'bundled', 'production'],
  ['node_modules/deep', 'deep@1.0.0', 'registry', 'production'],
  ['node_modules/deep/node_modules/tiny', 'tiny@2.0.0', 'registry', 'production'],
  ['node_modules/host', 'host@3.1.0', 'registry', 'peer'],
  ['node_modules/linked', 'outside-lib@9.0.0', 'link', 'production'],
  ['node_modules/local', 'local@1.0.0', 'file', 'production'],
  ['node_modules/maybe', 'maybe@1.0.0', 'registry', 'optional'],
  ['node_modules/plan9-only', 'plan9-only@1.0.0', 'registry', 'optional'],
  ['node_modules/plugin', 'plugin@1.0.0', 'registry', 'production'],
  ['node_modules/remote', 'remote@7.0.0', 'remote', 'production'],
  ['node_modules/scripted', 'scripted@1.0.0', 'registry', 'production'],
  ['node_modules/shared', 'shared@1.0.0', 'registry', 'optional'],
  ['node_modules/stand', 'original@4.0.0', 'registry', 'production'],
  ['node_modules/tester', 'tester@1.0.0', 'registry', 'development'],
  ['node_modules/tiny', 'tiny@1.0.0', 'registry', 'production'],
  ['packages/core', '@acme/core@0.2.0', 'workspace', 'production'],
  ['packages/web', '@acme/web@0.1.0', 'workspace', 'production'],
  ['packages/web/node_modules/tiny', 'tiny@1.5.0', 'registry', 'production'],
] as const;

function treeOf(fixture: string): Promise<Tree> {
  return readTree(aHost({ cwd: path.join(ROOT, fixture) }));
}

function summaryOf({ packages }: Tree): readonly (readonly string[])[] {
  return packages.map(({ key, id, source, use }) => [key, `${id.name}@${id.version}`, source.kind, use]);
}

function packageAt(tree: Tree, key: string): ResolvedPackage {
  const found = tree.packages.find((pkg) => pkg.key === key);
  assert.ok(found, key);
  return found;
}

describe('a lockfile npm wrote', () => {
  for (const fixture of [
    'npm-7',
    'npm-8',
    'npm-9',
    'npm-10',
    'npm-11',
    'npm-12',
    'no-resolved',
    'shrinkwrap',
  ]) {
    it(`is read entry by entry: ${fixture}`, async () =>
      assert.deepEqual(summaryOf(await treeOf(fixture)), EXPECTED));
  }

  it('counts the extensions of npm 12, lockfileVersion 4, as dependencies', async () => {
    const tree = await treeOf('npm-12-version-4');
    assert.equal(tree.packages.length, EXPECTED.length);
    assert.deepEqual(packageAt(tree, 'node_modules/shared').chain, ['project', 'deep', 'shared']);
  });

  it('has every package of the project’s own bundle judged, because npm fetches them', async () => {
    const kinds = (await treeOf('project-bundles')).packages
      .filter(({ key }) => /tiny|bundler/.test(key))
      .map(({ source }) => source.kind);
    assert.deepEqual([...new Set(kinds)], ['registry']);
  });

  it('without resolved still tells registry packages by name and version', async () => {
    const tree = await treeOf('no-resolved');
    assert.deepEqual(packageAt(tree, 'node_modules/stand').source, { kind: 'registry' });
    assert.deepEqual(packageAt(tree, 'node_modules/stand').id, { name: 'original', version: '4.0.0' });
    assert.equal(packageAt(tree, 'node_modules/remote').source.kind, 'remote');
  });

  it('gives each package its alias, chain, commands and script flag', async () => {
    const tree = await treeOf('npm-12');
    assert.equal(packageAt(tree, 'node_modules/stand').alias, 'stand');
    assert.deepEqual(packageAt(tree, 'packages/web/node_modules/tiny').chain, [
      'project',
      '@acme/web',
      'tiny',
    ]);
    assert.deepEqual(packageAt(tree, 'node_modules/bundler/node_modules/beside').chain, [
      'project',
      'bundler',
      'inner',
      'beside',
    ]);
    assert.deepEqual(packageAt(tree, 'node_modules/scripted').bins, ['scripted']);
    assert.equal(packageAt(tree, 'node_modules/scripted').hasInstallScript, true);
    assert.equal(packageAt(tree, 'node_modules/tiny').hasInstallScript, false);
  });

  it('gives each package the line its key stands on', async () => {
    const lines = readFileSync(path.join(ROOT, 'npm-12/package-lock.json'), 'utf8').split('\n');
    for (const { key, line } of (await treeOf('npm-12')).packages)
      assert.equal(lines[(line ?? 0) - 1]?.trim(), `"${key}": {`);
  });
});
