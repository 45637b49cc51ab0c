/** Proves minted certificates, registry keys and attestations. */
import assert from 'node:assert/strict';
import { createPublicKey, verify as verifySignature, X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { anIdentity, anIntegrity } from '../support/builders.ts';
import {
  createSigstore,
  keysEndpointJson,
  keysTargetJson,
  registryKey,
  registrySignature,
  spkiOf,
} from '../support/sigstore/index.ts';
import { verifyByReference } from '../support/sigstore/reference.ts';

const sigstore = createSigstore();
const at = new Date('2026-10-23T12:00:00Z');
const identity = anIdentity();

describe('minted certificates and keys', () => {
  it('read as X.509 elsewhere, with Fulcio extensions in place', () => {
    const { publicKey } = sigstore.registryKeys.current.keys;
    const leaf = new X509Certificate(sigstore.fulcio.issue({ identity, publicKey, at }));
    const intermediate = new X509Certificate(sigstore.fulcio.chain[0]);
    assert.equal(leaf.subjectAltName, `URI:${identity.subject}`);
    assert.ok(leaf.checkIssued(intermediate) && leaf.verify(intermediate.publicKey));
    assert.equal(leaf.validTo, 'Oct 23 12:10:00 2026 GMT');
    const text = leaf.raw.toString('latin1');
    for (const value of [identity.repositoryId, identity.ownerId, identity.run, identity.visibility]) {
      assert.ok(value && text.includes(value));
    }
  });

  it('have one keyid in both lists of registry keys, and rotate', () => {
    const { all, old } = sigstore.registryKeys;
    const [served, listed] = [keysEndpointJson(all).keys, keysTargetJson(all).keys];
    assert.deepEqual(
      served.map((key) => key.keyid),
      [...new Set(listed.map((key) => key.keyId))],
    );
    assert.deepEqual(
      served.map((key) => key.expires),
      [old.end, null],
    );
  });

  it('sign packages as a registry does, and only the bytes they say', () => {
    const key = registryKey('another', { start: '2025-01-01T00:00:00Z' });
    const { text: integrity } = anIntegrity();
    const { sig } = registrySignature(key, { name: 'a', version: '1.0.0', integrity });
    const publicKey = createPublicKey({ key: spkiOf(key.keys.publicKey), format: 'der', type: 'spki' });
    const holds = (message: string) =>
      verifySignature('sha256', Buffer.from(message), publicKey, Buffer.from(sig, 'base64'));
    assert.ok(holds(`a@1.0.0:${integrity}`));
    assert.ok(!holds(`a@1.0.1:${integrity}`));
  });

  it('are the same in every Sigstore of one name, and others under another name', () => {
    assert.deepEqual(createSigstore().trustedRoot(), sigstore.trustedRoot());
    assert.notDeepEqual(createSigstore('rogue').trustedRoot(), sigstore.trustedRoot());
  });
});

describe('minted attestations', () => {
  const of = {
    name: '@acme/lib',
    version: '1.2.3',
    integrity: anIntegrity().text,
    registry: 'https://registry.example/',
    at,
  };

  for (const slsa of ['v1', 'v0.2'] as const) {
    it(`are a publish attestation and SLSA ${slsa} provenance of the same package, and verify`, () => {
      const { attestations } = sigstore.mintAttestations({ ...of, slsa });
      assert.equal(attestations.length, 2);
      for (const { bundle, predicateType } of attestations) {
        verifyByReference(bundle, { sigstore });
        const payload = JSON.parse(Buffer.from(bundle.dsseEnvelope?.payload ?? '', 'base64').toString());
        assert.equal(payload.predicateType, predicateType);
        assert.equal(payload.subject[0].name, 'pkg:npm/%40acme/lib@1.2.3');
        assert.equal(
          payload.subject[0].digest.sha512,
          Buffer.from(anIntegrity().hashes[0]?.digest ?? '', 'base64').toString('hex'),
        );
      }
    });
  }

  it('leave out what is not wanted', () => {
    const { attestations } = sigstore.mintAttestations({ ...of, identity: 'none' });
    assert.equal(attestations.length, 1);
    assert.deepEqual(
      sigstore.mintAttestations({ ...of, identity: 'none', publishKey: 'none' }).attestations,
      [],
    );
  });
});
