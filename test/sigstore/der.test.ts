/** Reads DER, and refuses what is not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  booleanOf,
  childrenOf,
  headerFor,
  oid,
  oidOf,
  parseDer,
  smallIntegerOf,
  TAG,
  timeOf,
} from '../../lib/sigstore/der.ts';
import { Fault } from '../../lib/sigstore/fault.ts';

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}

function refusedWith(code: Fault['code']) {
  return (error: unknown) => error instanceof Fault && error.code === code;
}

describe('DER', () => {
  const malformed: readonly (readonly [string, string])[] = [
    ['nothing', ''],
    ['a tag alone', '30'],
    ['a length longer than the bytes', '0402 00'],
    ['bytes after the value', '0500 00'],
    ['an indefinite length', '3080 0000'],
    ['a length in more octets than needed', '048101 00'],
    ['a length with leading zeros', `04820080 ${'00'.repeat(128)}`],
    ['a length of four octets', '048400000001 00'],
    ['a high tag number', '1f0100'],
    ['the reserved tag 0', '000100'],
  ];
  for (const [what, bytes] of malformed) {
    it(`is refused for ${what}`, () => assert.throws(() => parseDer(hex(bytes)), refusedWith('CERTIFICATE')));
  }

  it('reads what it should, up to lengths of three octets', () => {
    for (const size of [0, 127, 128, 255, 256, 65_535, 65_536]) {
      const element = parseDer(Buffer.concat([headerFor(TAG.octetString, size), Buffer.alloc(size)]));
      assert.equal(element.end - element.content, size);
    }
    assert.equal(childrenOf(parseDer(hex('3006 020101 0101ff')), TAG.sequence).length, 2);
    assert.throws(() => childrenOf(parseDer(hex('3006 020101 0101ff')), TAG.set), refusedWith('CERTIFICATE'));
  });

  it('writes a length in the fewest octets, as X.690 has it', () => {
    const headers: readonly (readonly [number, string])[] = [
      [0, '3000'],
      [0x7f, '307f'],
      [0x80, '308180'],
      [0xff, '3081ff'],
      [0x100, '30820100'],
      [0xffff, '3082ffff'],
      [0x10000, '3083010000'],
      [0xffffff, '3083ffffff'],
    ];
    for (const [length, expected] of headers) assert.equal(headerFor(0x30, length).toString('hex'), expected);
    assert.equal(headerFor(0xa3, 5).toString('hex'), 'a305');
  });

  it('spells object identifiers as they are encoded', () => {
    assert.equal(oidOf(parseDer(hex('060a 2b0601040183bf300108'))), oid('1.3.6.1.4.1.57264.1.8'));
    assert.notEqual(oid('1.3.6.1.4.1.57264.1.8'), oid('1.3.6.1.4.1.57264.1.18'));
  });

  it('knows one true and one false, and small integers that are positive', () => {
    assert.equal(booleanOf(parseDer(hex('0101ff'))), true);
    assert.throws(() => booleanOf(parseDer(hex('010101'))), refusedWith('CERTIFICATE'));
    assert.equal(smallIntegerOf(parseDer(hex('02017f'))), 127);
    assert.throws(() => smallIntegerOf(parseDer(hex('0201ff'))), refusedWith('CERTIFICATE'));
  });

  const times: readonly (readonly [number, string, string | undefined])[] = [
    [TAG.utcTime, '491231235959Z', '2049-12-31T23:59:59.000Z'],
    [TAG.utcTime, '500101000000Z', '1950-01-01T00:00:00.000Z'],
    [TAG.generalizedTime, '20261122120000Z', '2026-11-22T12:00:00.000Z'],
    [TAG.generalizedTime, '20261122120000.25Z', '2026-11-22T12:00:00.250Z'],
    [TAG.generalizedTime, '20261122120000.250Z', undefined],
    [TAG.generalizedTime, '20260230120000Z', undefined],
    [TAG.generalizedTime, '20261122240000Z', undefined],
    [TAG.generalizedTime, '20261122120000', undefined],
    [TAG.utcTime, '2611221200Z', undefined],
    [TAG.ia5, '20261122120000Z', undefined],
  ];
  for (const [tag, text, expected] of times) {
    it(`reads the time ${text} under tag ${tag} as ${expected ?? 'none'}`, () => {
      const read = () => timeOf(parseDer(Buffer.concat([headerFor(tag, text.length), Buffer.from(text)])));
      if (expected === undefined) assert.throws(read, refusedWith('CERTIFICATE'));
      else assert.equal(new Date(read()).toISOString(), expected);
    });
  }
});
