/** Verifies who signed a minted bundle: certificates, keys, and what they signed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type FaultCode, verifyBundle } from '../../lib/sigstore/index.ts';
import { mintBundle } from '../support/sigstore/bundle.ts';
import { dsseEntry, preAuthEncoding } from '../support/sigstore/entries.ts';
import { type BundleJson, createSigstore, keyPairOf, pemOf, signatureOf } from '../support/sigstore/index.ts';
import {
  altered,
  artifact,
  at,
  byCertificate,
  byRegistry,
  codeOf,
  identity,
  judge,
  keys,
  minted,
  sha256Hex,
  sigstore,
  statement,
  trust,
} from './minted.ts';

const rogue = createSigstore('rogue');

describe('the certificate', () => {
  it("is refused when it is an attacker's own, in a trusted log", async () => {
    const { rekorV1, rekorV2, timestamps } = sigstore;
    const bundle = mintBundle(
      { fulcio: rogue.fulcio, rekorV1, rekorV2, timestamps },
      { statement, signer: byCertificate, at },
    );
    assert.equal(codeOf(await judge(bundle)), 'CERTIFICATE_CHAIN');
  });

  it('is refused when its entry was made after it expired, and accepted at its very end', async () => {
    const leaf = async (minutes: number, seconds = 0) => {
      const later = new Date(at.getTime() + minutes * 60_000 + seconds * 1000);
      const { fulcio, rekorV1, rekorV2, timestamps } = sigstore;
      const late = {
        ...fulcio,
        issue: (request: Parameters<typeof fulcio.issue>[0]) => fulcio.issue({ ...request, at }),
      };
      return judge(
        mintBundle(
          { fulcio: late, rekorV1, rekorV2, timestamps },
          { statement, signer: byCertificate, at: later },
        ),
      );
    };
    assert.equal(codeOf(await leaf(10)), 'accepted');
    assert.equal(codeOf(await leaf(10, 1)), 'CERTIFICATE_TIME');
  });

  const timestamps: readonly (readonly [string, 'wrong' | 'none', FaultCode])[] = [
    ['with a transparency timestamp over other bytes', 'wrong', 'SCT'],
    ['without a transparency timestamp', 'none', 'SCT_THRESHOLD'],
  ];
  for (const [title, sct, code] of timestamps) {
    it(`is refused ${title}`, async () => {
      const bundle = sigstore.mintBundle({ statement, signer: { identity, certificate: { sct } }, at });
      assert.equal(codeOf(await judge(bundle)), code);
    });
  }

  it('needs no transparency timestamp where none is required, but never a wrong one', async () => {
    const bundleWith = (sct: 'wrong' | 'none') =>
      sigstore.mintBundle({ statement, signer: { identity, certificate: { sct } }, at });
    assert.equal(codeOf(await judge(bundleWith('none'), { thresholds: { ctlog: 0 } })), 'accepted');
    assert.equal(codeOf(await judge(bundleWith('wrong'), { thresholds: { ctlog: 0 } })), 'SCT');
  });

  const contradictions: readonly (readonly [string, number, string])[] = [
    ['issuers', 8, 'https://issuer.example'],
    ['repositories', 12, 'https://github.com/acme/lib-evil'],
    ['commits', 13, 'ffffffffffffffffffffffffffffffffffffffff'],
    ['refs', 14, 'refs/heads/main'],
    ['triggers', 20, 'issue_comment'],
  ];
  for (const [what, extension, text] of contradictions) {
    it(`is refused when old and new extensions name two ${what}`, async () => {
      const certificate = { extra: new Map([[extension, text]]) };
      const bundle = sigstore.mintBundle({ statement, signer: { identity, certificate }, at });
      assert.equal(codeOf(await judge(bundle)), 'CERTIFICATE_IDENTITY');
    });
  }
});

describe('a bundle by a key', () => {
  const bundle = sigstore.mintBundle({ statement, signer: byRegistry, at });

  it("is accepted with the registry's key of that name, and with the key that is given", async () => {
    assert.deepEqual(codeOf(await judge(bundle)), 'accepted');
    assert.equal(codeOf(await judge(bundle, { key: byRegistry.registryKey.keys.publicKey })), 'accepted');
  });

  it('is refused with any other key', async () => {
    assert.equal(codeOf(await judge(bundle, { key: keyPairOf('another').publicKey })), 'TLOG_BODY');
    assert.equal(codeOf(await judge(bundle, { registryKeys: [] })), 'KEY_UNKNOWN');
    assert.equal(codeOf(await verifyBundle(bundle, trust)), 'KEY_UNKNOWN');
    const signaturesOnly = keys.filter(({ usages }) => usages.includes('npm:signatures'));
    assert.equal(codeOf(await judge(bundle, { registryKeys: signaturesOnly })), 'KEY_UNKNOWN');
  });

  it('is refused when the key was not valid then, and accepted at both ends', async () => {
    const old = { registryKey: sigstore.registryKeys.old };
    const end = new Date('2025-01-29T00:00:00Z');
    const signedAt = (moment: Date) => judge(sigstore.mintBundle({ statement, signer: old, at: moment }));
    assert.equal(codeOf(await signedAt(end)), 'accepted');
    assert.equal(codeOf(await signedAt(new Date(end.getTime() + 1000))), 'KEY_TIME');
    const early = sigstore.mintBundle({
      statement,
      signer: byRegistry,
      at: new Date('2025-01-12T23:59:59Z'),
    });
    assert.equal(codeOf(await judge(early)), 'KEY_TIME');
  });

  it('is refused where a certificate is demanded, and the reverse', async () => {
    assert.equal(codeOf(await judge(bundle, { expect: 'certificate' })), 'SIGNER_KIND');
    assert.equal(codeOf(await judge(minted, { expect: 'key' })), 'SIGNER_KIND');
    assert.equal(codeOf(await judge(minted, { key: keyPairOf('another').publicKey })), 'SIGNER_KIND');
  });
});

describe('a logged signature', () => {
  it('is refused when it does not hold, though the log has it', async () => {
    const payload = Buffer.from(JSON.stringify(statement));
    const { registryKey } = byRegistry;
    const pem = pemOf(registryKey.keys.publicKey);
    const bundleOver = (signed: Buffer): BundleJson => {
      const sig = signatureOf(
        preAuthEncoding('application/vnd.in-toto+json', signed),
        registryKey.keys.privateKey,
      );
      const envelope = {
        payload: payload.toString('base64'),
        payloadType: 'application/vnd.in-toto+json',
        signatures: [{ sig: sig.toString('base64'), keyid: registryKey.keyid }],
      };
      const entry = sigstore.rekorV1.add({ ...dsseEntry(envelope, { pem, v2: {} }), at });
      return altered(
        (bundle) => {
          bundle.verificationMaterial.tlogEntries = [entry];
          bundle.dsseEnvelope = envelope;
        },
        sigstore.mintBundle({ statement, signer: byRegistry, at }),
      );
    };
    assert.equal(codeOf(await judge(bundleOver(payload))), 'accepted');
    assert.equal(codeOf(await judge(bundleOver(Buffer.from('other')))), 'DSSE_SIGNATURE');
  });
});

describe('the artifact', () => {
  const sha256 = sha256Hex(artifact);
  const other = sha256Hex('other');
  for (const rekor of ['v1', 'v2'] as const) {
    const signed = sigstore.mintBundle({ artifact, signer: byCertificate, at, rekor });

    it(`of a message signature in Rekor ${rekor} is accepted by bytes and by digest, and refused one byte away`, async () => {
      assert.equal(codeOf(await judge(signed, { artifact: { kind: 'bytes', bytes: artifact } })), 'accepted');
      assert.equal(
        codeOf(await judge(signed, { artifact: { kind: 'digest', algorithm: 'sha256', hex: sha256 } })),
        'accepted',
      );
      assert.equal(
        codeOf(await judge(signed, { artifact: { kind: 'bytes', bytes: Buffer.from('the artifacs') } })),
        'ARTIFACT',
      );
      assert.equal(
        codeOf(await judge(signed, { artifact: { kind: 'digest', algorithm: 'sha256', hex: other } })),
        'ARTIFACT',
      );
      assert.equal(
        codeOf(await judge(signed, { artifact: { kind: 'digest', algorithm: 'sha512', hex: sha256 } })),
        'ARTIFACT',
      );
    });

    it(`of a message signature in Rekor ${rekor} cannot be left out`, async () => {
      assert.equal(codeOf(await judge(signed)), 'ARTIFACT');
    });
  }

  it('must be among the subjects of a statement', async () => {
    assert.equal(codeOf(await judge(minted, { artifact: { kind: 'bytes', bytes: artifact } })), 'accepted');
    assert.equal(
      codeOf(await judge(minted, { artifact: { kind: 'digest', algorithm: 'sha256', hex: sha256 } })),
      'accepted',
    );
    assert.equal(
      codeOf(await judge(minted, { artifact: { kind: 'digest', algorithm: 'sha256', hex: other } })),
      'ARTIFACT',
    );
    assert.equal(
      codeOf(await judge(minted, { artifact: { kind: 'bytes', bytes: Buffer.from('other') } })),
      'ARTIFACT',
    );
  });

  it('may be a subject of a statement without types, which proves nothing else', async () => {
    const { subject } = statement;
    const bare = sigstore.mintBundle({ statement: { subject }, signer: byCertificate, at });
    assert.equal(codeOf(await judge(bare, { artifact: { kind: 'bytes', bytes: artifact } })), 'accepted');
    const none = sigstore.mintBundle({ statement: {}, signer: byCertificate, at });
    assert.equal(codeOf(await judge(none, { artifact: { kind: 'bytes', bytes: artifact } })), 'ARTIFACT');
  });
});
