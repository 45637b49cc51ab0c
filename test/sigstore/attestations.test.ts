/** Proves the attestations of a package, and refutes them one step away from the ordinary. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type AttestationProofs,
  type AttestationQuestion,
  parseRegistryKeys,
  parseTrustedRoot,
  verifyAttestations,
} from '../../lib/sigstore/index.ts';
import { parseIntegrity, sha512Hex } from '../../lib/text/integrity.ts';
import { anIdentity, anIntegrity } from '../support/builders.ts';
import {
  type AttestationsJson,
  createSigstore,
  keysTargetJson,
  PUBLISH_TYPE,
  publishStatement,
  SLSA_V1_TYPE,
  type StatementJson,
  slsaV1Statement,
} from '../support/sigstore/index.ts';

const sigstore = createSigstore();
const id = { name: '@acme/lib', version: '1.2.3' };
const integrity = anIntegrity();
const of = { ...id, sha512: sha512Hex(integrity) ?? '' };
const registry = 'https://registry.example/';
const at = new Date('2026-10-23T12:00:00Z');
const identity = anIdentity();
const trust = parseTrustedRoot(sigstore.trustedRoot());
const keys = parseRegistryKeys(keysTargetJson(sigstore.registryKeys.all));
const request = { ...id, integrity: integrity.text, registry, at, identity };
const ordinary = sigstore.mintAttestations(request);
const byCertificate = { identity };
const byRegistry = { registryKey: sigstore.registryKeys.current };

function judge(response: unknown, overrides: Partial<AttestationQuestion> = {}): Promise<AttestationProofs> {
  return verifyAttestations({ id, integrity, response, trust, keys, ...overrides });
}

function statuses({ publish, provenance }: AttestationProofs): readonly [string, string] {
  return [publish.status, provenance.status];
}

function reasonOf(proofs: AttestationProofs, kind: keyof AttestationProofs): string {
  const proof = proofs[kind];
  return proof.status === 'refuted' ? proof.reason : `not refuted: ${proof.status}`;
}

/** One attestation of a statement, labelled as it says unless told otherwise. */
function attestationOf(
  statement: StatementJson,
  signer: typeof byCertificate | typeof byRegistry,
  predicateType = statement.predicateType,
): AttestationsJson['attestations'][number] {
  return { predicateType, bundle: sigstore.mintBundle({ statement, signer, at }) };
}

const provenance = slsaV1Statement(of, identity);
const publish = publishStatement(of, registry);

describe('attestations', () => {
  for (const slsa of ['v1', 'v0.2'] as const) {
    it(`are proved: a publish attestation and SLSA ${slsa} provenance`, async () => {
      const proofs = await judge(sigstore.mintAttestations({ ...request, slsa }));
      assert.ok(
        proofs.publish.status === 'proved' && proofs.provenance.status === 'proved',
        JSON.stringify(proofs),
      );
      assert.equal(proofs.publish.value.keyid, sigstore.registryKeys.current.keyid);
      assert.deepEqual(proofs.provenance.value.identity, identity);
      assert.equal(proofs.provenance.value.loggedAt, at.toISOString());
      assert.ok(proofs.provenance.value.builder !== undefined);
    });
  }

  it('are absent where the list has none of the kind', async () => {
    assert.deepEqual(statuses(await judge({ attestations: ordinary.attestations.slice(0, 1) })), [
      'proved',
      'absent',
    ]);
    assert.deepEqual(statuses(await judge({ attestations: ordinary.attestations.slice(1) })), [
      'absent',
      'proved',
    ]);
  });

  it('are unavailable without a single sha512 in the lockfile', async () => {
    const two = parseIntegrity(`${integrity.text} ${anIntegrity('other').text}`);
    assert.deepEqual(statuses(await judge(ordinary, { integrity: undefined })), [
      'unavailable',
      'unavailable',
    ]);
    assert.deepEqual(statuses(await judge(ordinary, { integrity: two })), ['unavailable', 'unavailable']);
  });

  const lists: readonly (readonly [string, unknown])[] = [
    ['no object', null],
    ['a list itself', ordinary.attestations],
    ['without a list', {}],
    ['with an empty list', { attestations: [] }],
    ['with a null entry', { attestations: [...ordinary.attestations, null] }],
    ['with a crowd', { attestations: Array.from({ length: 65 }, () => ordinary.attestations[0]) }],
  ];
  for (const [what, response] of lists) {
    it(`are both refuted by an answer that is ${what}`, async () => {
      assert.deepEqual(statuses(await judge(response)), ['refuted', 'refuted']);
    });
  }
});

