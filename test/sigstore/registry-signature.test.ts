/** Proves a registry's signature over the lockfile's integrity, real and minted. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { StatedSignature } from '../../lib/model/evidence.ts';
import {
  parseRegistryKeys,
  type SignatureQuestion,
  verifyRegistrySignature,
} from '../../lib/sigstore/index.ts';
import { parseIntegrity } from '../../lib/text/integrity.ts';
import { anIntegrity } from '../support/builders.ts';
import { corpusMissing } from '../support/corpus.ts';
import {
  keysEndpointJson,
  keysTargetJson,
  ROTATED_AT,
  registryKeysOf,
  registrySignature,
} from '../support/sigstore/index.ts';
import { casesOf, corpus, keysFile, readJson } from './corpus-cases.ts';

const registry = registryKeysOf('acme');
const id = { name: '@acme/lib', version: '1.2.3' };
const integrity = anIntegrity();
const signed = registrySignature(registry.current, { ...id, integrity: integrity.text });
const signedByOld = registrySignature(registry.old, { ...id, integrity: integrity.text });

function judge(overrides: Partial<SignatureQuestion> = {}) {
  return verifyRegistrySignature({
    id,
    integrity,
    signatures: [signed],
    keys: parseRegistryKeys(keysTargetJson(registry.all)),
    ...overrides,
  });
}

async function refusal(overrides: Partial<SignatureQuestion>): Promise<string> {
  const proof = await judge(overrides);
  return proof.status === 'refuted' ? proof.reason : proof.status;
}

describe('a registry signature', () => {
  it('is proved with the key that made it, from either list of keys', async () => {
    assert.deepEqual(await judge(), {
      status: 'proved',
      value: { keyid: registry.current.keyid, timeFrom: 'unknown' },
    });
    assert.equal((await judge({ keys: parseRegistryKeys(keysEndpointJson(registry.all)) })).status, 'proved');
  });

  const refused: readonly (readonly [string, Partial<SignatureQuestion>, RegExp])[] = [
    ['another name', { id: { ...id, name: '@acme/lib2' } }, /does not hold/],
    ['another version', { id: { ...id, version: '1.2.4' } }, /does not hold/],
    ['another case of the name', { id: { ...id, name: '@ACME/lib' } }, /does not hold/],
    ['the integrity of other bytes', { integrity: anIntegrity('other bytes') }, /does not hold/],
    [
      'a signature of another key',
      { signatures: [{ ...signed, keyid: registry.old.keyid }] },
      /does not hold/,
    ],
    [
      'an unknown key',
      { signatures: [{ ...signed, keyid: 'SHA256:none' }] },
      /not among the registry's keys/,
    ],
    ['a key named like a prototype', { signatures: [{ ...signed, keyid: '__proto__' }] }, /not among/],
    ['loose base64', { signatures: [{ ...signed, sig: `${signed.sig}\n` }] }, /canonical base64/],
    ['an empty signature', { signatures: [{ ...signed, sig: '' }] }, /base64/],
    [
      'a second signature of an unknown key',
      { signatures: [signed, { ...signed, keyid: 'x' }] },
      /not among/,
    ],
    [
      'a second signature that does not hold',
      { signatures: [signed, { ...signedByOld, sig: signed.sig }] },
      /does not hold/,
    ],
    ['seventeen signatures', { signatures: Array.from({ length: 17 }, () => signed) }, /more than 16/],
  ];
  for (const [what, overrides, reason] of refused) {
    it(`is refuted for ${what}`, async () => assert.match(await refusal(overrides), reason));
  }

  it('is refuted by a key that is for attestations only', async () => {
    const keys = parseRegistryKeys(keysTargetJson(registry.all)).filter(({ usages }) =>
      usages.includes('npm:attestations'),
    );
    assert.match(await refusal({ keys }), /not among/);
  });

  it('is refuted when the lockfile states two different sha512', async () => {
    const two = parseIntegrity(`${integrity.text} ${anIntegrity('other bytes').text}`);
    assert.match(await refusal({ integrity: two }), /two different sha512/);
  });

  it('is proved over the sha512 when a weaker hash stands beside it', async () => {
    const both = parseIntegrity(`sha1-${Buffer.alloc(20, 1).toString('base64')} ${integrity.text}`);
    assert.equal((await judge({ integrity: both })).status, 'proved');
  });

  it('is unavailable without a sha512 in the lockfile, and absent when the registry serves none', async () => {
    const sha1 = parseIntegrity(`sha1-${Buffer.alloc(20, 1).toString('base64')}`);
    for (const weak of [undefined, sha1]) {
      const proof = await judge({ integrity: weak });
      assert.ok(proof.status === 'unavailable' && proof.reason.includes('sha512'));
    }
    assert.equal((await judge({ signatures: [] })).status, 'absent');
  });

  it('shows hostile key names harmless', async () => {
    const signatures: StatedSignature[] = [{ ...signed, keyid: '\u001b[31m\nkey\u202e' }];
    assert.doesNotMatch(await refusal({ signatures }), /[\u001b\n\u202e]/);
  });
});

describe('the key of a registry signature', () => {
  const cases = [
    ['counts a millisecond before it expires', '2025-01-28T23:59:59.999Z', 'proved'],
    ['does not count at the moment it expires', ROTATED_AT, 'refuted'],
    ['does not count at a time nobody can read', 'yesterday', 'refuted'],
  ] as const;
  for (const [title, at, status] of cases) {
    it(title, async () => {
      for (const proved of [true, false]) {
        const proof = await judge({ signatures: [signedByOld], publishedAt: { at, proved } });
        assert.equal(proof.status, status);
        if (proof.status === 'proved') assert.equal(proof.value.timeFrom, proved ? 'log' : 'told');
      }
    });
  }

  it('counts though expired when no publish time is known, and says so', async () => {
    const proof = await judge({ signatures: [signedByOld] });
    assert.ok(proof.status === 'proved' && proof.value.timeFrom === 'unknown');
  });
});

type Manifest = {
  readonly name: string;
  readonly version: string;
  /** When the registry says it was published. */
  readonly _time?: string;
  readonly dist: { readonly integrity?: string; readonly signatures: readonly StatedSignature[] };
};

