/** An alias counts only when somebody asked for it; else the package the project means is the one that is judged. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { anEntry, type Fields, parsed } from './lockfile.ts';

describe('an alias', () => {
  const stand = 'node_modules/stand';
  const entries = { [stand]: anEntry('lib', { name: 'lib' }) };
  const idOf = (root: Fields, manifest?: unknown) => {
    const pkg = parsed(entries, root, manifest).get(stand);
    return [pkg?.id.name, pkg?.alias];
  };

  it('is known by its published name when a dependency asks for it', () => {
    assert.deepEqual(idOf({ dependencies: { stand: 'npm:lib@^1.0.0' } }), ['lib', 'stand']);
    assert.deepEqual(idOf({ dependencies: { stand: 'npm:lib' } }), ['lib', 'stand']);
  });

  it('is known by its published name when an override of the project asks for it', () => {
    const root = { dependencies: { stand: '^1.0.0' } };
    assert.deepEqual(idOf(root, { overrides: { stand: 'npm:lib@1' } }), ['lib', 'stand']);
    assert.deepEqual(
      idOf(root, { overrides: { other: { stand: '$wanted' } }, devDependencies: { wanted: 'npm:lib@1' } }),
      ['lib', 'stand'],
    );
  });

  it('is judged as the package the project means when nobody asks for it', () => {
    assert.deepEqual(idOf({ dependencies: { stand: '^1.0.0' } }), ['stand', undefined]);
    assert.deepEqual(idOf({ dependencies: { stand: 'npm:lib-other@^1.0.0' } }), ['stand', undefined]);
    assert.deepEqual(idOf({}), ['stand', undefined]);
  });
});
