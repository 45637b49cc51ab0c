/**
 * Holds npmsign's verifier against sigstore-js: on every bundle of the corpus and on thousands of altered ones it accepts nothing the reference
 * refuses, and refuses more only for reasons that are listed here. `NPMSIGN_MUTATIONS` sets how many are altered, `NPMSIGN_SEED` how.
 */
import assert from 'node:assert/strict';
import { createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import {
  type BundleOptions,
  type BundleResult,
  type BundleThresholds,
  type FaultCode,
  parseRegistryKeys,
  parseTrustedRoot,
  type TrustMaterial,
  verifyBundle,
} from '../../lib/sigstore/index.ts';
import { corpusMissing } from '../support/corpus.ts';
import { artifactOf, type CorpusCase, casesOf, corpus, readJson, trustedRootFile } from './corpus-cases.ts';
import { createDice, type JsonValue, mutate } from './mutations.ts';

const MUTATIONS = Number(process.env['NPMSIGN_MUTATIONS'] ?? 2000);
const SEED = Number(process.env['NPMSIGN_SEED'] ?? 20261122);

/** Why npmsign may refuse what the reference accepts. */
const STRICTER: ReadonlyMap<FaultCode, string> = new Map([
  ['MALFORMED', 'types are not coerced, base64 is canonical, unknown digests and crowded lists are refused'],
  ['MEDIA_TYPE', 'media types are matched whole'],
  [
    'TLOG_PROOF',
    'root hash and tree size must be those of the checkpoint, and a Rekor v2 index that of the proof',
  ],
  ['TLOG_CHECKPOINT', 'nothing but signature lines may follow the note, and its name must be the whole host'],
  ['TLOG_BODY', 'the logged certificate, key, payload type and digest algorithms are compared too'],
  ['TLOG_UNKNOWN', "a Rekor v2 log's key must be valid at the signing time"],
  ['CERTIFICATE', 'every field of the certificate must be DER'],
  ['CERTIFICATE_USAGE', 'the certificate must be for signing code'],
  ['CERTIFICATE_IDENTITY', 'exactly one subject, and no two values for one fact'],
  ['TIMESTAMP', 'timestamps must name their certificate rightly and have one signer'],
  ['ARTIFACT', "the artifact's digest is compared before its signature"],
]);

type Judged = {
  readonly name: string;
  readonly bundle: JsonValue;
  readonly ours: (bundle: unknown) => Promise<BundleResult>;
  readonly reference: (bundle: unknown) => string | undefined;
};

/** One way of judging for each trust root, key set and artifact: parsing trust roots anew would cost more than judging. */
function judgedCases(): readonly Judged[] {
  const roots = new Map<string, Roots>();
  const rootsAt = (file: string): Roots | undefined => {
    const known = roots.get(file);
    if (known !== undefined) return known;
    const made = rootsFrom(readJson(file));
    if (made !== undefined) roots.set(file, made);
    return made;
  };
  const bundles = [...casesOf('conformance'), ...casesOf('bundles')].flatMap((item) => {
    const trust = rootsAt(trustedRootFile(item));
    return trust === undefined ? [] : judgedBundle(item, trust);
  });
  const publicGood = path.join(corpus, 'trust/public-good/trusted_root.json');
  const trust = rootsAt(publicGood);
  const attested = [...casesOf('npm'), ...casesOf('npm-negative'), ...casesOf('adversarial')].flatMap(
    (item) =>
      trust === undefined || item.expected['trustedRoot'] !== undefined
        ? []
        : judgedAttestations(item, trust),
  );
  return [...bundles, ...attested];
}

type Roots = {
  readonly ours: TrustMaterial;
  readonly reference: (keys: Parameters<typeof toTrustMaterial>[1]) => ReturnType<typeof toTrustMaterial>;
};

function rootsFrom(json: unknown): Roots | undefined {
  try {
    const ours = parseTrustedRoot(json);
    return { ours, reference: (keys) => toTrustMaterial(TrustedRoot.fromJSON(json), keys) };
  } catch {
    // The one malformed root is refused by npmsign alone; its own test says so.
    return undefined;
  }
}

function judgedBundle(item: CorpusCase, trust: Roots): readonly Judged[] {
  const bundle = readJson(path.join(item.directory, 'bundle.sigstore.json')) as JsonValue;
  const key = keyOf(item);
  // Only a message signature needs the artifact, and the reference knows no other use of it.
  const artifact = JSON.stringify(bundle).includes('"messageSignature"') ? artifactOf(item) : undefined;
  const bytes = artifact?.kind === 'bytes' ? artifact.bytes : undefined;
  if (artifact !== undefined && bytes === undefined) return [];
  const thresholds = item.expected['thresholds'] as BundleThresholds | undefined;
  const material = trust.reference(() => {
    if (key === undefined) throw new Error('no key');
    return { publicKey: key, validFor: () => true };
  });
  const verifier = new Verifier(material, {
    tlogThreshold: thresholds?.tlog ?? 1,
    ctlogThreshold: thresholds?.ctlog ?? 1,
    timestampThreshold: thresholds?.timestamp ?? 1,
  });
  const options: BundleOptions = {
    ...(thresholds === undefined ? {} : { thresholds }),
    ...(artifact === undefined ? {} : { artifact }),
    ...(key === undefined ? {} : { key }),
  };
  return [
    {
      name: item.name,
      bundle,
      ours: (json) => verifyBundle(json, trust.ours, options),
      reference: (json) => referenceError(json, verifier, bytes),
    },
  ];
}

function keyOf({ directory, expected }: CorpusCase): KeyObject | undefined {
  const file = path.join(directory, String(expected['key']));
  if (typeof expected['key'] !== 'string' || !existsSync(file)) return undefined;
  try {
    return createPublicKey(readFileSync(file));
  } catch {
    // The key of managed-key-wrong-key is no key: then nobody has one.
    return undefined;
  }
}

function judgedAttestations(item: CorpusCase, trust: Roots): readonly Judged[] {
  const answer = readJson(path.join(item.directory, 'attestations.json')) as
    | { attestations?: JsonValue }
    | undefined;
  if (!Array.isArray(answer?.attestations)) return [];
  const keys = parseRegistryKeys(readJson(path.join(corpus, 'trust/public-good/npm-keys.json')));
  const material = trust.reference((hint) => {
    const key = keys.find(({ keyid, usages }) => keyid === hint && usages.includes('npm:attestations'));
    if (key === undefined) throw new Error('key not found');
    const { validFrom = 0, validUntil = Number.POSITIVE_INFINITY } = key;
    return { publicKey: key.key, validFor: (at) => validFrom <= at.getTime() && at.getTime() <= validUntil };
  });
  const verifier = new Verifier(material);
  return answer.attestations.flatMap((attestation, index) => {
    if (typeof attestation !== 'object' || attestation === null || Array.isArray(attestation)) return [];
    return [
      {
        name: `${item.name} ${index}`,
        bundle: attestation['bundle'] ?? null,
        ours: (json: unknown) => verifyBundle(json, trust.ours, { registryKeys: keys }),
        reference: (json: unknown) => referenceError(json, verifier, undefined),
      },
    ];
  });
}

/** The reference's error, or `undefined` when it accepts. Its crashes are refusals too. */
function referenceError(
  json: unknown,
  verifier: Verifier,
  artifact: Uint8Array | undefined,
): string | undefined {
  try {
    const bundle = bundleFromJSON(json);
    verifier.verify(toSignedEntity(bundle, artifact === undefined ? undefined : Buffer.from(artifact)));
    return undefined;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

/** What is wrong between the two answers, if anything is. */
function disagreement(ours: BundleResult, reference: string | undefined): string | undefined {
  if (ours.ok)
    return reference === undefined ? undefined : `npmsign accepts what sigstore-js refuses (${reference})`;
  if (ours.code === 'UNEXPECTED') return 'npmsign met a bug of its own';
  if (reference !== undefined || STRICTER.has(ours.code)) return undefined;
  return `npmsign refuses for an unlisted reason: ${ours.code} ${ours.reason}`;
}

describe('npmsign and sigstore-js', { skip: corpus === '' ? corpusMissing : false }, () => {
  const cases = corpus === '' ? [] : judgedCases();

  it('agree on every bundle of the corpus, but for what npmsign is stricter about', async () => {
    const wrong: string[] = [];
    for (const { name, bundle, ours, reference } of cases) {
      const found = disagreement(await ours(bundle), reference(bundle));
      if (found !== undefined) wrong.push(`${name}: ${found}`);
    }
    assert.ok(cases.length > 150, `only ${cases.length} bundles found`);
    assert.deepEqual(wrong, []);
  });

  it(`agree on ${MUTATIONS} altered bundles (seed ${SEED})`, async (t) => {
    const dice = createDice(SEED);
    const accepted: Judged[] = [];
    for (const item of cases) if ((await item.ours(item.bundle)).ok) accepted.push(item);
    const tally = new Map<string, number>();
    for (let count = 0; count < MUTATIONS; count++) {
      const item = choose(accepted, dice);
      const { value, what } = mutate(item.bundle, choose(accepted, dice).bundle, dice);
      const ours = await item.ours(value);
      const reference = item.reference(value);
      const found = disagreement(ours, reference);
      assert.equal(found, undefined, `${item.name}, ${what}: ${found}`);
      const outcome = ours.ok
        ? 'both accept'
        : reference === undefined
          ? `stricter: ${ours.code}`
          : 'both refuse';
      tally.set(outcome, (tally.get(outcome) ?? 0) + 1);
    }
    t.diagnostic([...tally].map(([outcome, times]) => `${outcome} ${times}`).join(', '));
    assert.ok((tally.get('both refuse') ?? 0) > MUTATIONS / 3, 'the mutations hardly refuted anything');
  });
});

function choose<T>(from: readonly T[], dice: () => number): T {
  const chosen = from[Math.floor(dice() * from.length)];
  assert.ok(chosen !== undefined);
  return chosen;
}
