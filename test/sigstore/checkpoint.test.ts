/** Verifies signed notes of a minted log, and refuses them one character away. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, it } from 'node:test';
import { verifyCheckpoint } from '../../lib/sigstore/checkpoint.ts';
import { keyFromObject } from '../../lib/sigstore/crypto.ts';
import { Fault } from '../../lib/sigstore/fault.ts';
import type { LogKey } from '../../lib/sigstore/trusted-root.ts';

function refusedWith(code: Fault['code']) {
  return (error: unknown) => error instanceof Fault && error.code === code;
}

describe('a checkpoint', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const id = Buffer.alloc(32, 7);
  const log: LogKey = {
    id,
    name: 'log.example',
    key: keyFromObject(publicKey),
    valid: { start: 0, end: Number.POSITIVE_INFINITY },
  };
  const root = Buffer.alloc(32, 9).toString('base64');
  const note = (text: string, name = 'log.example', signed = text) => {
    const signature = Buffer.concat([id.subarray(0, 4), sign(undefined, Buffer.from(signed), privateKey)]);
    return `${text}\n\u2014 ${name} ${signature.toString('base64')}\n`;
  };
  const good = `log.example\n12\n${root}\n`;

  it('says how large the tree is and what its root is', async () => {
    assert.deepEqual(await verifyCheckpoint(note(good), [log]), {
      treeSize: 12,
      rootHash: Buffer.alloc(32, 9),
    });
    const extended = `log.example - 4711\n12\n${root}\nTimestamp: 1\n`;
    assert.equal((await verifyCheckpoint(note(extended), [log])).treeSize, 12);
  });

  it('may carry signatures of witnesses in any place', async () => {
    const witness = `\u2014 witness.example ${Buffer.alloc(70, 1).toString('base64')}\n`;
    const [text = '', own = ''] = note(good).split('\n\n');
    assert.equal((await verifyCheckpoint(`${text}\n\n${witness}${own}${witness}`, [log])).treeSize, 12);
    await assert.rejects(verifyCheckpoint(`${text}\n\n${witness}`, [log]), refusedWith('TLOG_CHECKPOINT'));
  });

  const refused: readonly (readonly [string, string])[] = [
    ['without signatures', good],
    ['with an empty list of signatures', `${good}\n`],
    ['without its last newline', note(good).slice(0, -1)],
    ['with a line that is no signature', `${note(good)}x\n`],
    ['with a blank line among the signatures', `${note(good)}\n`],
    ['with a hyphen for the dash', note(good).replace('\u2014', '-')],
    ['signed over other text', note(good, 'log.example', `${good}x`)],
    ['of a log with a shorter name', note(good.replace('log.example', 'log'), 'log')],
    ['of another origin', note(good.replace('log.example', 'other.example'))],
    ['of an origin that only begins alike', note(good.replace('log.example', 'log.example.evil'))],
    ['without a size', note(`log.example\n${root}\n`)],
    ['with a size that is no decimal', note(good.replace('12', '0x12'))],
    ['with a negative size', note(good.replace('12', '-12'))],
    ['with a short root', note(good.replace(root, 'AAAA'))],
  ];
  for (const [what, envelope] of refused) {
    it(`is refused ${what}`, async () => {
      await assert.rejects(
        verifyCheckpoint(envelope, [log]),
        (error) => error instanceof Fault && ['TLOG_CHECKPOINT', 'MALFORMED'].includes(error.code),
      );
    });
  }
});
