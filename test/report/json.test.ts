/** The JSON document programs read. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Outcome, Report } from '../../lib/model/report.ts';
import { render } from '../../lib/report/index.ts';
import { anEvidence, anIdentity, aPackage, aProvenance, proved, without } from '../support/builders.ts';
import { aFailure, anEventfulReport, anExemption, anOutcome, aReport, aVerdict } from './a-report.ts';
import { assertGolden } from './golden.ts';

describe('a JSON report', () => {
  it('tells an eventful run as reviewed', () => {
    assertGolden(render(anEventfulReport(), 'json'), 'report.json');
  });

  it('is one document that ends in a newline', () => {
    const text = render(aReport(), 'json');
    assert.ok(text.endsWith('}\n'));
    assert.equal(JSON.parse(text).schema, 1);
  });

  it('is written the same way every time', () => {
    assert.equal(render(anEventfulReport(), 'json'), render(anEventfulReport(), 'json'));
  });

  it('accounts for every lockfile entry, those that pass included', () => {
    const document = JSON.parse(render(anEventfulReport(), 'json'));
    const { packages, pass, warn, exempt, unverified, fail } = document.summary;
    assert.equal(pass + warn + exempt + unverified + fail, packages);
    assert.equal(document.verdicts.length, packages);
  });

  it('says null where there is no exemption, and tells it where there is one', () => {
    const waived = anOutcome({
      ...aFailure('provenance', 'none'),
      effect: 'exempt',
      exemption: anExemption(),
    });
    const [outcome, other] = outcomesOf([waived, anOutcome()]);
    assert.equal(outcome.exemption.reason, 'published before the registry signed packages');
    assert.equal(other.exemption, null);
  });

  it('has a hint only where there is one', () => {
    const [hinted, plain] = outcomesOf([
      aFailure('provenance', 'none', 'Ask.'),
      aFailure('provenance', 'none'),
    ]);
    assert.equal(hinted.hint, 'Ask.');
    assert.ok(!('hint' in plain));
  });

  it("flattens proved provenance: the certificate's identity, and the builder the predicate names", () => {
    const evidence = anEvidence({
      provenance: proved(aProvenance({ identity: anIdentity({ trigger: 'release' }) })),
    });
    const [verdict] = verdictsOf(aReport([aVerdict({ evidence })]));
    assert.deepEqual(verdict.evidence.provenance, {
      status: 'proved',
      issuer: 'https://token.actions.githubusercontent.com',
      subject: 'https://github.com/acme/lib/.github/workflows/release.yml@refs/tags/v1.2.3',
      repository: 'https://github.com/acme/lib',
      repositoryId: '71995937',
      ownerId: '4711',
      ref: 'refs/tags/v1.2.3',
      commit: '0123456789abcdef0123456789abcdef01234567',
      workflow: '.github/workflows/release.yml',
      trigger: 'release',
      runner: 'github-hosted',
      builder: 'https://github.com/actions/runner/github-hosted',
      run: 'https://github.com/acme/lib/actions/runs/1234567890/attempts/1',
      predicateType: 'https://slsa.dev/provenance/v1',
      loggedAt: '2026-10-23T12:00:00.000Z',
      logIndex: '1001',
    });
  });

  it("names the certificate's builder where the predicate names none", () => {
    const provenance = proved(without(aProvenance(), 'builder'));
    const [verdict] = verdictsOf(aReport([aVerdict({ evidence: anEvidence({ provenance }) })]));
    assert.match(verdict.evidence.provenance.builder, /release\.yml@refs/);
  });

  it('tells absent, refuted and unavailable evidence apart, with reasons', () => {
    const evidence = anEvidence({
      signature: { status: 'refuted', reason: 'stripped' },
      publish: { status: 'absent' },
      provenance: { status: 'unavailable', reason: 'timeout' },
    });
    const [verdict] = verdictsOf(aReport([aVerdict({ evidence })]));
    assert.deepEqual(verdict.evidence, {
      signature: { status: 'refuted', reason: 'stripped' },
      publish: { status: 'absent' },
      provenance: { status: 'unavailable', reason: 'timeout' },
    });
  });

  it('names a package as published, and its alias only when it has one', () => {
    const [plain, aliased] = verdictsOf(
      aReport([aVerdict(), aVerdict({ package: aPackage({ alias: 'lib' }) })]),
    );
    assert.ok(!('alias' in plain.package));
    assert.equal(aliased.package.alias, 'lib');
    assert.equal(aliased.package.name, '@acme/lib');
    assert.equal(aliased.package.source, 'registry');
  });
});

function verdictsOf(report: Report) {
  return JSON.parse(render(report, 'json')).verdicts;
}

function outcomesOf(outcomes: readonly Outcome[]) {
  return verdictsOf(aReport([aVerdict({ outcomes })]))[0].outcomes;
}
