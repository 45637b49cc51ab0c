/** Annotations in GitHub Actions. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type RenderStyle, render, renderStepSummary } from '../../lib/report/index.ts';
import { aPackage } from '../support/builders.ts';
import { aFailure, anEventfulReport, aReport, aVerdict, RULES } from './a-report.ts';
import { assertGolden } from './golden.ts';

const STYLE: RenderStyle = { color: false, verbose: false, quiet: false, rules: RULES };

describe('a report as workflow commands', () => {
  it('tells an eventful run as reviewed', () => {
    assertGolden(render(anEventfulReport(), 'github', STYLE), 'github.txt');
  });

  it('is nothing but commands, one per line', () => {
    for (const line of linesOf(render(anEventfulReport(), 'github', STYLE))) {
      assert.match(line, /^::(error|warning|notice) (file=|title=)/);
    }
  });

  it('puts violations first, because only the first ten of a kind are shown', () => {
    const titles = linesOf(render(anEventfulReport(), 'github', STYLE)).map(
      (line) => / (fail|unverified|warn)%3A/.exec(line)?.[1],
    );
    assert.deepEqual(
      titles.filter((title) => title !== undefined),
      ['fail', 'fail', 'unverified', 'warn'],
    );
  });

  it('escapes what would end a property or a command', () => {
    const pkg = aPackage({ id: { name: 'a', version: '1.0.0,line=1::' } });
    const outcomes = [aFailure('provenance', '100% wrong: a, b')];
    const [line = ''] = linesOf(render(aReport([aVerdict({ package: pkg, outcomes })]), 'github', STYLE));
    assert.match(line, /title=npmsign%3A provenance fail%3A a@1\.0\.0%2Cline=1%3A%3A::/);
    assert.match(line, /::a@1\.0\.0,line=1::: 100%25 wrong: a, b\./);
  });

  it('says in one notice that all is well', () => {
    assert.equal(
      render(aReport(), 'github', STYLE),
      '::notice title=npmsign%3A PASS::the only package meets the policy\n',
    );
  });

  it('says nothing when quiet and all is well', () => {
    assert.equal(render(aReport(), 'github', { ...STYLE, quiet: true }), '');
  });

  it('has a step summary in Markdown', () => {
    assert.match(renderStepSummary(anEventfulReport(), STYLE), /^## ✖ npmsign: FAIL\n/);
  });
});

function linesOf(text: string): readonly string[] {
  return text.trimEnd().split('\n');
}
