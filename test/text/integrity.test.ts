import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { parseIntegrity, sameIntegrity, sha512Hex, strongestHash } from '../../lib/text/integrity.ts';

const digest = (algorithm: string, of = 'bytes') => createHash(algorithm).update(of).digest('base64');
const strong = `sha512-${digest('sha512')}`;
const weak = `sha1-${digest('sha1')}`;

function read(text: string) {
  const integrity = parseIntegrity(text);
  assert.ok(integrity, text);
  return integrity;
}

describe('a digest', () => {
  it('is canonical exactly where its bytes are written that way', () => {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_ ';
    for (const [algorithm, length] of [
      ['sha512', 64],
      ['sha384', 48],
      ['sha256', 32],
      ['sha1', 20],
    ] as const) {
      const written = createHash('sha512').update(algorithm).digest().subarray(0, length).toString('base64');
      const others = [...written].flatMap((_, at) =>
        [...letters].map((letter) => written.slice(0, at) + letter + written.slice(at + 1)),
      );
      for (const digest of [written, ...others, written.slice(0, -1), `${written}=`, `A${written}`]) {
        if (digest.includes(' ')) continue;
        const bytes = Buffer.from(digest, 'base64');
        const isCanonical = bytes.length === length && bytes.toString('base64') === digest;
        assert.equal(parseIntegrity(`${algorithm}-${digest}`) !== undefined, isCanonical, digest);
      }
    }
  });
});

describe('parseIntegrity', () => {
  it('reads every well-formed hash', () => {
    assert.deepEqual(
      read(` ${weak} ${strong}\t`).hashes.map(({ algorithm }) => algorithm),
      ['sha1', 'sha512'],
    );
  });
  const malformed: readonly (readonly [string, string])[] = [
    ['nothing', ''],
    ['an unknown algorithm', `md5-${digest('md5')}`],
    ['an algorithm in capitals', `SHA512-${digest('sha512')}`],
    ['a digest without padding', strong.replace(/=+$/, '')],
    ['a digest of another length', `sha512-${digest('sha256')}`],
    ['base64url', `sha512-${digest('sha512', 'x3').replaceAll('+', '-').replaceAll('/', '_')}`],
    ['bits after the end', `${strong.slice(0, -3)}${strong.at(-3) === 'B' ? 'C' : 'B'}==`],
    ['no algorithm', digest('sha512')],
    ['a word from the prototype', 'constructor-AAAA'],
    ['an option', `${strong}?option`],
    ['one good hash beside an unknown algorithm', `${strong} md5-${digest('md5')}`],
    // npm splits at any Unicode white space, and would accept the second hash's bytes.
    [
      'a second hash behind an option and a no-break space',
      `${strong}?\u00a0sha512-${digest('sha512', 'evil')}`,
    ],
  ];
  for (const [title, text] of malformed)
    it(`refuses ${title}`, () => assert.equal(parseIntegrity(text), undefined));
});

describe('the strongest algorithm', () => {
  it('alone counts', () => {
    assert.equal(strongestHash(read(`${weak} ${strong}`))?.algorithm, 'sha512');
    assert.ok(sameIntegrity(read(`${weak} ${strong}`), read(strong)));
    assert.ok(!sameIntegrity(read(weak), read(strong)));
    assert.ok(!sameIntegrity(read(`${weak} sha512-${digest('sha512', 'other')}`), read(`${weak} ${strong}`)));
  });
  it('is nothing when two of its hashes compete', () => {
    const two = read(`${strong} sha512-${digest('sha512', 'other')}`);
    assert.equal(strongestHash(two), undefined);
    assert.equal(sha512Hex(two), undefined);
    assert.ok(!sameIntegrity(two, two));
  });
  it('is given as hex when it is sha512, and only then', () => {
    assert.equal(sha512Hex(read(strong)), createHash('sha512').update('bytes').digest('hex'));
    assert.equal(sha512Hex(read(weak)), undefined);
  });
});
