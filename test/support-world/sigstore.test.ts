/** Proves minted bundles against the reference verifier: what is minted verifies, one step away does not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { anIdentity } from '../support/builders.ts';
import {
  type BundleJson,
  type BundleRequest,
  createSigstore,
  type TrustedRootRequest,
} from '../support/sigstore/index.ts';
import { verifyByReference } from '../support/sigstore/reference.ts';

const sigstore = createSigstore();
const at = new Date('2026-10-23T12:00:00Z');
const identity = anIdentity();
const byIdentity = { identity };
const byKey = { registryKey: sigstore.registryKeys.current };
const statement = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [],
  predicateType: 'x',
  predicate: {},
};
const artifact = Buffer.from('the artifact');

const verify = (bundle: BundleJson, trustedRoot: TrustedRootRequest = {}) =>
  verifyByReference(bundle, { sigstore, trustedRoot, artifact });

const requests: readonly (readonly [string, BundleRequest])[] = [
  [
    'v0.1 with the whole chain and no inclusion proof',
    { version: '0.1', chain: 'full', inclusionProof: 'absent', statement, signer: byIdentity, at },
  ],
  ['v0.1 by a registry key', { version: '0.1', statement, signer: byKey, at }],
  ['v0.2 with an intoto entry', { version: '0.2', statement, signer: byIdentity, at }],
  [
    'v0.2 by a registry key with a dsse entry',
    { version: '0.2', entry: 'dsse', statement, signer: byKey, at },
  ],
  ['v0.3 with a dsse entry', { statement, signer: byIdentity, at }],
  [
    'v0.3 with an intoto entry and a timestamp',
    { entry: 'intoto', timestamp: true, statement, signer: byIdentity, at },
  ],
  ['v0.3 in Rekor v2', { rekor: 'v2', statement, signer: byIdentity, at }],
  ['v0.3 by a registry key in Rekor v2', { rekor: 'v2', statement, signer: byKey, at }],
  ['v0.3 over an artifact', { artifact, signer: byIdentity, at }],
  ['v0.3 over an artifact in Rekor v2', { rekor: 'v2', artifact, signer: byIdentity, at }],
];

describe('a minted bundle verifies with the reference verifier', () => {
  for (const [name, request] of requests) {
    it(name, () => {
      const signer = verify(sigstore.mintBundle(request));
      if ('registryKey' in request.signer) return;
      assert.equal(signer.identity?.subjectAlternativeName, identity.subject);
      assert.equal(signer.identity?.extensions?.issuer, identity.issuer);
    });
  }

  it('for an e-mail identity', () => {
    const person = { issuer: 'https://accounts.example', subject: 'jane@acme.example' };
    const signer = verify(sigstore.mintBundle({ statement, signer: { identity: person }, at }));
    assert.equal(signer.identity?.subjectAlternativeName, person.subject);
  });

  it('after a thousand other entries', () => {
    const busy = createSigstore();
    for (let n = 0; n < 1000; n++) busy.rekorV1.add({ kind: 'dsse', version: '0.0.1', spec: { n }, at });
    verify(busy.mintBundle({ statement, signer: byIdentity, at }));
  });
});

/** Changes the last byte of some base64. */
function flipped(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return bytes.toString('base64');
}

type Tampering = readonly [string, (bundle: BundleJson) => void, RegExp];
const tampered: readonly Tampering[] = [
  [
    'the payload',
    ({ dsseEnvelope: envelope }) => {
      if (envelope) envelope.payload = flipped(envelope.payload);
    },
    /payload hash mismatch|digest mismatch/,
  ],
  [
    'the certificate',
    ({ verificationMaterial: { certificate } }) => {
      if (certificate) certificate.rawBytes = flipped(certificate.rawBytes);
    },
    /certificate/,
  ],
  [
    'the log entry body',
    ({
      verificationMaterial: {
        tlogEntries: [entry],
      },
    }) => {
      if (entry) entry.canonicalizedBody = flipped(entry.canonicalizedBody);
    },
    /inclusion/,
  ],
  [
    'the root in the checkpoint',
    ({
      verificationMaterial: {
        tlogEntries: [entry],
      },
    }) => {
      const checkpoint = entry?.inclusionProof?.checkpoint;
      if (checkpoint)
        checkpoint.envelope = checkpoint.envelope.replace(
          /\n(\d+)\n/,
          (_, size) => `\n${Number(size) + 1}\n`,
        );
    },
    /checkpoint signature/,
  ],
  [
    'a hash of the inclusion proof',
    ({
      verificationMaterial: {
        tlogEntries: [entry],
      },
    }) => {
      const hashes = entry?.inclusionProof?.hashes ?? [];
      hashes[0] = flipped(hashes[0] ?? '');
    },
    /root hash/,
  ],
];

describe('a bundle one byte away does not verify', () => {
  for (const rekor of ['v1', 'v2'] as const) {
    for (const [name, tamper, reason] of tampered) {
      it(`Rekor ${rekor}: ${name}`, () => {
        const bundle = sigstore.mintBundle({ statement, signer: byIdentity, at, rekor });
        verify(bundle);
        tamper(bundle);
        assert.throws(() => verify(bundle), reason);
      });
    }
  }

  it('the signed entry timestamp', () => {
    const bundle = sigstore.mintBundle({ statement, signer: byIdentity, at });
    const [entry] = bundle.verificationMaterial.tlogEntries;
    assert.ok(entry?.integratedTime);
    entry.integratedTime = String(Number(entry.integratedTime) + 1);
    assert.throws(() => verify(bundle), /inclusion promise/);
  });

  it('the timestamp', () => {
    const bundle = sigstore.mintBundle({ rekor: 'v2', statement, signer: byIdentity, at });
    const [stamp] = bundle.verificationMaterial.timestampVerificationData.rfc3161Timestamps;
    assert.ok(stamp);
    stamp.signedTimestamp = flipped(stamp.signedTimestamp);
    assert.throws(() => verify(bundle), /timestamp/);
  });
});

describe('a bundle that was minted wrongly does not verify', () => {
  const bundleWith = (sct: 'wrong' | 'none') =>
    sigstore.mintBundle({ statement, at, signer: { identity, certificate: { sct } } });

  it('with a certificate timestamp over another certificate', () => {
    assert.throws(() => verify(bundleWith('wrong')), /SCT verification failed/);
  });

  it('without a certificate timestamp', () => {
    assert.throws(() => verify(bundleWith('none')), /expected 1 SCTs, got 0/);
  });

  it('by a Sigstore nobody trusts', () => {
    const rogue = createSigstore('rogue');
    const bundle = rogue.mintBundle({ statement, signer: byIdentity, at });
    verifyByReference(bundle, { sigstore: rogue });
    assert.throws(() => verify(bundle), /certificate/);
  });

  it('under a trusted root whose certificate authority ended before', () => {
    const bundle = sigstore.mintBundle({ statement, signer: byIdentity, at });
    verify(bundle, { ended: { fulcio: '2026-10-24T00:00:00Z' } });
    assert.throws(() => verify(bundle, { ended: { fulcio: '2026-10-22T00:00:00Z' } }), /certificate/);
  });
});
