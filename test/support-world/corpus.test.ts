/** Proves that the corpus is found, or that its absence is told. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { corpusDirectory, corpusMissing } from '../support/corpus.ts';

it('the corpus is a directory with an index, the same one every time', (t) => {
  const dir = corpusDirectory();
  if (dir === undefined) {
    t.skip(corpusMissing);
    return;
  }
  assert.ok(existsSync(path.join(dir, 'INDEX.json')));
  assert.equal(corpusDirectory(), dir);
});
