/** Everything known about one package, on one screen. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CheckId } from '../../lib/model/policy.ts';
import type { Outcome } from '../../lib/model/report.ts';
import { type RenderStyle, renderExplain } from '../../lib/report/index.ts';
import {
  aManifest,
  anEvidence,
  anIdentity,
  aPackage,
  aProvenance,
  proved,
  told,
} from '../support/builders.ts';
import {
  aFailure,
  anEventfulReport,
  anExemption,
  anOutcome,
  aPackageNamed,
  aReport,
  aVerdict,
  RULES,
} from './a-report.ts';
import { assertGolden } from './golden.ts';

const STYLE: RenderStyle = { color: false, verbose: false, quiet: false, rules: RULES };

const EVERY_CHECK: readonly CheckId[] = [
  'lockfile-integrity',
  'lockfile-resolved',
  'package-source',
  'install-script',
  'reserved-bin',
  'registry-signature',
  'publish-attestation',
  'provenance',
  'source-repository',
  'source-ref',
  'build-workflow',
  'build-trigger',
  'build-runner',
  'certificate-issuer',
  'signer-identity',
  'declared-repository',
  'minimum-age',
  'provenance-regression',
  'locked-signer',
];

/** A release that a stranger's pull request could have started: real events of September 2025. */
const NUXT = aPackage({ id: { name: 'nuxt', version: '4.1.2' }, chain: ['project', 'nuxt'], line: 4321 });
const NUXT_EVIDENCE = anEvidence(
  {
    provenance: proved(
      aProvenance({
        identity: anIdentity({
          repository: 'https://github.com/nuxt/nuxt',
          ref: 'refs/heads/main',
          commit: '412786a1d8283aaa2360a855d44ebd3ac21924f1',
          trigger: 'pull_request_target',
        }),
      }),
    ),
    manifest: told(aManifest({ repository: 'git+https://github.com/nuxt/nuxt.git', bins: ['nuxi', 'nuxt'] })),
  },
  NUXT,
);