describe('registry signatures of the corpus', { skip: corpus === '' ? corpusMissing : false }, () => {
  const STATUS: Readonly<Record<string, readonly string[]>> = {
    pass: ['proved'],
    fail: ['refuted', 'unavailable'],
    missing: ['absent'],
    'implementation-defined': ['proved'],
  };

  for (const item of casesOf('registry-signatures/cases')) {
    const expected = String(item.expected['expectedResult']);
    it(`${item.name}: ${expected}`, async () => {
      const manifest = readJson(path.join(item.directory, 'manifest.json')) as Manifest;
      const at = manifest._time;
      const proof = await verifyRegistrySignature({
        id: { name: manifest.name, version: manifest.version },
        integrity: parseIntegrity(manifest.dist.integrity ?? ''),
        signatures: manifest.dist.signatures,
        keys: parseRegistryKeys(readJson(keysFile(item))),
        ...(at === undefined ? {} : { publishedAt: { at, proved: false } }),
      });
      assert.ok(STATUS[expected]?.includes(proof.status), JSON.stringify(proof));
    });
  }

  it('all verify, and none does for the integrity of its neighbour', async () => {
    const { entries } = readJson(path.join(corpus, 'registry-signatures/signatures.json')) as {
      entries: {
        name: string;
        version: string;
        integrity: string;
        keyid: string;
        sig: string;
        publishTime: string | null;
      }[];
    };
    const keys = parseRegistryKeys(readJson(path.join(corpus, 'trust/public-good/npm-keys.json')));
    assert.ok(entries.length > 500);
    for (const [index, { name, version, integrity: text, keyid, sig, publishTime }] of entries.entries()) {
      const question = {
        id: { name, version },
        signatures: [{ keyid, sig }],
        keys,
        ...(publishTime === null ? {} : { publishedAt: { at: publishTime, proved: false } }),
      };
      const neighbour = entries[(index + 1) % entries.length]?.integrity ?? '';
      assert.equal(
        (await verifyRegistrySignature({ ...question, integrity: parseIntegrity(text) })).status,
        'proved',
      );
      assert.equal(
        (await verifyRegistrySignature({ ...question, integrity: parseIntegrity(neighbour) })).status,
        neighbour === text ? 'proved' : 'refuted',
      );
    }
  });
});
