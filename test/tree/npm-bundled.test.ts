/** A package counts as bundled only where npm would not fetch it: the flag alone is no way around being judged. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PackageSource } from '../../lib/model/package.ts';
import { anIntegrity } from '../support/builders.ts';
import { anEntry, type Fields, parsed } from './lockfile.ts';

const LIB = 'node_modules/lib';
const INSIDE = `${LIB}/node_modules/inner`;

function sourceOf(
  key: string,
  entries: Fields,
  root: Fields = {},
  manifest?: unknown,
): PackageSource | undefined {
  return parsed(entries, root, manifest).get(key)?.source;
}

describe('a bundled entry', () => {
  const parent = anEntry('lib', { bundleDependencies: ['inner'], dependencies: { inner: '^1.0.0' } });
  const inner: Fields = { version: '1.0.0', inBundle: true };
  const bundled: PackageSource = { kind: 'bundled', inside: LIB };

  it('lies inside the package that lists it', () => {
    assert.deepEqual(sourceOf(INSIDE, { [LIB]: parent, [INSIDE]: inner }), bundled);
  });

  it('takes along what lies below it, and what it needs beside it', () => {
    const entries = {
      [LIB]: parent,
      [INSIDE]: { ...inner, dependencies: { beside: '1' } },
      [`${INSIDE}/node_modules/below`]: inner,
      [`${LIB}/node_modules/beside`]: inner,
    };
    assert.deepEqual(sourceOf(`${INSIDE}/node_modules/below`, entries), bundled);
    assert.deepEqual(sourceOf(`${LIB}/node_modules/beside`, entries), bundled);
  });

  const dodges: readonly (readonly [string, Fields, Fields, Fields, unknown])[] = [
    [
      'when only its own flag says so',
      { [LIB]: anEntry('lib', { dependencies: { inner: '*' } }), [INSIDE]: inner },
      {},
      {},
      undefined,
    ],
    ['when it is not marked', { [LIB]: parent, [INSIDE]: { version: '1.0.0' } }, {}, {}, undefined],
    [
      'when it has a tarball of its own',
      { [LIB]: parent, [INSIDE]: anEntry('inner', inner) },
      {},
      {},
      undefined,
    ],
    [
      'when it has an integrity of its own',
      { [LIB]: parent, [INSIDE]: { ...inner, integrity: anIntegrity().text } },
      {},
      {},
      undefined,
    ],
    [
      'when another of the same name is listed',
      { [LIB]: parent, 'node_modules/inner': inner, [INSIDE]: inner },
      {},
      {},
      'node_modules/inner',
    ],
    [
      'when nothing in the bundle needs it',
      { [LIB]: parent, [INSIDE]: inner, [`${LIB}/node_modules/extra`]: inner },
      {},
      {},
      `${LIB}/node_modules/extra`,
    ],
    [
      'when the project bundles the package around it',
      { [LIB]: parent, [INSIDE]: inner },
      { bundleDependencies: ['lib'] },
      {},
      undefined,
    ],
    [
      'when package.json says the project bundles the package around it',
      { [LIB]: parent, [INSIDE]: inner },
      {},
      { bundleDependencies: ['lib'] },
      undefined,
    ],
    [
      'when package.json says so in the older spelling',
      { [LIB]: parent, [INSIDE]: inner },
      {},
      { bundledDependencies: ['lib'] },
      undefined,
    ],
    [
      'when package.json bundles all dependencies',
      { [LIB]: parent, [INSIDE]: inner },
      {},
      { dependencies: { lib: '1' }, bundleDependencies: true },
      undefined,
    ],
  ];
  for (const [name, entries, root, manifest, key] of dodges) {
    it(`is an ordinary registry package ${name}: npm fetches it`, () => {
      assert.equal(
        sourceOf(typeof key === 'string' ? key : INSIDE, entries, root, manifest)?.kind,
        'registry',
      );
    });
  }

  it('is an ordinary registry package when the project itself lists it', () => {
    assert.equal(
      sourceOf(LIB, { [LIB]: anEntry('lib', { inBundle: true }) }, { bundleDependencies: ['lib'] })?.kind,
      'registry',
    );
    assert.equal(sourceOf(LIB, { [LIB]: inner }, { bundleDependencies: ['lib'] })?.kind, 'registry');
  });

  it('is an ordinary registry package when a workspace lists it', () => {
    const entries = {
      'node_modules/web': { resolved: 'packages/web', link: true },
      'packages/web': { version: '1.0.0', dependencies: { inner: '*' }, bundleDependencies: ['inner'] },
      'packages/web/node_modules/inner': inner,
    };
    assert.equal(
      sourceOf('packages/web/node_modules/inner', entries, { workspaces: ['packages/*'] })?.kind,
      'registry',
    );
  });
});
