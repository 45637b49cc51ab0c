/** Reads JSON from strangers, and refuses every surprise. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TextDecoder } from 'node:util';
import { Fault } from '../../lib/sigstore/fault.ts';
import { base64Of, countAt, member, objectOf, utf8Of } from '../../lib/sigstore/json.ts';

function refusedWith(code: Fault['code']) {
  return (error: unknown) => error instanceof Fault && error.code === code;
}

function decodedBy(decoder: TextDecoder, bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    assert.ok(error instanceof TypeError);
    return undefined;
  }
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

  it('takes the text a fatal decoder takes, of a buffer or a plain array, and refuses what that refuses', () => {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const parts = [
      '61',
      'c3a9',
      'e282ac',
      'f09f9880',
      'efbbbf',
      'efbfbd',
      '00',
      '80',
      'c0af',
      'eda080',
      'f8',
    ];
    for (const first of parts) {
      for (const second of ['', ...parts, 'c3', 'e282']) {
        const bytes = Buffer.from(`${first}${second}`, 'hex');
        const expected = decodedBy(decoder, bytes);
        assert.equal(utf8Of(bytes), expected);
        assert.equal(utf8Of(new Uint8Array(bytes)), expected);
      }
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
