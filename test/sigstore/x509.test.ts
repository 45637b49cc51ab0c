/** Takes one extension out of a certificate, as its transparency log signed it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { childrenOf, parseDer, TAG, wholeOf } from '../../lib/sigstore/der.ts';
import { Fault } from '../../lib/sigstore/fault.ts';
import { parseCertificate, tbsWithout } from '../../lib/sigstore/x509.ts';
import { tlv } from '../support/sigstore/der.ts';
import { mutateDer } from './differential/der-mutations.ts';
import { createDice } from './differential/json-mutations.ts';
import { minted } from './minted.ts';

/** The signed part with that extension left out and everything around it encoded anew. */
function encodedAnew(der: Buffer, index: number): Buffer {
  const [tbs] = childrenOf(parseDer(der), TAG.sequence);
  assert.ok(tbs !== undefined);
  const fields = childrenOf(tbs, TAG.sequence);
  const wrapper = fields.at(-1);
  assert.ok(wrapper !== undefined);
  const [list] = childrenOf(wrapper, 0xa3);
  assert.ok(list !== undefined);
  const kept = childrenOf(list, TAG.sequence).filter((_, at) => at !== index);
  const extensions = tlv(0xa3, tlv(TAG.sequence, ...kept.map(wholeOf)));
  return tlv(TAG.sequence, ...fields.slice(0, -1).map(wholeOf), extensions);
}

function checkEvery(der: Buffer): number {
  const certificate = parseCertificate(der);
  const extensions = [...certificate.extensions.values()];
  for (const [index, extension] of extensions.entries()) {
    assert.deepEqual(Buffer.concat(tbsWithout(certificate, extension)), encodedAnew(der, index));
  }
  return extensions.length;
}

describe('a certificate without one of its extensions', () => {
  const { certificate } = minted.verificationMaterial;
  const leaf = Buffer.from(certificate?.rawBytes ?? '', 'base64');

  it('is, whichever it is, what encoding it anew without that one gives', () => {
    assert.ok(checkEvery(leaf) > 10);
  });

  it('is so for altered certificates too, as far as they can be read', () => {
    const found = { read: 0, refused: 0 };
    for (let seed = 0; seed < 1500; seed++) {
      const altered = mutateDer(leaf, undefined, createDice(seed));
      if (altered === undefined) continue;
      try {
        checkEvery(altered.bytes);
        found.read++;
      } catch (error) {
        // Anything but a refusal is a finding.
        if (!(error instanceof Fault)) throw error;
        found.refused++;
      }
    }
    assert.ok(found.read > 200 && found.refused > 200, JSON.stringify(found));
  });
});
