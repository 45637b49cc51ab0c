/** `diff` on real packages, of which real signed data tells: the review of two updates that did take place. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { it } from 'node:test';
import { type DiffInput, diffTrees } from '../lib/lock/diff.ts';
import type { FindingKind, PackageChange } from '../lib/model/diff.ts';
import { renderDiff } from '../lib/report/index.ts';
import { corpusDirectory, corpusMissing } from './support/corpus.ts';
import { judgeAll, type NpmCase, questionOf } from './support/corpus-run/npm-cases.ts';
import { readJson } from './support/corpus-run/row.ts';
import { NOW } from './support/host.ts';

const BEFORE = ['nuxt@3.13.0', 'sigstore@2.1.0', '@laurentsimon__provenance-npm-test@1.0.0'];
const AFTER = ['nuxt@4.1.2', 'sigstore@2.3.1', '@laurentsimon__provenance-npm-test@1.0.3', 'tuf-js@1.0.0'];

const ABSENT = { status: 'absent' } as const;

it('a diff of real updates reads like a review', async (t) => {
  const corpus = corpusDirectory();
  if (corpus === undefined) return t.skip(corpusMissing);
  const diff = diffTrees({
    before: await sideOf(corpus, 'HEAD:package-lock.json', BEFORE),
    after: await sideOf(corpus, 'package-lock.json', AFTER),
    now: NOW,
    tool: { name: 'npmsign', version: '0.1.0' },
  });
  t.diagnostic(`\n${renderDiff(diff, 'pretty')}`);
  const changes = new Map(diff.changes.map((change) => [change.name, change]));
  // Released from the branch main, and started by a stranger's pull request as far as the certificate tells.
  assert.deepEqual(kindsOf(changes.get('nuxt')), ['ref-changed', 'trigger-changed']);
  assert.match(
    changes.get('nuxt')?.findings[1]?.text ?? '',
    /started by pull_request_target; before, by push/,
  );
  assert.deepEqual(kindsOf(changes.get('sigstore')), []);
  assert.equal(changes.get('tuf-js')?.kind, 'new');
});

function kindsOf(change: PackageChange | undefined): readonly FindingKind[] {
  assert.ok(change);
  return change.findings.map(({ kind }) => kind);
}

async function sideOf(corpus: string, file: string, ids: readonly string[]): Promise<DiffInput['before']> {
  const report = await judgeAll(
    ids.map((id) => {
      const dir = path.join(corpus, 'npm', id);
      return questionOf(corpus, dir, readJson<NpmCase>(path.join(dir, 'expected.json')));
    }),
  );
  return {
    tree: {
      lockfile: { path: file, format: 'npm' },
      packages: report.verdicts.map((verdict) => verdict.package),
    },
    // The cases hold attestations; the registry's signature over the same version is no part of them.
    evidence: new Map(
      report.verdicts.map(({ package: { key }, evidence }) => [key, { ...evidence, signature: ABSENT }]),
    ),
  };
}
