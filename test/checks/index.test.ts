import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fail, pass, skip, unknown } from '../../lib/checks/define.ts';
import { checkOf, checks } from '../../lib/checks/index.ts';
import { listed, quoted } from '../../lib/checks/words.ts';

describe('the list of checks', () => {
  it('holds all nineteen once, in report order', () =>
    assert.deepEqual(
      checks.map(({ id }) => id),
      [
        'lockfile-integrity',
        'lockfile-resolved',
        'package-source',
        'install-script',
        'reserved-bin',
        'registry-signature',
        'publish-attestation',
        'provenance',
        'source-repository',
        'source-ref',
        'build-workflow',
        'build-trigger',
        'build-runner',
        'certificate-issuer',
        'signer-identity',
        'declared-repository',
        'minimum-age',
        'provenance-regression',
        'locked-signer',
      ],
    ));

  it('finds each by its name', () => {
    for (const check of checks) assert.equal(checkOf(check.id), check);
  });

  it('says of each what is asked, why, and what the answer rests on', () => {
    for (const { id, question, about, restsOn } of checks) {
      assert.match(question, /^[A-Z].*\?$/, id);
      assert.match(about, /\.$/, id);
      assert.match(restsOn, /^(proof|told|tree)/, id);
    }
  });
});

describe('what answers quote', () => {
  it('is cut short, and keeps no credential by the cut', () => {
    const text = quoted(`https://me:${'s'.repeat(250)}@registry.example/`);
    assert.equal(pass(text).because, 'https://***@registry.example/');
    assert.equal(quoted('x'.repeat(300)).length, 200);
    assert.match(listed(['a', 'b', 'c', 'd', 'e', 'f', 'g']), /^a, b, c, d, e and 2 more$/);
  });
});

describe('answers', () => {
  it('are harmless whatever they quote', () => {
    const hostile = 'a\u001b[31m\n::error::https://me:secret@registry.example/\u202e';
    for (const answer of [pass(hostile), fail(hostile, hostile), unknown(hostile, hostile), skip(hostile)]) {
      assert.equal(answer.because, 'a\\u{1b}[31m\\u{a}::error::https://***@registry.example/\\u{202e}');
      assert.ok(answer.hint === undefined || answer.hint === answer.because);
    }
  });
});
