/** Verifies minted bundles of every kind, and each refusal one step away from an accepted one. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FaultCode } from '../../lib/sigstore/index.ts';
import type { BundleJson, BundleRequest } from '../support/sigstore/index.ts';
import {
  altered,
  at,
  byCertificate,
  codeOf,
  entryOf,
  envelopeOf,
  flipped,
  identity,
  judge,
  minted,
  proofOf,
  sigstore,
  statement,
} from './minted.ts';

describe('a bundle by a certificate', () => {
  const requests: readonly (readonly [string, Partial<BundleRequest>])[] = [
    ['version 0.1', { version: '0.1' }],
    ['version 0.1 without an inclusion proof', { version: '0.1', inclusionProof: 'absent' }],
    ['version 0.1 with the whole chain', { version: '0.1', chain: 'full' }],
    ['version 0.2', { version: '0.2' }],
    ['version 0.2 with a dsse entry', { version: '0.2', entry: 'dsse' }],
    ['version 0.3', {}],
    ['version 0.3 with an intoto entry', { entry: 'intoto' }],
    ['version 0.3 with a timestamp', { timestamp: true }],
    ['Rekor v2', { rekor: 'v2' }],
  ];
  for (const [title, request] of requests) {
    it(`of ${title} is accepted, with identity, time and index`, async () => {
      const bundle = sigstore.mintBundle({ statement, signer: byCertificate, at, ...request });
      const result = await judge(bundle);
      assert.ok(result.ok, JSON.stringify(result));
      assert.deepEqual(result.signer, { kind: 'certificate', identity });
      assert.equal(result.loggedAt, at.toISOString());
      assert.equal(result.logIndex, entryOf(bundle).logIndex);
      assert.ok(result.content.kind === 'dsse' && result.content.keyid === '');
    });
  }

  const refusals: readonly (readonly [string, FaultCode, BundleJson])[] = [
    [
      'an unknown media type',
      'MEDIA_TYPE',
      altered((bundle) => {
        bundle.mediaType += 'x';
      }),
    ],
    [
      'an altered payload',
      'TLOG_BODY',
      altered((bundle) => {
        envelopeOf(bundle).payload = flipped(envelopeOf(bundle).payload);
      }),
    ],
    [
      'another payload type',
      'DSSE_SIGNATURE',
      altered((bundle) => {
        envelopeOf(bundle).payloadType += 'x';
      }),
    ],
    [
      'an altered promise',
      'TLOG_SET',
      altered((bundle) => {
        const promise = entryOf(bundle).inclusionPromise;
        if (promise) promise.signedEntryTimestamp = flipped(promise.signedEntryTimestamp);
      }),
    ],
    [
      'an altered entry time',
      'TLOG_SET',
      altered((bundle) => {
        entryOf(bundle).integratedTime = '1761220801';
      }),
    ],
    [
      'an altered index',
      'TLOG_SET',
      altered((bundle) => {
        entryOf(bundle).logIndex = '7';
      }),
    ],
    [
      'neither promise nor proof',
      'BUNDLE_VERSION',
      altered((bundle) => {
        entryOf(bundle).inclusionPromise = null;
        entryOf(bundle).inclusionProof = null;
      }),
    ],
    [
      'a proof of another size than its checkpoint',
      'TLOG_PROOF',
      altered((bundle) => {
        proofOf(bundle).treeSize = '99';
      }),
    ],
    [
      'an altered hash in the proof',
      'TLOG_PROOF',
      altered((bundle) => {
        proofOf(bundle).hashes = proofOf(bundle).hashes.map(flipped);
      }),
    ],
    [
      'text after the checkpoint',
      'TLOG_CHECKPOINT',
      altered((bundle) => {
        proofOf(bundle).checkpoint.envelope += 'x';
      }),
    ],
    [
      'the same entry twice',
      'TLOG_DUPLICATE',
      altered((bundle) => {
        bundle.verificationMaterial.tlogEntries.push(entryOf(bundle));
      }),
    ],
    [
      'no entry',
      'TLOG_THRESHOLD',
      altered((bundle) => {
        bundle.verificationMaterial.tlogEntries = [];
      }),
    ],
    [
      'a log entry of another kind than stated',
      'TLOG_BODY',
      altered((bundle) => {
        entryOf(bundle).kindVersion.kind = 'intoto';
      }),
    ],
    [
      'a negative index',
      'MALFORMED',
      altered((bundle) => {
        entryOf(bundle).logIndex = '-1';
      }),
    ],
    [
      'an index that is no decimal',
      'MALFORMED',
      altered((bundle) => {
        entryOf(bundle).logIndex = '0x10';
      }),
    ],
    [
      'two signatures',
      'MALFORMED',
      altered((bundle) => {
        envelopeOf(bundle).signatures.push({ sig: 'AAAA', keyid: '' });
      }),
    ],
    [
      'url-safe base64',
      'MALFORMED',
      altered((bundle) => {
        envelopeOf(bundle).payload = `${envelopeOf(bundle).payload.slice(0, -4)}_-__`;
      }),
    ],
    [
      'base64 without padding',
      'MALFORMED',
      altered((bundle) => {
        entryOf(bundle).logId.keyId = entryOf(bundle).logId.keyId.replace('=', '');
      }),
    ],
    [
      'a certificate and a key',
      'MALFORMED',
      altered((bundle) => {
        bundle.verificationMaterial.publicKey = { hint: 'x' };
      }),
    ],
    [
      'a chain in version 0.3',
      'BUNDLE_VERSION',
      altered((bundle) => {
        const { certificate } = bundle.verificationMaterial;
        delete bundle.verificationMaterial.certificate;
        bundle.verificationMaterial.x509CertificateChain = {
          certificates: certificate === undefined ? [] : [certificate],
        };
      }),
    ],
    [
      'two kinds of content',
      'MALFORMED',
      altered((bundle) => {
        bundle.messageSignature = {
          messageDigest: { algorithm: 'SHA2_256', digest: 'AAAA' },
          signature: 'AAAA',
        };
      }),
    ],
  ];
  for (const [title, code, bundle] of refusals) {
    it(`is refused for ${title}: ${code}`, async () => assert.equal(codeOf(await judge(bundle)), code));
  }

  it('is refused whatever else it is', async () => {
    for (const value of [
      undefined,
      null,
      0,
      '',
      'x',
      [],
      {},
      { mediaType: minted.mediaType },
      () => minted,
    ]) {
      const result = await judge(value);
      assert.ok(!result.ok && ['MALFORMED', 'MEDIA_TYPE'].includes(result.code));
    }
  });
});
