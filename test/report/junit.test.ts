/** The JUnit file that CI servers read. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { render } from '../../lib/report/index.ts';
import { aFailure, anEventfulReport, anOpenQuestion, aReport, aVerdict } from './a-report.ts';
import { assertGolden } from './golden.ts';
import { assertWellFormed } from './xml.ts';

describe('a JUnit report', () => {
  it('tells an eventful run as reviewed', () => {
    assertGolden(render(anEventfulReport(), 'junit'), 'junit.xml');
  });

  it('is well formed and has one test case per package', () => {
    const names = assertWellFormed(render(anEventfulReport(), 'junit'));
    assert.equal(names.filter((name) => name === 'testcase').length, 6);
  });

  it('counts violations as failures and open questions as errors', () => {
    assert.match(render(anEventfulReport(), 'junit'), /tests="6" failures="2" errors="1" skipped="1"/);
  });

  it('tells a package that is both as one failure that names both', () => {
    const outcomes = [aFailure('provenance', 'none'), anOpenQuestion('registry-signature', 'no answer')];
    const text = render(aReport([aVerdict({ outcomes })]), 'junit');
    assert.equal(text.split('<failure').length - 1, 1);
    assert.doesNotMatch(text, /<error/);
    assert.match(text, /fail: provenance: none\.\nunverified: registry-signature: no answer\./);
  });

  it('makes visible what XML cannot hold', () => {
    const text = render(
      aReport([aVerdict({ outcomes: [aFailure('provenance', 'a\uffffb\u0000c ]]> <x>')] })]),
      'junit',
    );
    assertWellFormed(text);
    assert.match(text, /a\\u\{ffff\}b\\u\{0\}c \]\]&gt; &lt;x&gt;/);
  });
});
