import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CheckId, Level, Policy } from '../../lib/model/policy.ts';
import { mergeSettings } from '../../lib/model/settings.ts';
import { checkIds, defaultSettings, type PresetName, presets } from '../../lib/policy/index.ts';
import { aPolicy } from '../support/builders.ts';
import { policyOf } from './a-project.ts';

type Row = readonly [CheckId, Level, object];

const OFF: readonly CheckId[] = [
  'source-repository',
  'source-ref',
  'build-workflow',
  'build-trigger',
  'build-runner',
  'certificate-issuer',
  'signer-identity',
];
const RECOMMENDED: readonly Row[] = [
  ['lockfile-integrity', 'error', {}],
  ['lockfile-resolved', 'error', { hosts: [] }],
  ['package-source', 'error', { allow: ['registry', 'workspace', 'link', 'file', 'bundled'] }],
  ['install-script', 'error', { allow: [] }],
  ['reserved-bin', 'error', { names: [] }],
  ['registry-signature', 'error', { required: false }],
  ['publish-attestation', 'error', { required: false }],
  ['provenance', 'error', { required: false }],
  ['declared-repository', 'warn', {}],
  ['minimum-age', 'error', { days: 1 }],
  ['provenance-regression', 'error', { baseline: 'major' }],
  ['locked-signer', 'error', {}],
];
const STRICT: readonly Row[] = RECOMMENDED.map(([id, level, options]) => {
  if (id === 'declared-repository') return [id, 'error', options];
  return id === 'registry-signature' || id === 'provenance'
    ? [id, level, { required: true }]
    : [id, level, options];
});
const EXPECTED: Readonly<Record<PresetName, readonly Row[]>> = {
  recommended: RECOMMENDED,
  strict: STRICT,
  observe: STRICT.map(([id, , options]) => [id, 'warn', options]),
};

describe('presets', () => {
  for (const name of ['observe', 'recommended', 'strict'] as const) {
    it(`${name} asks what SPEC 3 says, and no identity check`, async () => {
      const { settings } = await policyOf(`extends: ${name}`);
      for (const [id, level, options] of EXPECTED[name]) {
        assert.deepEqual(settings[id], { level, options, at: name }, id);
      }
      for (const id of OFF) assert.equal(settings[id].level, 'off', id);
      assert.equal(EXPECTED[name].length + OFF.length, checkIds.length);
    });
  }

  it('a preset named after a file leaves alone what it does not speak of', () => {
    const own = mergeSettings(defaultSettings, {
      'source-ref': { level: 'error', options: { allow: ['refs/tags/*'] } },
    });
    const both = mergeSettings(own, presets.recommended);
    assert.equal(both['source-ref'].level, 'error');
  });

  it('there are as many checks as a policy has settings', () => {
    assert.deepEqual([...checkIds].sort(), Object.keys(aPolicy().settings).sort());
    assert.deepEqual(Object.keys(defaultSettings), [...checkIds]);
  });
});

describe('mergeSettings', () => {
  it('keeps what is not stated, and changes neither argument', () => {
    const base = mergeSettings(defaultSettings, {
      'minimum-age': { level: 'warn', options: { days: 4 }, at: 'a:1' },
    });
    const merged = mergeSettings(base, { 'minimum-age': { options: { days: 5 }, at: 'b:1' } });
    assert.deepEqual(merged['minimum-age'], { level: 'warn', options: { days: 5 }, at: 'a:1' });
    assert.deepEqual(base['minimum-age'].options, { days: 4 });
    assert.equal(merged.provenance, base.provenance);
  });
});

describe('the digest of a policy', () => {
  const digest = async (text: string): Promise<Policy['digest']> => (await policyOf(text)).digest;
  it('is the same in every checkout, however the policy is written', async () => {
    const yaml =
      'extends: strict\nregistries:\n  "https://npm.example/": { keys: ./keys.json }\nchecks: { minimum-age: [error, { days: 3 }] }';
    const json =
      '{"checks":{"minimum-age":["error",{"days":3}]},\n"registries":{"https://npm.example":{"keys":"keys.json"}},"extends":["strict"]}';
    assert.equal(await digest(yaml), await digest(json));
    assert.equal(await digest('extends: recommended'), await digest('registries: {}'));
  });
  it('changes with anything that is judged by', async () => {
    const texts = [
      'extends: strict',
      'extends: recommended',
      'checks: {minimum-age: [error, {days: 2}]}',
      'checks: {minimum-age: [warn, {days: 2}]}',
      'overrides: [{packages: [a], checks: {}}]',
      'exemptions: [{package: a, checks: [provenance], reason: r, expires: 2027-01-01}]',
      'exemptions: [{package: a, checks: [provenance], reason: r, expires: 2027-01-02}]',
      'registries: {"https://npm.example": {mirrorOf: npm}}',
      'registries: {"https://npm.example": {keys: ./a.json}}',
      'registries: {"https://npm.example": {keys: ./b.json}}',
      'trust: {refresh: never}',
      'trust: {root: a.json}',
      'sign: {required: false}',
    ];
    const digests = await Promise.all(texts.map(digest));
    assert.equal(new Set(digests).size, texts.length);
  });
});
