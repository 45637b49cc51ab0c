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
import { FAULTS } from './corpus-faults.ts';

const skip = corpus === '' ? corpusMissing : false;

function proofsOf(item: CorpusCase) {
  const response = readJson(path.join(item.directory, 'attestations.json'));
  return verifyAttestations({ ...packageOf(item), response, trust: trustOf(item), keys: keysOf(item) });
}

/** What was refuted, and every reason that was given. */
async function refutationsOf(
  item: CorpusCase,
): Promise<{ readonly kinds: readonly string[]; readonly reasons: string }> {
  const entries = Object.entries(await proofsOf(item)).filter(([, proof]) => proof.status === 'refuted');
  return {
    kinds: entries.map(([kind]) => kind),
    reasons: entries.map(([, proof]) => (proof.status === 'refuted' ? proof.reason : '')).join('\n'),
  };
}

describe('attestations of real packages', { skip }, () => {
  for (const item of casesOf('npm')) {
    it(`${item.name} is proved, with the identity its certificate states`, async () => {
      const { publish, provenance } = await proofsOf(item);
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

    it(`${item.name} has the log's own time and index`, async () => {
      const { provenance } = await proofsOf(item);
      const entry = attestationsOf(item).find(({ signer }) => signer.type === 'certificate')?.tlog[0];
      assert.ok(provenance.status === 'proved' && entry !== undefined);
      assert.equal(provenance.value.loggedAt, entry.integratedTime);
      assert.equal(provenance.value.logIndex, entry.logIndex);
    });
  }

  for (const item of casesOf('npm-negative')) {
    if (item.expected['kind'] === 'provenance-file') {
      it(`${item.name} does not verify`, async () => {
        const bundle = readJson(path.join(item.directory, 'bundle.sigstore.json'));
        const result = await verifyBundle(bundle, trustOf(item));
        assert.ok(!result.ok && ['TLOG_THRESHOLD', 'MALFORMED'].includes(result.code));
      });
      continue;
    }
    it(`${item.name} is refuted`, async () => {
      const { kinds } = await refutationsOf(item);
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

describe('adversarial attestations', { skip }, () => {
  for (const item of casesOf('adversarial')) {
    const fault = FAULTS[item.name];
    if (fault === undefined) {
      it(`${item.name} is proved`, async () => {
        assert.notEqual(item.expected['expectedResult'], 'fail');
        assert.deepEqual((await refutationsOf(item)).kinds, []);
      });
    } else {
      it(`${item.name} is refuted: ${fault}`, async () => {
        assert.equal(item.expected['expectedResult'], 'fail');
        const { reasons } = await refutationsOf(item);
        assert.ok(reasons.includes(fault), reasons);
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

async function resultOf(
  item: CorpusCase,
  key: KeyObject | undefined,
): Promise<BundleResult | 'malformed trust'> {
  const artifact = artifactOf(item);
  const thresholds = item.expected['thresholds'] as BundleThresholds | undefined;
  try {
    return await verifyBundle(readJson(path.join(item.directory, 'bundle.sigstore.json')), trustOf(item), {
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
      it(`${item.name}: ${String(expected)}`, async () => {
        const key = keyOf(item);
        if (key === 'unreadable') return assert.equal(expected, 'fail');
        const result = await resultOf(item, key);
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
