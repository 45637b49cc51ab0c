/** Proves and refuses the corpus of real signed data, each refusal by the fault it was made to have. */
import assert from 'node:assert/strict';
import { createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { TrustError } from '../../lib/errors.ts';
import type { Identity } from '../../lib/model/evidence.ts';
import {
  type BundleResult,
  type BundleThresholds,
  verifyAttestations,
  verifyBundle,
} from '../../lib/sigstore/index.ts';
import { corpusMissing } from '../support/corpus.ts';
import {
  artifactOf,
  type CorpusCase,
  casesOf,
  corpus,
  keysOf,
  packageOf,
  readJson,
  trustOf,
} from './corpus-cases.ts';

const skip = corpus === '' ? corpusMissing : false;

function proofsOf(item: CorpusCase) {
  const response = readJson(path.join(item.directory, 'attestations.json'));
  return verifyAttestations({ ...packageOf(item), response, trust: trustOf(item), keys: keysOf(item) });
}

/** What was refuted, and every reason that was given. */
function refutationsOf(item: CorpusCase): { readonly kinds: readonly string[]; readonly reasons: string } {
  const entries = Object.entries(proofsOf(item)).filter(([, proof]) => proof.status === 'refuted');
  return {
    kinds: entries.map(([kind]) => kind),
    reasons: entries.map(([, proof]) => (proof.status === 'refuted' ? proof.reason : '')).join('\n'),
  };
}

describe('attestations of real packages', { skip }, () => {
  for (const item of casesOf('npm')) {
    it(`${item.name} is proved, with the identity its certificate states`, () => {
      const { publish, provenance } = proofsOf(item);
      assert.equal(provenance.status, 'proved', JSON.stringify(provenance));
      if (provenance.status !== 'proved') return;
      const { identity, builder, predicateType } = provenance.value;
      assert.deepEqual(comparable(identity), expectedIdentity(item));
      assert.equal(builder, item.expected['builder']);
      assert.ok((item.expected['predicateTypes'] as string[]).includes(predicateType));
      const keyid = item.expected['publishKeyid'];
      assert.equal(publish.status, keyid === null ? 'absent' : 'proved', JSON.stringify(publish));
      if (publish.status === 'proved') assert.equal(publish.value.keyid, keyid);
    });

    it(`${item.name} has the log's own time and index`, () => {
      const { provenance } = proofsOf(item);
      const entry = attestationsOf(item).find(({ signer }) => signer.type === 'certificate')?.tlog[0];
      assert.ok(provenance.status === 'proved' && entry !== undefined);
      assert.equal(provenance.value.loggedAt, entry.integratedTime);
      assert.equal(provenance.value.logIndex, entry.logIndex);
    });
  }

  for (const item of casesOf('npm-negative')) {
    if (item.expected['kind'] === 'provenance-file') {
      it(`${item.name} does not verify`, () => {
        const bundle = readJson(path.join(item.directory, 'bundle.sigstore.json'));
        const result = verifyBundle(bundle, trustOf(item));
        assert.ok(!result.ok && ['TLOG_THRESHOLD', 'MALFORMED'].includes(result.code));
      });
      continue;
    }
    it(`${item.name} is refuted`, () => {
      const { kinds } = refutationsOf(item);
      assert.ok(kinds.length > 0);
      const failing = item.expected['failing'];
      // The case called pub-payloadtype altered the provenance's payload type.
      if (typeof failing === 'string' && !item.name.includes('pub-payloadtype'))
        assert.ok(kinds.includes(failing));
    });
  }
});

type StatedAttestation = {
  readonly signer: { readonly type: string };
  readonly tlog: readonly { readonly integratedTime: string; readonly logIndex: string }[];
  readonly certificate?: { readonly [name: string]: string };
};

function attestationsOf({ expected }: CorpusCase): readonly StatedAttestation[] {
  return expected['attestations'] as readonly StatedAttestation[];
}

const COMPARED = [
  'issuer',
  'subject',
  'repository',
  'repositoryId',
  'owner',
  'ref',
  'commit',
  'workflow',
  'builder',
  'runner',
  'trigger',
  'run',
  'visibility',
] as const satisfies readonly (keyof Identity)[];

function comparable(identity: Identity): Record<string, unknown> {
  return Object.fromEntries(COMPARED.map((name) => [name, identity[name] ?? null]));
}

function expectedIdentity(item: CorpusCase): Record<string, unknown> {
  const { expected } = item;
  const certificate =
    attestationsOf(item).find(({ signer }) => signer.type === 'certificate')?.certificate ?? {};
  return {
    issuer: expected['issuer'],
    subject: expected['san'],
    repository: expected['sourceRepository'],
    repositoryId: certificate['sourceRepositoryIdentifier'] ?? null,
    owner: certificate['sourceRepositoryOwnerURI'] ?? null,
    ref: expected['sourceRef'],
    commit: expected['sourceCommit'],
    // The first build types wrote the workflow with repository and ref around it.
    workflow: String(expected['workflow']).replace(/^.*?(\.github\/[^@]*)(?:@.*)?$/, '$1'),
    builder: certificate['buildSignerURI'] ?? null,
    runner: expected['runnerEnvironment'],
    trigger: expected['trigger'],
    run: expected['runInvocationURI'],
    visibility: certificate['sourceRepositoryVisibility'] ?? null,
  };
}

/** The fault each adversarial case was made to have. Cases that are not named here must be proved. */
const FAULTS: Readonly<Record<string, string>> = {
  'bundle-null': '(MALFORMED): bundle is not an object',
  'certificate-and-publickey': '(MALFORMED): the bundle has more than one verification material',
  'certificate-bitflip-tbs': '(CERTIFICATE_CHAIN)',
  'certificate-missing': '(MALFORMED): the bundle has no verification material',
  'certificate-trailing-byte': '(CERTIFICATE): there are bytes after the DER value',
  'hash-null': '(MALFORMED): tlogEntries[0].hashes[0]',
  'json-trailing-garbage': 'the answer is not an object',
  'keys-DhQ8-expired-2025-06-01': '(KEY_TIME)',
  'keys-signatures-usage-only': '(KEY_UNKNOWN)',
  'list-empty': 'list of attestations is empty',
  'list-missing': 'no list of attestations',
  'list-null-entry': 'attestations[2] is not an object',
  'list-one-good-one-bad-provenance': '(TLOG_BODY): the log entry is about another signature',
  'list-unknown-predicate': '(STATEMENT)',
  'mediatype-suffix': '(MEDIA_TYPE)',
  'mixed-provenance-and-publish-of-two-versions': '(SUBJECT)',
  'payload-reencoded-same-json': '(TLOG_BODY): the log entry is about another payload digest',
  'payload-subject-digest-rewritten': '(TLOG_BODY): the log entry is about another payload digest',
  'publish-forged-own-key': '(TLOG_BODY): the log entry is about another signature',
  'publish-hint-proto': '(KEY_UNKNOWN): no trusted key for attestations is named __proto__',
  'publish-keyid-mismatch': '(KEY_ID)',
  'publish-keyless-by-person': '(SIGNER_KIND)',
  'signature-bitflip': '(TLOG_BODY): the log entry is about another signature',
  'signature-keyid-added': '(KEY_ID)',
  'signature-null': '(MALFORMED): dsseEnvelope.signatures[0] is not an object',
  'signature-of-other-envelope': '(TLOG_BODY): the log entry is about another signature',
  'signature-two': '(MALFORMED): the envelope does not have exactly one signature',
  'subject-other-version': '(SUBJECT): the statement is about another package or version',
  'subject-scope-dropped': '(SUBJECT): the statement is about another package or version',
  'subject-swapped-tarball': '(SUBJECT): the statement is about other bytes',
  'tlog-body-not-json': '(TLOG_SET)',
  'tlog-checkpoint-missing-v0.1': '(TLOG_CHECKPOINT): the inclusion proof has no checkpoint',
  'tlog-checkpoint-size': "(TLOG_CHECKPOINT): the log's signature on the checkpoint does not hold",
  'tlog-checkpoint-size-not-a-number': '(TLOG_CHECKPOINT): the checkpoint is malformed',
  'tlog-entry-of-other-bundle': '(CERTIFICATE_TIME)',
  'tlog-integrated-time': '(TLOG_SET): the signed entry timestamp does not hold',
  'tlog-integrated-time-outside-cert': '(TLOG_SET): the signed entry timestamp does not hold',
  'tlog-log-id': '(TLOG_UNKNOWN)',
  'tlog-none': '(TLOG_THRESHOLD)',
  'tlog-proof-hash-added': '(TLOG_PROOF): the inclusion proof is too long',
  'tlog-proof-hash-dropped': '(TLOG_PROOF): the inclusion proof is too short',
  'tlog-proof-missing-v0.3': '(BUNDLE_VERSION)',
  'tlog-proof-roothash': '(TLOG_PROOF): the inclusion proof and its checkpoint speak of different trees',
  'tlog-set-altered': '(TLOG_SET)',
  'tlogentry-null': '(MALFORMED): tlogEntries[0] is not an object',
  'trust-ctlog-2022-expired': '(SCT)',
  'trust-fulcio-expired': '(CERTIFICATE_TIME): the certificate authority was not trusted',
  'trust-no-ctlog': '(SCT)',
  'trust-rekor-expired': "(TLOG_SET): the log's key was not valid",
  'trust-staging-root': '(TLOG_UNKNOWN)',
};

describe('adversarial attestations', { skip }, () => {
  for (const item of casesOf('adversarial')) {
    const fault = FAULTS[item.name];
    if (fault === undefined) {
      it(`${item.name} is proved`, () => {
        assert.notEqual(item.expected['expectedResult'], 'fail');
        assert.deepEqual(refutationsOf(item).kinds, []);
      });
    } else {
      it(`${item.name} is refuted: ${fault}`, () => {
        assert.equal(item.expected['expectedResult'], 'fail');
        assert.ok(refutationsOf(item).reasons.includes(fault), refutationsOf(item).reasons);
      });
    }
  }
});

/** `'key'` when the case's key cannot be read, which is for the command line to say. */
function keyOf({ directory, expected }: CorpusCase): KeyObject | undefined | 'unreadable' {
  const named = expected['key'];
  if (typeof named !== 'string') return undefined;
  const file = path.join(directory, named);
  try {
    return existsSync(file) ? createPublicKey(readFileSync(file)) : undefined;
  } catch {
    return 'unreadable';
  }
}

function resultOf(item: CorpusCase, key: KeyObject | undefined): BundleResult | 'malformed trust' {
  const artifact = artifactOf(item);
  const thresholds = item.expected['thresholds'] as BundleThresholds | undefined;
  try {
    return verifyBundle(readJson(path.join(item.directory, 'bundle.sigstore.json')), trustOf(item), {
      ...(thresholds === undefined ? {} : { thresholds }),
      ...(artifact === undefined ? {} : { artifact }),
      ...(key === undefined ? {} : { key }),
    });
  } catch (error) {
    assert.ok(error instanceof TrustError && error.code === 'TRUST_ROOT_MALFORMED');
    return 'malformed trust';
  }
}

for (const kind of ['conformance', 'bundles'] as const) {
  describe(`bundles of ${kind}`, { skip }, () => {
    for (const item of casesOf(kind)) {
      const expected = item.expected['expectedResult'];
      it(`${item.name}: ${String(expected)}`, () => {
        const key = keyOf(item);
        if (key === 'unreadable') return assert.equal(expected, 'fail');
        const result = resultOf(item, key);
        if (result === 'malformed trust') return assert.equal(expected, 'fail');
        if (!result.ok) assert.notEqual(result.code, 'UNEXPECTED');
        if (expected !== 'implementation-defined') {
          assert.equal(result.ok ? 'pass' : 'fail', expected, JSON.stringify(result));
        }
        if (!result.ok || result.signer.kind === 'key') return;
        const { identity, issuer } = item.expected;
        if (typeof identity === 'string') assert.equal(result.signer.identity.subject, identity);
        if (typeof issuer === 'string') assert.equal(result.signer.identity.issuer, issuer);
      });
    }
  });
}
