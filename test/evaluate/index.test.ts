import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checks } from '../../lib/checks/index.ts';
import { evaluate, settingsFor } from '../../lib/evaluate/index.ts';
import type { Lock } from '../../lib/model/lock.ts';
import type { ResolvedPackage } from '../../lib/model/package.ts';
import type { Settings } from '../../lib/model/policy.ts';
import { aPackage, aPolicy } from '../support/builders.ts';
import { NOW } from '../support/host.ts';
import { anExemption, anInput, asksProvenance, evidenceOf, setting } from './input.ts';

const ABSENT = { provenance: { status: 'absent' } } as const;
const UNAVAILABLE = { provenance: { status: 'unavailable', reason: 'timed out' } } as const;

function named(name: string): ResolvedPackage {
  return aPackage({ id: { name, version: '1.0.0' } });
}

describe('a report', () => {
  it('passes the ordinary package under every check that has a rule for it', () => {
    const settings: Partial<Settings> = {
      'lockfile-integrity': setting('lockfile-integrity', 'error', {}),
      'lockfile-resolved': setting('lockfile-resolved', 'error', { hosts: [] }),
      'registry-signature': setting('registry-signature', 'error', { required: true }),
      provenance: setting('provenance', 'error', { required: true }),
      'minimum-age': setting('minimum-age', 'error', { days: 29 }),
    };
    const report = evaluate(anInput({ policy: aPolicy({ settings }) }));
    assert.equal(report.effect, 'pass');
    assert.deepEqual(
      report.verdicts[0]?.outcomes.map(({ check }) => check),
      ['lockfile-integrity', 'lockfile-resolved', 'registry-signature', 'provenance', 'minimum-age'],
    );
  });

  it('says what it judged, when, and by what', () => {
    const { verdicts, summary, ...rest } = evaluate(anInput({ policy: aPolicy({ path: '.npmsignrc' }) }));
    assert.deepEqual(rest, {
      schema: 1,
      tool: { name: 'npmsign', version: '1.0.0' },
      judgedAt: NOW.toISOString(),
      policy: { path: '.npmsignrc', digest: `sha256:${'0'.repeat(64)}` },
      lockfile: { path: 'package-lock.json', format: 'npm' },
      trust: { root: 'public-good', source: 'embedded', ageDays: 0 },
      effect: 'pass',
      notices: [],
    });
    assert.equal(verdicts.length, 1);
    assert.equal(summary.packages, 1);
  });

  it('has no policy path for the built-in policy, and the notices of others first', () => {
    const others = [{ code: 'TRUST_ROOT_OLD', message: 'the trust root is 40 days old' }];
    const policy = asksProvenance('error', { exemptions: [anExemption()] });
    const report = evaluate(anInput({ policy, notices: others }));
    assert.equal('path' in report.policy, false);
    assert.deepEqual(
      report.notices.map(({ code }) => code),
      ['TRUST_ROOT_OLD', 'EXEMPTION_UNUSED'],
    );
  });

  it('is sorted by key, whatever the order of the lockfile', () => {
    const packages = ['b', 'a', 'Z', '@acme/z'].map(named);
    const keys = evaluate(anInput({ packages })).verdicts.map((verdict) => verdict.package.key);
    assert.deepEqual(keys, ['node_modules/@acme/z', 'node_modules/Z', 'node_modules/a', 'node_modules/b']);
  });
});

describe('effects', () => {
  const cases = [
    ['fail', 'error', ABSENT, [], 'fail', 'fail'],
    ['unverified', 'error', UNAVAILABLE, [], 'unverified', 'unverified'],
    ['warn about an absent proof', 'warn', ABSENT, [], 'warn', 'warn'],
    ['warn about an unavailable proof', 'warn', UNAVAILABLE, [], 'warn', 'warn'],
    ['exempt', 'error', ABSENT, [anExemption()], 'exempt', 'pass'],
    ['exempt what could not be found out', 'error', UNAVAILABLE, [anExemption()], 'exempt', 'pass'],
    [
      'fail one day after the exemption',
      'error',
      ABSENT,
      [anExemption({ expires: '2026-11-21' })],
      'fail',
      'fail',
    ],
    [
      'fail under an exemption from another check',
      'error',
      ABSENT,
      [anExemption({ checks: ['minimum-age'] })],
      'fail',
      'fail',
    ],
    ['pass what is off', 'off', ABSENT, [], 'pass', 'pass'],
  ] as const;
  for (const [name, level, change, exemptions, effect, whole] of cases) {
    it(name, () => {
      const policy = asksProvenance(level, { exemptions });
      const report = evaluate(anInput({ policy, evidence: evidenceOf([aPackage()], change) }));
      assert.equal(report.verdicts[0]?.effect, effect);
      assert.equal(report.effect, whole);
      assert.equal(report.verdicts[0]?.outcomes[0]?.exemption !== undefined, effect === 'exempt');
    });
  }

  it('are named with the place that decided the level', () => {
    const overrides = [
      { packages: ['@acme/*'], checks: { provenance: { level: 'warn' } }, at: '.npmsignrc:12' },
    ] as const;
    const report = evaluate(
      anInput({ policy: asksProvenance('error', { overrides }), evidence: evidenceOf([aPackage()], ABSENT) }),
    );
    assert.equal(report.effect, 'warn');
    assert.equal(report.verdicts[0]?.outcomes[0]?.decidedBy, '.npmsignrc:12');
  });
});

