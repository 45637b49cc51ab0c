/** The proposed policy edit lets the run pass when it is pasted, and is not proposed for signs of tampering. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { evaluate, suggestionFor } from '../../lib/evaluate/index.ts';
import type { Evidence } from '../../lib/model/evidence.ts';
import type { Exemption, Override, Policy, Settings } from '../../lib/model/policy.ts';
import { aManifest, anEvidence, aPackage, aPolicy, told } from '../support/builders.ts';
import { NOW } from '../support/host.ts';
import { anInput, setting } from './input.ts';

const SETTINGS: Partial<Settings> = {
  'lockfile-integrity': setting('lockfile-integrity', 'error', {}),
  'install-script': setting('install-script', 'error', { allow: [] }),
  'package-source': setting('package-source', 'error', { allow: ['registry'] }),
  provenance: setting('provenance', 'error', { required: true }),
  'minimum-age': setting('minimum-age', 'error', { days: 3 }),
};

function judge(change: Partial<Evidence>, policy: Partial<Policy> = {}, pkg = aPackage()) {
  const evidence = new Map([[pkg.key, anEvidence(change, pkg)]]);
  return evaluate(anInput({ packages: [pkg], evidence, policy: aPolicy({ ...policy, settings: SETTINGS }) }));
}

/** The policy with the proposal pasted into it. */
function pasted(change: Partial<Evidence>, pkg = aPackage()): string {
  const { overrides, exemptions } = suggestionFor(judge(change, {}, pkg));
  return judge(
    change,
    {
      overrides: overrides.map(
        (one) =>
          ({
            packages: [one.package],
            checks: { [one.check]: { level: 'error', options: one.options } },
          }) as unknown as Override,
      ),
      exemptions: exemptions as readonly Exemption[],
    },
    pkg,
  ).effect;
}

describe('a proposed policy edit', () => {
  const young = told(aManifest({ publishedAt: { at: NOW.toISOString(), from: 'manifest' } }));
  const cases = [
    ['absent provenance', { provenance: { status: 'absent' } }],
    ['an unreviewed install script', { manifest: told(aManifest({ installScripts: ['postinstall'] })) }],
    ['a young release', { manifest: young, publish: { status: 'absent' }, provenance: { status: 'absent' } }],
  ] as const;
  for (const [name, change] of cases) {
    it(`lets ${name} pass once it is pasted, and not before`, () => {
      assert.equal(judge(change).effect, 'fail');
      assert.equal(pasted(change), 'pass');
    });
  }

  it('names exactly one version', () => {
    const { exemptions } = suggestionFor(judge({ provenance: { status: 'absent' } }));
    assert.deepEqual(
      exemptions.map((one) => [one.package, one.checks, one.expires]),
      [['@acme/lib@1.2.3', ['provenance'], '2026-12-22']],
    );
  });

  it('allows a git package by where it comes from, not by a name anybody can take', () => {
    const resolved = 'git+ssh://git@git.example/acme/lib.git#0123456789abcdef0123456789abcdef01234567';
    const pkg = aPackage({ source: { kind: 'git', resolved } });
    const { overrides } = suggestionFor(judge({}, {}, pkg));
    assert.deepEqual(overrides.find(({ check }) => check === 'install-script')?.options, {
      allow: [resolved],
    });
    assert.deepEqual(overrides.find(({ check }) => check === 'package-source')?.options, { allow: ['git'] });
  });

  const hopeless = [
    ['refuted provenance', { provenance: { status: 'refuted', reason: 'a wrong signature' } }],
    [
      'another hash at the registry',
      { manifest: told(aManifest({ integrity: `sha512-${'A'.repeat(86)}==` })) },
    ],
    ['a registry that does not answer', { provenance: { status: 'unavailable', reason: 'timed out' } }],
  ] as const;
  for (const [name, change] of hopeless) {
    it(`is not made for ${name}`, () => {
      const { overrides, exemptions, refused } = suggestionFor(judge(change));
      assert.deepEqual([overrides, exemptions], [[], []]);
      assert.equal(refused.length, 1);
    });
  }

  it('is empty when nothing stops the install', () =>
    assert.deepEqual(suggestionFor(judge({})), { overrides: [], exemptions: [], refused: [] }));
});
