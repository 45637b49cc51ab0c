/** Takes public keys of accepted kinds, and verifies signatures over a digest as over the bytes. */
import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, it } from 'node:test';
import { digest, digestText, holds, keyFromObject, keyFromSpki } from '../../lib/sigstore/crypto.ts';
import { Fault } from '../../lib/sigstore/fault.ts';
import { holdsOverDigest } from '../../lib/sigstore/prehashed.ts';

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}

function refusedWith(code: Fault['code']) {
  return (error: unknown) => error instanceof Fault && error.code === code;
}

describe('a public key', () => {
  const spkiOf = (key: KeyObject) => key.export({ type: 'spki', format: 'der' });

  it('is taken on the NIST curves, as RSA from 2048 bits, and as Ed25519', () => {
    for (const namedCurve of ['P-256', 'P-384', 'P-521']) {
      assert.equal(keyFromSpki(spkiOf(generateKeyPairSync('ec', { namedCurve }).publicKey)).kind, 'ec');
    }
    assert.equal(
      keyFromSpki(spkiOf(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey)).kind,
      'rsa',
    );
    assert.equal(keyFromSpki(spkiOf(generateKeyPairSync('ed25519').publicKey)).kind, 'ed25519');
  });

  it('is refused on another curve, of another kind, or weak', () => {
    const weak = [
      generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey,
      generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey,
      generateKeyPairSync('x25519').publicKey,
    ];
    for (const key of weak) assert.throws(() => keyFromSpki(spkiOf(key)), refusedWith('KEY'));
  });

  it('is refused off its curve, compressed, or cut short', () => {
    const spki = spkiOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey);
    const off = Buffer.from(spki);
    off[off.length - 1] = (off[off.length - 1] ?? 0) ^ 1;
    assert.throws(() => keyFromSpki(off), refusedWith('KEY'));
    const compressed = Buffer.from(spki);
    compressed[compressed.length - 65] = 2;
    assert.throws(() => keyFromSpki(compressed), refusedWith('KEY'));
    assert.throws(() => keyFromSpki(spki.subarray(0, -1)), refusedWith('CERTIFICATE'));
  });
});

describe('a digest', () => {
  // Enough of them that every octet occurs, those beyond ASCII included.
  const inputs = Array.from({ length: 64 }, (_, size) => Buffer.alloc(size * 7, size * 5));

  for (const algorithm of ['sha256', 'sha384', 'sha512'] as const) {
    it(`by ${algorithm} is the same in every form, and another one bit away`, () => {
      for (const bytes of inputs) {
        const expected = createHash(algorithm).update(bytes).digest();
        assert.deepEqual(digest(algorithm, bytes), expected);
        assert.deepEqual(digest(algorithm, new Uint8Array(bytes)), expected);
        assert.deepEqual(Buffer.from(digestText(algorithm, bytes, 'binary'), 'latin1'), expected);
        for (const encoding of ['hex', 'base64'] as const) {
          assert.equal(digestText(algorithm, bytes, encoding), expected.toString(encoding));
        }
        const longer = Buffer.concat([bytes, Buffer.from([1])]);
        const changed = Buffer.concat([bytes, Buffer.from([0])]);
        assert.notDeepEqual(digest(algorithm, changed), digest(algorithm, longer));
      }
    });
  }
});

describe('a signature over a digest', () => {
  const message = Buffer.from('the message');
  const kinds = [
    ['P-256', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
    ['P-384', generateKeyPairSync('ec', { namedCurve: 'P-384' })],
    ['P-521', generateKeyPairSync('ec', { namedCurve: 'P-521' })],
    ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 })],
  ] as const;
  for (const [name, { publicKey, privateKey }] of kinds) {
    for (const algorithm of ['sha256', 'sha384', 'sha512'] as const) {
      it(`by ${name} with ${algorithm} holds as it does over the bytes, and not one bit away`, () => {
        const key = keyFromObject(publicKey);
        for (let round = 0; round < 8; round++) {
          const signature = sign(algorithm, Buffer.concat([message, Buffer.from([round])]), privateKey);
          const own = digest(algorithm, Buffer.concat([message, Buffer.from([round])]));
          const claim = { algorithm, digest: own, signature };
          assert.equal(holdsOverDigest(key, claim), true);
          assert.equal(holdsOverDigest(key, { ...claim, digest: digest(algorithm, message) }), false);
          const broken = Buffer.from(signature);
          broken[broken.length - 1 - round] = (broken[broken.length - 1 - round] ?? 0) ^ 1;
          assert.equal(holdsOverDigest(key, { ...claim, signature: broken }), false);
        }
      });
    }
  }

  it('is refused for numbers outside the group', async () => {
    const key = keyFromObject(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey);
    const order = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551';
    const claim = { algorithm: 'sha256', digest: digest('sha256', message) } as const;
    for (const signature of [
      '3006 020100 020101',
      '3006 020101 020100',
      '3006 0201ff 020101',
      `3026 022100${order} 020101`,
      `3026 020101 022100${order}`,
      '3006 020101 02010100',
      '',
    ]) {
      assert.equal(holdsOverDigest(key, { ...claim, signature: hex(signature) }), false);
      assert.equal(await holds(key, message, hex(signature)), false);
    }
  });

  it('cannot be told for Ed25519, which signs the bytes themselves', () => {
    const key = keyFromObject(generateKeyPairSync('ed25519').publicKey);
    const claim = {
      algorithm: 'sha512',
      digest: digest('sha512', message),
      signature: Buffer.alloc(64),
    } as const;
    assert.equal(holdsOverDigest(key, claim), undefined);
  });
});
