import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exemptionsFor, isHolding, waiverOf } from '../../lib/evaluate/exemptions.ts';
import { anExemption } from './input.ts';

describe('an exemption', () => {
  it('holds through the last second of its day, UTC, and not one later', () => {
    const exemption = anExemption({ expires: '2027-03-01' });
    assert.equal(isHolding(exemption, new Date('2027-03-01T23:59:59.999Z')), true);
    assert.equal(isHolding(exemption, new Date('2027-03-02T00:00:00.000Z')), false);
  });

  it('never holds without a readable date', () => {
    for (const expires of ['', 'never', '2027-13-01', '9999']) {
      assert.equal(isHolding(anExemption({ expires }), new Date(0)), false, expires);
    }
  });

  it('covers the packages it names, and no others', () => {
    const all = [
      anExemption(),
      anExemption({ package: '@acme/*' }),
      anExemption({ package: '@acme/lib@^2' }),
    ];
    assert.deepEqual(exemptionsFor(all, { name: '@acme/lib', version: '1.2.3' }), all.slice(0, 2));
    assert.deepEqual(exemptionsFor(all, { name: '@acme/lib', version: '2.0.0' }), all.slice(1));
    assert.deepEqual(exemptionsFor(all, { name: '@evil/lib', version: '1.2.3' }), []);
  });

  it('waives the checks it names, and no others', () => {
    assert.deepEqual(waiverOf([anExemption()], 'provenance'), anExemption());
    assert.equal(waiverOf([anExemption()], 'minimum-age'), undefined);
  });
});
