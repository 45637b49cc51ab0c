/** The corpus of real signed data, end to end: every case gives its expected result. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { corpusDirectory, corpusMissing } from './support/corpus.ts';
import { corpusRows, holds } from './support/corpus-run/index.ts';

it('every case of the corpus gives its expected result, with the expected identity', async (t) => {
  const corpus = corpusDirectory();
  if (corpus === undefined) return t.skip(corpusMissing);
  const rows = await corpusRows(corpus);
  assert.ok(rows.length > 800, `only ${rows.length} cases were found`);
  assert.deepEqual(
    rows.filter((row) => !holds(row)),
    [],
  );
});
