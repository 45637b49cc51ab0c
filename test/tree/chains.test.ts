/** The way to a package is the shortest, in the names its dependents use. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chainsOf } from '../../lib/tree/chains.ts';
import type { ParsedPackage } from '../../lib/tree/reader.ts';
import { anEntry, parsed } from './lockfile.ts';

function aParsedPackage(key: string, dependents: readonly string[]): ParsedPackage {
  return {
    key,
    id: { name: key, version: '1.0.0' },
    source: { kind: 'registry' },
    use: 'production',
    dependents,
  };
}

describe('chainsOf', () => {
  it('takes the shortest of several ways', () => {
    const chains = chainsOf([
      aParsedPackage('a', ['']),
      aParsedPackage('b', ['a']),
      aParsedPackage('c', ['b', 'a']),
    ]);
    assert.deepEqual(
      [...chains.values()],
      [['project'], ['project', 'a'], ['project', 'a', 'b'], ['project', 'a', 'c']],
    );
  });

  it('follows circles once', () => {
    const chains = chainsOf([aParsedPackage('a', ['', 'b']), aParsedPackage('b', ['a', 'b'])]);
    assert.deepEqual(chains.get('b'), ['project', 'a', 'b']);
  });

  it('gives a package nobody depends on its own name only', () => {
    const chains = chainsOf([aParsedPackage('a', []), aParsedPackage('b', ['a', 'nowhere'])]);
    assert.deepEqual([chains.get('a'), chains.get('b')], [['a'], ['b']]);
  });

  it('shortens a way too long to read in the middle, keeping its ends', () => {
    const line = Array.from({ length: 5_000 }, (_, index) =>
      aParsedPackage(`p${index}`, [index === 0 ? '' : `p${index - 1}`]),
    );
    const last = chainsOf(line).get('p4999');
    assert.deepEqual([last?.length, last?.[0], last?.at(-2), last?.at(-1)], [64, 'project', '…', 'p4999']);
  });

  it('uses the names dependents use, and finds what node finds', () => {
    const packages = parsed(
      {
        'node_modules/a': anEntry('a', { dependencies: { b: '2' } }),
        'node_modules/a/node_modules/b': anEntry('b', { dependencies: { c: '*' }, version: '2.0.0' }),
        'node_modules/b': anEntry('b'),
        'node_modules/c': anEntry('real', { name: 'real' }),
        'node_modules/web': { resolved: 'packages/web', link: true },
        'packages/web': {
          version: '1.0.0',
          devDependencies: { d: '*' },
          peerDependencies: { c: 'npm:real@1' },
        },
        'packages/web/node_modules/d': anEntry('d'),
      },
      { dependencies: { a: '*' }, devDependencies: { b: '1' }, workspaces: ['packages/*'] },
    );
    const chains = chainsOf([...packages.values()]);
    assert.deepEqual(chains.get('node_modules/a/node_modules/b'), ['project', 'a', 'b']);
    assert.deepEqual(chains.get('node_modules/b'), ['project', 'b']);
    assert.deepEqual(chains.get('node_modules/c'), ['project', 'web', 'c']);
    assert.deepEqual(chains.get('packages/web/node_modules/d'), ['project', 'web', 'd']);
  });
});
