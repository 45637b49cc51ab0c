import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nearest } from '../../lib/text/nearest.ts';
import { isPackageName, purlOf, specOf, splitSpec } from '../../lib/text/package-id.ts';

describe('nearest', () => {
  const checks = ['minimum-age', 'provenance', 'source-ref', 'off', 'warn', 'error'];
  const cases = [
    ['minimum-agee', 'minimum-age'],
    ['Provenance', 'provenance'],
    ['provenence', 'provenance'],
    ['wran', 'warn'],
    ['eror', 'error'],
    ['source_ref', 'source-ref'],
    ['of', 'off'],
    ['banana', undefined],
    ['', undefined],
    ['x'.repeat(100_000), undefined],
  ] as const;
  for (const [word, found] of cases) {
    it(`${word.slice(0, 20)} is nearest to ${found}`, () => assert.equal(nearest(word, checks), found));
  }
});

describe('package ids', () => {
  it('are spelt for people and for statements', () => {
    assert.equal(specOf({ name: '@acme/lib', version: '1.2.3' }), '@acme/lib@1.2.3');
    assert.equal(purlOf({ name: '@acme/lib', version: '1.2.3' }), 'pkg:npm/%40acme/lib@1.2.3');
    assert.equal(purlOf({ name: 'lib', version: '1.2.3' }), 'pkg:npm/lib@1.2.3');
  });
  it('are split at the at-sign that is not the scope', () => {
    assert.deepEqual(splitSpec('@acme/lib@^1'), { name: '@acme/lib', range: '^1' });
    assert.deepEqual(splitSpec('@acme/lib'), { name: '@acme/lib' });
    assert.deepEqual(splitSpec('lib@'), { name: 'lib', range: '' });
  });
  it('have names a registry could hold', () => {
    for (const name of ['lib', '@acme/lib', 'JSONStream', 'a.b_c~d', 'x'.repeat(214)])
      assert.ok(isPackageName(name), name);
    for (const name of ['', '.x', '_x', '@acme', '@acme/', 'a/b', '../a', 'a b', 'a\n', 'x'.repeat(215)]) {
      assert.ok(!isPackageName(name), name);
    }
  });
});