describe('explaining a package', () => {
  it('tells a release started by pull_request_target as reviewed, though every check passes', () => {
    const verdict = aVerdict({ package: NUXT, evidence: NUXT_EVIDENCE });
    const { found, text } = renderExplain(aReport([verdict]), 'nuxt', STYLE);
    assert.equal(found, true);
    assertGolden(text, 'explain-pull-request-target.txt');
    assert.match(text, /! pull_request_target/);
    assert.match(
      unwrapped(text),
      /worth knowing: started by pull_request_target: a stranger's pull request can start it/,
    );
    assert.match(text, /worth knowing: built from the branch main, not from a tag/);
  });

  it('has nothing worth knowing about an ordinary tagged release', () => {
    assert.doesNotMatch(renderExplain(aReport(), '@acme/lib', STYLE).text, /worth knowing/);
  });

  const telling = [
    ['a self-hosted runner', { runner: 'self-hosted' }, /worth knowing: built on a self-hosted runner/],
    ['a comment as trigger', { trigger: 'issue_comment' }, /worth knowing: started by issue_comment/],
    ['another workflow as trigger', { trigger: 'workflow_run' }, /worth knowing: started by workflow_run/],
    [
      'a builder in another repository',
      { builder: 'https://github.com/slsa/builders/.github/workflows/b.yml@refs/tags/v2' },
      /worth knowing: the workflow that signed lives in another repository: https:\/\/github\.com\/slsa/,
    ],
    ['a private repository', { visibility: 'private' }, /worth knowing: the repository was private/],
  ] as const;
  for (const [what, identity, expected] of telling) {
    it(`points out ${what}`, () => {
      const evidence = anEvidence({ provenance: proved(aProvenance({ identity: anIdentity(identity) })) });
      assert.match(
        unwrapped(renderExplain(aReport([aVerdict({ evidence })]), '@acme/lib', STYLE).text),
        expected,
      );
    });
  }

  it('tells a refused package as reviewed', () => {
    assertGolden(renderExplain(anEventfulReport(), 'left-pad', STYLE).text, 'explain-refused.txt');
  });

  it('names the policy line that decided and the exemption that waived', () => {
    const failure = aFailure('provenance', 'the registry holds no provenance');
    const waived = anOutcome({
      ...failure,
      effect: 'exempt',
      exemption: anExemption(),
      decidedBy: '.npmsignrc:7',
    });
    const { text } = renderExplain(aReport([aVerdict({ outcomes: [waived] })]), '@acme/lib', STYLE);
    assert.match(text, /○ exempt +provenance +the registry holds no provenance \[error, \.npmsignrc:7\]/);
    assert.match(
      unwrapped(text),
      /exempt until 2027-03-01: published before the registry signed packages \(\.npmsignrc:21\)/,
    );
  });

  it('marks what is only told', () => {
    const manifest = told(aManifest({ deprecated: 'use something else', installScripts: ['postinstall'] }));
    const verdict = aVerdict({ evidence: anEvidence({ manifest }) });
    const { text } = renderExplain(aReport([verdict]), '@acme/lib', STYLE);
    assert.match(text, /told only +published .* scripts postinstall/);
    assert.match(text, /deprecated: use something else/);
  });

  it('fits one screen of 40 lines and 100 columns with every check asked', () => {
    const outcomes = EVERY_CHECK.map((check) => anOutcome({ check, decidedBy: '.npmsignrc:12' }));
    const lines = screenOf(outcomes);
    assert.ok(lines.length <= 40, `${lines.length} lines`);
    for (const check of EVERY_CHECK)
      assert.ok(
        lines.some((line) => line.includes(check)),
        check,
      );
  });

  it('fits one screen even when every check fails at length', () => {
    const outcomes = EVERY_CHECK.map((check) => aFailure(check, 'reason '.repeat(60), 'do this '.repeat(40)));
    const lines = screenOf(outcomes);
    assert.ok(lines.length <= 40, `${lines.length} lines`);
    assert.match(lines.at(-1) ?? '', /more lines?: --verbose shows them/);
    assert.deepEqual(
      lines.filter((line) => line.length > 100),
      [],
    );
  });

  it('tells every version there is, in order', () => {
    const verdicts = ['1.0.0', '2.0.0'].map((version) =>
      aVerdict({ package: aPackageNamed('twice', version) }),
    );
    const { text } = renderExplain(aReport(verdicts), 'twice', STYLE);
    assert.ok(text.indexOf('twice@1.0.0') < text.indexOf('twice@2.0.0'));
    assert.doesNotMatch(renderExplain(aReport(verdicts), 'twice@2.0.0', STYLE).text, /twice@1\.0\.0/);
  });

  it('tells equal entries once, and how many other places there are', () => {
    const verdicts = ['node_modules/a', 'node_modules/b/node_modules/a'].map((key) =>
      aVerdict({ package: aPackage({ id: { name: 'a', version: '1.0.0' }, key }) }),
    );
    const { text } = renderExplain(aReport(verdicts), 'a', STYLE);
    assert.equal(text.split('a@1.0.0').length - 1, 1);
    assert.match(text, /\(and at 1 other place\)/);
  });

  it('finds a package by alias and by lockfile key', () => {
    const report = aReport([aVerdict({ package: aPackage({ alias: 'lib' }) })]);
    assert.equal(renderExplain(report, 'lib', STYLE).found, true);
    assert.equal(renderExplain(report, 'node_modules/lib', STYLE).found, true);
    assert.equal(renderExplain(report, 'other', STYLE).found, false);
  });

  it('says so when there is no such package, and names the nearest', () => {
    const { found, text } = renderExplain(anEventfulReport(), 'lef-pad', STYLE);
    assert.equal(found, false);
    assert.equal(text, 'lef-pad is not in package-lock.json (6 packages).\nNearest: left-pad.\n');
  });

  it('says which versions there are when only the version is wrong', () => {
    const { found, text } = renderExplain(anEventfulReport(), 'left-pad@9.9.9', STYLE);
    assert.equal(found, false);
    assert.match(text, /It holds left-pad@1\.3\.0\./);
  });
});

function screenOf(outcomes: readonly Outcome[]): readonly string[] {
  const verdict = aVerdict({ package: NUXT, evidence: NUXT_EVIDENCE, outcomes });
  return renderExplain(aReport([verdict]), 'nuxt', STYLE)
    .text.trimEnd()
    .split('\n');
}

function unwrapped(text: string): string {
  return text.replace(/\s+/g, ' ');
}