describe('every package is accounted for', () => {
  it('in exactly one count, and in one state of each proof', () => {
    const [good, bad, lost, waived, warned] = ['good', 'bad', 'lost', 'waived', 'warned'].map(named) as [
      ResolvedPackage,
      ResolvedPackage,
      ResolvedPackage,
      ResolvedPackage,
      ResolvedPackage,
    ];
    const packages = [good, bad, lost, waived, warned];
    const policy = asksProvenance('error', {
      exemptions: [anExemption({ package: 'waived' })],
      overrides: [{ packages: ['warned'], checks: { provenance: { level: 'warn' } } }],
    });
    const evidence = new Map([
      ...evidenceOf([good], {}),
      ...evidenceOf([bad, waived, warned], ABSENT),
      ...evidenceOf([lost], UNAVAILABLE),
    ]);
    const { summary, effect } = evaluate(anInput({ policy, packages, evidence }));
    assert.equal(effect, 'fail');
    assert.deepEqual(summary, {
      packages: 5,
      pass: 1,
      warn: 1,
      exempt: 1,
      unverified: 1,
      fail: 1,
      signatures: { proved: 5, refuted: 0, absent: 0, unavailable: 0, notApplicable: 0 },
      provenance: { proved: 1, refuted: 0, absent: 3, unavailable: 1, notApplicable: 0 },
    });
  });

  it('and one without evidence is unknown to every check', () => {
    const settings = {
      ...allErrors(),
      'package-source': setting('package-source', 'error', { allow: ['registry'] }),
    };
    const report = evaluate(anInput({ policy: aPolicy({ settings }), evidence: new Map() }));
    const outcomes = report.verdicts[0]?.outcomes ?? [];
    assert.equal(outcomes.length, checks.length);
    for (const { check, answer } of outcomes) assert.equal(answer.kind, 'unknown', check);
    assert.equal(report.effect, 'unverified');
  });

  it('and a hostile name is an ordinary key', () => {
    const packages = ['__proto__', 'constructor'].map((key) =>
      aPackage({ key, id: { name: key, version: '1.0.0' } }),
    );
    const report = evaluate(anInput({ packages, policy: asksProvenance() }));
    assert.deepEqual(
      report.verdicts.map(({ effect }) => effect),
      ['pass', 'pass'],
    );
  });
});

describe('the signer lock', () => {
  const entry = {
    name: '@acme/lib',
    line: '1',
    proof: 'provenance',
    signer: { issuer: 'https://old.example' },
    installScript: false,
    bins: [],
  } as const;
  const policy = aPolicy({ settings: { 'locked-signer': setting('locked-signer', 'error', {}) } });
  const judge = (lock: Lock, version = '1.2.3') =>
    evaluate(anInput({ policy, lock, packages: [aPackage({ id: { name: '@acme/lib', version } })] }))
      .verdicts[0]?.outcomes[0]?.answer.kind;
  const holding = (key: string, held: object = {}): Lock => ({
    path: 'npmsign.lock.json',
    entries: new Map([[key, { ...entry, ...held }]]),
  });

  it('is read by name and major version, or 0.minor below 1', () => {
    assert.equal(judge(holding('@acme/lib 1')), 'fail');
    assert.equal(judge(holding('@acme/lib 1'), '2.0.0'), 'skip');
    assert.equal(judge(holding('@acme/lib 0.4', { line: '0.4' }), '0.4.9'), 'fail');
    assert.equal(judge(holding('@acme/lib 0.4', { line: '0.4' }), '0.5.0'), 'skip');
  });

  it('gives a package no entry of another name', () =>
    assert.equal(judge(holding('@acme/lib 1', { name: '@acme/lib 1' })), 'skip'));
});

describe('the setting for one package', () => {
  it('is what the check is asked with', () => {
    const overrides = [
      { packages: ['@acme/*'], checks: { 'minimum-age': { level: 'error', options: { days: 9 } } } },
    ] as const;
    const policy = aPolicy({ overrides });
    assert.deepEqual(settingsFor('minimum-age', policy, aPackage()), [
      { level: 'error', options: { days: 9 } },
    ]);
    assert.deepEqual(settingsFor('minimum-age', policy, named('other')), [
      { level: 'off', options: { days: 1 } },
    ]);
  });
});

describe('a package under an alias', () => {
  const pinned = { packages: ['@acme/*'], checks: { provenance: { level: 'error' } } } as const;
  const lenient = { packages: ['@acme/*'], checks: { provenance: { level: 'off' } } } as const;
  const judge = (alias: string, override: typeof pinned | typeof lenient, level: 'off' | 'error'): string => {
    const pkg = { ...named('evil-lib'), alias };
    const packages = [pkg];
    const policy = asksProvenance(level, { overrides: [override] });
    return evaluate(anInput({ packages, policy, evidence: evidenceOf(packages, ABSENT) })).effect;
  };

  it('does not escape what the policy demands of the name it stands under', () => {
    assert.equal(judge('@acme/lib', pinned, 'off'), 'fail');
    assert.equal(judge('@other/lib', pinned, 'off'), 'pass');
  });

  it('gains nothing from a name the policy is lenient with', () =>
    assert.equal(judge('@acme/lib', lenient, 'error'), 'fail'));
});

/** The ordinary policy with every check at `error`. */
function allErrors(): Settings {
  const { settings } = aPolicy();
  // Only levels change, so each check keeps the options that are its own.
  return Object.fromEntries(
    Object.entries(settings).map(([id, { options }]) => [id, { level: 'error', options }]),
  ) as unknown as Settings;
}