describe('the subject of an attestation', () => {
  it('is this package, this version and these bytes', async () => {
    for (const other of [
      { id: { ...id, name: '@acme/other' } },
      { id: { ...id, name: 'lib' } },
      { id: { ...id, version: '1.2.4' } },
      { integrity: anIntegrity('other bytes') },
    ]) {
      const proofs = await judge(ordinary, other);
      assert.match(reasonOf(proofs, 'publish'), /\(SUBJECT\)/);
      assert.match(reasonOf(proofs, 'provenance'), /\(SUBJECT\)/);
    }
  });

  const [subject] = provenance.subject;
  assert.ok(subject !== undefined);
  const subjects: readonly (readonly [string, readonly object[]])[] = [
    ['none', []],
    ['two', [subject, subject]],
    ['an unescaped scope', [{ ...subject, name: 'pkg:npm/@acme/lib@1.2.3' }]],
    ['an upper-case digest', [{ ...subject, digest: { sha512: of.sha512.toUpperCase() } }]],
    ['only another digest', [{ ...subject, digest: { sha256: of.sha512 } }]],
    ['no digest', [{ name: subject.name }]],
  ];
  for (const [what, list] of subjects) {
    it(`is refused when there is ${what}`, async () => {
      // The statement is deliberately of a shape the type forbids.
      const statement = { ...provenance, subject: list } as unknown as StatementJson;
      const proofs = await judge({ attestations: [attestationOf(statement, byCertificate)] });
      assert.match(reasonOf(proofs, 'provenance'), /\((?:SUBJECT|MALFORMED)\)/);
    });
  }
});

describe('an attestation', () => {
  const refused: readonly (readonly [
    string,
    AttestationsJson['attestations'],
    keyof AttestationProofs,
    RegExp,
  ])[] = [
    [
      'a publish attestation by a person',
      [attestationOf(publish, byCertificate)],
      'publish',
      /\(SIGNER_KIND\)/,
    ],
    [
      "provenance by the registry's key",
      [attestationOf(provenance, byRegistry)],
      'provenance',
      /\(SIGNER_KIND\)/,
    ],
    [
      'a label that is not the signed type',
      [attestationOf(provenance, byCertificate, `${SLSA_V1_TYPE}.1`)],
      'provenance',
      /\(STATEMENT\)/,
    ],
    [
      'provenance labelled as a publish attestation',
      [attestationOf(provenance, byRegistry, PUBLISH_TYPE)],
      'publish',
      /\(STATEMENT\)/,
    ],
    [
      'a statement of an unknown version',
      [attestationOf({ ...provenance, _type: 'https://in-toto.io/Statement/v9' }, byCertificate)],
      'provenance',
      /\(STATEMENT\)/,
    ],
    [
      'a publish attestation naming another version',
      [attestationOf({ ...publish, predicate: { ...id, registry, version: '1.2.4' } }, byRegistry)],
      'publish',
      /\(PREDICATE\)/,
    ],
    [
      'a publish attestation naming no registry',
      [attestationOf({ ...publish, predicate: { ...id, registry: 'none' } }, byRegistry)],
      'publish',
      /\(PREDICATE\)/,
    ],
  ];
  for (const [what, attestations, kind, reason] of refused) {
    it(`is refuted for ${what}`, async () =>
      assert.match(reasonOf(await judge({ attestations }), kind), reason));
  }

  it('that is bad refutes its kind beside a good one, and leaves the other kind alone', async () => {
    const bad = structuredClone(ordinary);
    const envelope = bad.attestations[1]?.bundle.dsseEnvelope;
    assert.ok(envelope !== undefined);
    envelope.payload = Buffer.from('{}').toString('base64');
    const attestations = [...ordinary.attestations, ...bad.attestations.slice(1)];
    assert.deepEqual(statuses(await judge({ attestations })), ['proved', 'refuted']);
  });

  it('of an unknown kind is ignored when it holds, and refutes both when it does not', async () => {
    const statement = { ...provenance, predicateType: 'https://example.test/sbom', predicate: {} };
    const unknown = attestationOf(statement, byCertificate);
    assert.deepEqual(statuses(await judge({ attestations: [...ordinary.attestations, unknown] })), [
      'proved',
      'proved',
    ]);
    const broken = structuredClone(unknown);
    broken.bundle.verificationMaterial.tlogEntries = [];
    assert.deepEqual(statuses(await judge({ attestations: [...ordinary.attestations, broken] })), [
      'refuted',
      'refuted',
    ]);
  });

  it('may stand there twice, but two may not tell different stories', async () => {
    const [, own] = ordinary.attestations;
    assert.ok(own !== undefined);
    const rerun = { ...identity, run: 'https://github.com/acme/lib/actions/runs/99/attempts/1' };
    const other = attestationOf(slsaV1Statement(of, rerun), { identity: rerun });
    assert.deepEqual(statuses(await judge({ attestations: [own, own] })), ['absent', 'proved']);
    assert.match(reasonOf(await judge({ attestations: [own, other] }), 'provenance'), /different stories/);
  });

  it('must carry the key id of its signer, and none when a certificate signed', async () => {
    for (const [index, keyid] of [
      [0, ''],
      [0, 'SHA256:other'],
      [1, byRegistry.registryKey.keyid],
    ] as const) {
      const copy = structuredClone(ordinary);
      const signature = copy.attestations[index]?.bundle.dsseEnvelope?.signatures[0];
      assert.ok(signature !== undefined);
      signature.keyid = keyid;
      assert.match(reasonOf(await judge(copy), index === 0 ? 'publish' : 'provenance'), /\(KEY_ID\)/);
    }
  });

  it('by a key nobody lists is refuted', async () => {
    assert.match(reasonOf(await judge(ordinary, { keys: [] }), 'publish'), /\(KEY_UNKNOWN\)/);
    assert.equal((await judge(ordinary, { keys: [] })).provenance.status, 'proved');
  });
});
