import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fail, pass, skip, unknown } from '../../lib/checks/define.ts';
import { effectOf, runEffect, strongest } from '../../lib/evaluate/effect.ts';
import { anExemption } from './input.ts';

const exemption = anExemption();

describe('the truth table', () => {
  const rows = [
    [pass('x'), 'pass', 'pass', 'pass'],
    [skip('x'), 'pass', 'pass', 'pass'],
    [fail('x'), 'fail', 'warn', 'exempt'],
    [unknown('x'), 'unverified', 'warn', 'exempt'],
  ] as const;
  for (const [answer, error, warn, exempt] of rows) {
    it(`turns ${answer.kind} into ${error}, ${warn} or ${exempt}`, () => {
      assert.equal(effectOf(answer, { level: 'error', exemption: undefined }), error);
      assert.equal(effectOf(answer, { level: 'warn', exemption: undefined }), warn);
      assert.equal(effectOf(answer, { level: 'error', exemption }), exempt);
      assert.equal(effectOf(answer, { level: 'warn', exemption }), exempt);
    });
  }
});

describe('several effects', () => {
  const order = ['pass', 'exempt', 'warn', 'unverified', 'fail'] as const;
  for (const [index, effect] of order.entries()) {
    it(`come to ${effect} when nothing is stronger`, () => {
      assert.equal(strongest(order.slice(0, index + 1)), effect);
      assert.equal(strongest(order.slice(0, index + 1).toReversed()), effect);
    });
  }

  it('come to pass when there are none', () => assert.equal(strongest([]), 'pass'));

  it('come to a run that meets the policy where all that failed was exempt', () => {
    assert.equal(runEffect(['pass', 'exempt']), 'pass');
    assert.equal(runEffect(['exempt', 'warn']), 'warn');
    assert.equal(runEffect(['fail', 'unverified']), 'fail');
  });
});
