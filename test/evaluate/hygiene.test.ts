import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checks } from '../../lib/checks/index.ts';
import { evaluate } from '../../lib/evaluate/index.ts';
import type { Exemption } from '../../lib/model/policy.ts';
import { aPackage, aProvenance, aPublishAttestation, proved } from '../support/builders.ts';
import { anExemption, anInput, asksProvenance, evidenceOf } from './input.ts';

const UNPROVED = evidenceOf([aPackage()], { provenance: { status: 'absent' } });

function codesFor(exemption: Partial<Exemption>, evidence = UNPROVED): readonly string[] {
  const policy = asksProvenance('error', { exemptions: [anExemption(exemption)] });
  return evaluate(anInput({ policy, evidence })).notices.map(({ code }) => code);
}

describe('notices about exemptions', () => {
  const cases = [
    ['are none for one that is narrow, dated and used', {}, []],
    ['say it expired, the day after', { expires: '2026-11-21' }, ['EXEMPTION_EXPIRED']],
    ['say it expires soon, on the last day', { expires: '2026-11-22' }, ['EXEMPTION_EXPIRING']],
    ['say it expires soon, two weeks before', { expires: '2026-12-05' }, ['EXEMPTION_EXPIRING']],
    ['stay silent earlier', { expires: '2026-12-06' }, []],
    ['say it covers every name', { package: '**' }, ['EXEMPTION_TOO_WIDE']],
    ['say it covers every scope', { package: '@*/*' }, ['EXEMPTION_TOO_WIDE']],
    ['say it covers every check', { checks: checks.map(({ id }) => id) }, ['EXEMPTION_TOO_WIDE']],
    ['say it exempts nothing: another version', { package: '@acme/lib@1.2.4' }, ['EXEMPTION_UNUSED']],
    ['say it exempts nothing: another check', { checks: ['minimum-age'] }, ['EXEMPTION_UNUSED']],
  ] as const;
  for (const [name, exemption, codes] of cases) it(name, () => assert.deepEqual(codesFor(exemption), codes));

  it('say it is not needed where the check passes', () =>
    assert.deepEqual(codesFor({}, evidenceOf([aPackage()], {})), ['EXEMPTION_UNUSED']));

  it('say where the exemption stands', () => {
    const policy = asksProvenance('error', {
      exemptions: [anExemption({ expires: '2026-01-01', at: '.npmsignrc:9' })],
    });
    const [notice] = evaluate(anInput({ policy })).notices;
    assert.equal(
      notice?.message,
      'the exemption for @acme/lib@1.2.3 (.npmsignrc:9) expired on 2026-01-01 and no longer exempts',
    );
  });
});

describe('notices about overrides', () => {
  it('name one that matches no package', () => {
    const overrides = [
      { packages: ['@acme/*'], checks: {}, at: '.npmsignrc:4' },
      { packages: ['@acme/libb'], checks: {}, at: '.npmsignrc:7' },
    ];
    const { notices } = evaluate(anInput({ policy: asksProvenance('error', { overrides }) }));
    assert.deepEqual(notices, [
      { code: 'OVERRIDE_UNUSED', message: '.npmsignrc:7 matches no package: @acme/libb' },
    ]);
  });
});

describe('notices about shrinkwraps', () => {
  it('name a package that brings its own, and say nothing of others', () => {
    const packages = [
      aPackage({ ownShrinkwrap: true }),
      aPackage({ id: { name: 'plain', version: '1.0.0' } }),
    ];
    const { notices } = evaluate(anInput({ packages }));
    assert.equal(notices.length, 1);
    assert.equal(notices[0]?.code, 'SHRINKWRAP_WITHIN');
    assert.match(notices[0]?.message ?? '', /^1 of the packages .*\(@acme\/lib@1\.2\.3\)/);
  });
});

describe('notices about the clock', () => {
  const loggedAt = '2028-01-01T00:00:00Z';
  for (const [name, evidence] of [
    ['a publish', { publish: proved(aPublishAttestation({ loggedAt })) }],
    ['a build', { provenance: proved(aProvenance({ loggedAt })) }],
  ] as const) {
    it(`say it is wrong when ${name} was logged in its future`, () => {
      const { notices } = evaluate(anInput({ evidence: evidenceOf([aPackage()], evidence) }));
      assert.deepEqual(
        notices.map(({ code }) => code),
        ['CLOCK_WRONG'],
      );
      assert.match(notices[0]?.message ?? '', /says 2026-11-22T12:00:00Z, .* says 2028-01-01T00:00:00Z/);
    });
  }

  it('forgive a minute', () => {
    const publish = proved(aPublishAttestation({ loggedAt: '2026-11-22T12:01:00Z' }));
    assert.deepEqual(evaluate(anInput({ evidence: evidenceOf([aPackage()], { publish }) })).notices, []);
  });
});
