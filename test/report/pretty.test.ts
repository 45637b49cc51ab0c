/** What a person at a terminal reads about a run. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type RenderStyle, render } from '../../lib/report/index.ts';
import { aPackage } from '../support/builders.ts';
import {
  aFailure,
  anEventfulReport,
  anOpenQuestion,
  anOutcome,
  aReport,
  aVerdict,
  RULES,
} from './a-report.ts';
import { assertGolden } from './golden.ts';

const STYLE: RenderStyle = { color: false, verbose: false, quiet: false, rules: RULES };
const ANSI = /\u001b\[[0-9;]*m/g;

describe('a pretty report', () => {
  it('tells an eventful run as reviewed', () => {
    assertGolden(render(anEventfulReport(), 'pretty', STYLE), 'pretty.txt');
  });

  it('tells an eventful run in full when verbose, as reviewed', () => {
    assertGolden(render(anEventfulReport(), 'pretty', { ...STYLE, verbose: true }), 'pretty-verbose.txt');
  });

  it('tells a reason once where several checks rest on it, and names the others', () => {
    const outcomes = (['provenance', 'source-repository', 'source-ref'] as const).map((check) =>
      aFailure(check, 'the provenance does not hold'),
    );
    const other = aVerdict({
      name: 'b',
      effect: 'fail',
      outcomes: [aFailure('source-ref', 'built from a branch')],
    });
    const replayed = aVerdict({ name: 'a', effect: 'fail', outcomes });
    const alone = render(aReport([replayed]), 'pretty', STYLE);
    assert.equal(alone.match(/the provenance does not hold/g)?.length, 1);
    assert.match(alone, /likewise.*\n {2}source-ref \(1 package\), source-repository \(1 package\)/);
    const both = render(aReport([replayed, other]), 'pretty', STYLE);
    assert.match(both, /built from a branch/, 'a group that tells anything new is told');
    assert.match(
      render(aReport([replayed]), 'pretty', { ...STYLE, verbose: true }),
      /source-ref · 1 package/,
    );
  });

  const headlines = [
    ['PASS', 'the only package meets the policy', aReport()],
    ['PASS', 'the lockfile lists no packages', aReport([])],
    ['FAIL', '1 of 2 packages violates', aReport([aVerdict(), failing('a')])],
    ['UNVERIFIED', 'nothing violates the policy, but 1 of 1 package', aReport([unanswered('a')])],
    ['WARN', 'nothing violates the policy; 1 of 1 package has', aReport([warned('a')])],
  ] as const;
  for (const [word, sentence, report] of headlines) {
    it(`says ${word} in its first line when ${sentence}`, () => {
      const [first = ''] = render(report, 'pretty', STYLE).split('\n');
      assert.ok(first.includes(word) && first.includes(sentence), first);
    });
  }

  it('answers in order: which package, what was asked, what was found, what to do', () => {
    const text = render(aReport([failing('left-pad')]), 'pretty', STYLE);
    const parts = [
      'Did the registry sign',
      'left-pad@1.2.3',
      'found the signature',
      'next  Report',
      'path  project',
    ];
    const places = parts.map((part) => text.indexOf(part));
    assert.deepEqual(
      [...places].sort((a, b) => a - b),
      places,
      text,
    );
    assert.ok(!places.includes(-1), text);
  });

  it('colours words it also writes, and changes nothing else', () => {
    const coloured = render(anEventfulReport(), 'pretty', { ...STYLE, color: true });
    assert.match(coloured, ANSI);
    assert.equal(coloured.replace(ANSI, ''), render(anEventfulReport(), 'pretty', STYLE));
  });

  it('keeps violated and unverified apart', () => {
    const text = render(aReport([failing('bad'), unanswered('unknown')]), 'pretty', STYLE);
    assert.match(text, /✖ FAIL {2}registry-signature · 1 package\n/);
    assert.match(text, /\? UNVERIFIED {2}registry-signature · 1 package\n/);
    assert.match(text, /1 unverified · 1 fail/);
  });

  it('cuts a long group and says how to see the rest', () => {
    const many = Array.from({ length: 23 }, (_, index) => failing(`package-${index}`));
    assert.match(
      render(aReport(many), 'pretty', STYLE),
      /… and 17 more \(npmsign explain <package>, or --format json\)/,
    );
    assert.doesNotMatch(
      render(aReport(many), 'pretty', { ...STYLE, verbose: true }),
      /more \(npmsign explain/,
    );
  });

  it('tells the same finding about the same version once, and counts its places', () => {
    const places = ['node_modules/a', 'node_modules/x/node_modules/a'].map((key) =>
      aVerdict({
        package: aPackage({ id: { name: 'a', version: '1.0.0' }, key }),
        outcomes: failing('a').outcomes,
      }),
    );
    const text = render(aReport(places), 'pretty', STYLE);
    assert.equal(text.split('a@1.0.0\n').length - 1, 1);
    assert.match(text, /registry-signature · 2 packages/);
    assert.match(text, /and at 1 other place/);
  });

  it('when quiet, writes only what stops the install', () => {
    const quiet = { ...STYLE, quiet: true };
    assert.equal(render(aReport(), 'pretty', quiet), '');
    assert.equal(render(aReport([warned('a')]), 'pretty', quiet), '');
    const text = render(aReport([warned('a'), failing('b'), unanswered('c')]), 'pretty', quiet);
    assert.doesNotMatch(text, /a@1\.2\.3/);
    assert.match(text, /b@1\.2\.3[\s\S]*c@1\.2\.3/);
  });

  for (const width of [60, 72, 100]) {
    it(`fits ${width} columns`, () => {
      const long = 'a-very-long-name-'.repeat(12);
      const report = aReport([failing(long), unanswered(long), warned(long)], {
        notices: [{ code: 'LONG', message: 'word '.repeat(60) }],
      });
      const wide = render(report, 'pretty', { ...STYLE, width })
        .split('\n')
        .filter((line) => line.length > width);
      assert.deepEqual(wide, []);
    });
  }

  it('names files relative to the project, and leaves others as they are', () => {
    const report = aReport([failing('a')], {
      lockfile: { path: '/home/me/app/package-lock.json', format: 'npm' },
    });
    assert.match(render(report, 'pretty', { ...STYLE, root: '/home/me/app' }), /\(package-lock\.json:12\)/);
    assert.match(
      render(report, 'pretty', { ...STYLE, root: '/home/me/ap' }),
      /\(\/home\/me\/app\/package-lock\.json:12\)/,
    );
  });
});

function failing(name: string) {
  const failure = aFailure(
    'registry-signature',
    'the signature does not fit',
    'Report this to the registry.',
  );
  return aVerdict({ name, outcomes: [failure] });
}

function unanswered(name: string) {
  return aVerdict({ name, outcomes: [anOpenQuestion('registry-signature', 'the registry did not answer')] });
}

function warned(name: string) {
  const failure = aFailure('minimum-age', 'public for 6 hours');
  return aVerdict({ name, outcomes: [anOutcome({ ...failure, level: 'warn', effect: 'warn' })] });
}
