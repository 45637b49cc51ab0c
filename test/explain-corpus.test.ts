/** `explain` on a real package published from a `pull_request_target` run: the whole story, on one screen. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { it } from 'node:test';
import { renderExplain } from '../lib/report/index.ts';
import { corpusDirectory, corpusMissing } from './support/corpus.ts';
import { judgeAll, type NpmCase, questionOf } from './support/corpus-run/npm-cases.ts';
import { readJson } from './support/corpus-run/row.ts';

it('explain tells the whole story of nuxt 4.1.2 on one screen', async (t) => {
  const corpus = corpusDirectory();
  if (corpus === undefined) return t.skip(corpusMissing);
  const dir = path.join(corpus, 'npm/nuxt@4.1.2');
  const manifest = readJson<Record<string, unknown>>(path.join(dir, 'manifest.json'));
  const question = questionOf(corpus, dir, readJson<NpmCase>(path.join(dir, 'expected.json')));
  const report = await judgeAll([{ ...question, manifest }]);
  const { found, text } = renderExplain(report, 'nuxt', {
    color: false,
    verbose: false,
    quiet: false,
    width: 100,
  });
  t.diagnostic(`\n${text}`);
  assert.equal(found, true);
  const lines = text.trimEnd().split('\n');
  assert.ok(lines.length <= 40, `${lines.length} lines`);
  assert.ok(
    lines.every((line) => line.length <= 100),
    'no line is wider than the screen',
  );
  for (const fact of [
    'nuxt@4.1.2',
    'https://github.com/nuxt/nuxt',
    'refs/heads/main',
    '.github/workflows/release.yml',
    'pull_request_target',
    'github-hosted',
    'https://token.actions.githubusercontent.com',
    'actions/runs/',
  ]) {
    assert.ok(text.includes(fact), `it names ${fact}`);
  }
  assert.match(text, /worth knowing/i);
});
