/** A body is read as the UTF-8 it is, or not at all; what is packed says nothing about its length that is believed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { parseUnpacked, unpackBody } from '../../lib/registry/body.ts';

const EXPECTED = { limit: 1024, who: 'registry.example' };

describe('parseUnpacked', () => {
  for (const text of ['plain', 'Käse', '包', '🧀', '\u00ff', '\u0080', '\\u00e4']) {
    it(`reads ${JSON.stringify(text)} as it was written`, () => {
      const json = `{"deprecated":"${text}"}`;
      assert.deepEqual(parseUnpacked(Buffer.from(json, 'utf8'), EXPECTED), JSON.parse(json));
    });
  }

  const broken = [
    ['a byte that begins nothing', [0xff]],
    ['a letter in latin1', [0xe4]],
    ['half a letter', [0xc3]],
    ['a letter written too long', [0xc1, 0xa1]],
    ['half of a surrogate pair', [0xed, 0xa0, 0x80]],
  ] as const;
  for (const [what, bytes] of broken) {
    it(`refuses ${what}`, () => {
      const body = Buffer.concat([Buffer.from('{"deprecated":"'), Buffer.from(bytes), Buffer.from('"}')]);
      assert.throws(() => parseUnpacked(body, EXPECTED), {
        code: 'REGISTRY_MALFORMED',
        message: /not UTF-8/,
      });
    });
  }
});

describe('unpackBody', () => {
  const unpack = async (bytes: Buffer) => unpackBody({ bytes, encoding: 'gzip' }, EXPECTED);
  // The bytes cannot be packed well, so that the larger one is unpacked on another thread.
  for (const limit of [EXPECTED.limit, 512 * 1024]) {
    const body = Buffer.from(Array.from({ length: limit }, (_, at) => (at * at * 31 + (at >> 3) * 17) % 251));
    const packed = gzipSync(body);
    const within = (most: number) =>
      (async () => unpackBody({ bytes: packed, encoding: 'gzip' }, { ...EXPECTED, limit: most }))();

    it(`unpacks ${limit} bytes where so many are allowed`, async () =>
      assert.ok((await within(limit)).equals(body)));
    it(`refuses ${limit} bytes where one less is allowed`, () =>
      assert.rejects(within(limit - 1), { code: 'REGISTRY_TOO_LARGE' }));
  }

  for (const length of [0, 1, 100, 0xffffffff]) {
    it(`refuses a body that says it was ${length} bytes long and was not`, async () => {
      const packed = gzipSync('{"name":"lib"}');
      assert.equal(String(await unpack(packed)), '{"name":"lib"}');
      packed.writeUInt32LE(length, packed.length - 4);
      await assert.rejects(unpack(packed), { code: 'REGISTRY_MALFORMED', message: /not valid gzip/ });
    });
  }
});
