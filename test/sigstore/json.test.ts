/** Reads JSON from strangers, and refuses every surprise. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault } from '../../lib/sigstore/fault.ts';
import { base64Of, countAt, member, objectOf } from '../../lib/sigstore/json.ts';

function refusedWith(code: Fault['code']) {
  return (error: unknown) => error instanceof Fault && error.code === code;
}

describe('JSON from strangers', () => {
  it('never answers with a prototype', () => {
    const object = objectOf(JSON.parse('{"__proto__":{"a":1}}'), 'x');
    assert.equal(member(object, 'a'), undefined);
    assert.equal(member(object, 'constructor'), undefined);
    assert.deepEqual(member(object, '__proto__'), { a: 1 });
  });

  it('takes canonical base64 only', () => {
    assert.deepEqual(base64Of('AQ==', 'x').bytes, Buffer.from([1]));
    for (const text of ['AQ', 'AQ=', 'AR==', 'AQ==\n', ' AQ==', 'A-_A', 'AQ==AQ==', '', null, 1]) {
      assert.throws(() => base64Of(text, 'x'), refusedWith('MALFORMED'));
    }
  });

  it('takes non-negative integers only, as text or number', () => {
    for (const value of ['0', '7', 7, '9007199254740991'])
      assert.equal(countAt({ value }, 'value', 'x'), Number(value));
    for (const value of ['-1', -1, '07', '1e3', '0x1', 1.5, '9007199254740993', true, [], ' 1', '']) {
      assert.throws(() => countAt({ value }, 'value', 'x'), refusedWith('MALFORMED'));
    }
  });
});
