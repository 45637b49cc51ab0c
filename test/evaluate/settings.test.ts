import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decidedSetting, overridesFor } from '../../lib/evaluate/settings.ts';
import type { CheckId, Override, Policy } from '../../lib/model/policy.ts';
import { aPackage, aPolicy } from '../support/builders.ts';
import { setting } from './input.ts';

const BASE = {
  'source-repository': setting('source-repository', 'warn', { allow: ['a'], ids: ['1'], ownerIds: [] }),
};

function decide<Id extends CheckId>(check: Id, overrides: readonly Override[], policy: Partial<Policy> = {}) {
  const whole = aPolicy({ ...policy, settings: BASE, overrides });
  return decidedSetting(check, whole, overridesFor(whole, aPackage().id));
}

describe('settings', () => {
  it('are the policy’s own where no override matches', () => {
    const decided = decide('source-repository', [
      { packages: ['other'], checks: { 'source-repository': { level: 'error' } } },
    ]);
    assert.deepEqual(decided, { setting: BASE['source-repository'], decidedBy: 'recommended' });
  });

  it('take the last match, option by option', () => {
    const { setting: found, decidedBy } = decide(
      'source-repository',
      [
        {
          packages: ['@acme/*'],
          checks: { 'source-repository': { level: 'error', options: { allow: ['b'] } } },
          at: 'p:7',
        },
        {
          packages: ['@acme/lib@^1'],
          checks: { 'source-repository': { options: { allow: ['c'] } } },
          at: 'p:9',
        },
        { packages: ['@acme/lib'], checks: { provenance: { level: 'off' } }, at: 'p:11' },
      ],
      { path: '.npmsignrc' },
    );
    assert.deepEqual(found, { level: 'error', options: { allow: ['c'], ids: ['1'], ownerIds: [] } });
    assert.equal(decidedBy, 'p:7');
  });

  it('leave out what an exclusion takes away', () => {
    const overrides = [
      { packages: ['@acme/*', '!@acme/lib'], checks: { 'source-repository': { level: 'off' } } },
    ] as const;
    assert.equal(decide('source-repository', overrides).setting.level, 'warn');
    const others = [
      { packages: ['@acme/*', '!@acme/other'], checks: { 'source-repository': { level: 'off' } } },
    ] as const;
    assert.equal(decide('source-repository', others).setting.level, 'off');
  });

  it('name an override by its number where its line is not known', () => {
    const overrides = [{ packages: ['**'], checks: { 'source-repository': { level: 'error' } } }] as const;
    assert.equal(decide('source-repository', overrides).decidedBy, 'override 1');
  });

  it('name the very place where it is known', () => {
    const at = { level: 'error', options: {}, at: 'recommended' } as const;
    const base = aPolicy({ path: '.npmsignrc', settings: { 'build-runner': at } });
    assert.equal(decidedSetting('build-runner', base, []).decidedBy, 'recommended');
    const override = {
      packages: ['**'],
      checks: { 'build-runner': { level: 'off', at: 'p:5' } },
      at: 'p:4',
    } as const;
    assert.equal(decidedSetting('build-runner', base, [override]).decidedBy, 'p:5');
  });

  it('name the policy file where it decided', () =>
    assert.equal(decide('source-repository', [], { path: '.npmsignrc' }).decidedBy, '.npmsignrc'));
});
