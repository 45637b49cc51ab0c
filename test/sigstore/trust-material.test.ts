/** Parses trusted roots and registry keys, and refuses what they may not be. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import path from 'node:path';
import { describe, it } from 'node:test';
import { TrustError } from '../../lib/errors.ts';
import { parseRegistryKeys, parseTrustedRoot } from '../../lib/sigstore/index.ts';
import { corpusMissing } from '../support/corpus.ts';
import {
  createSigstore,
  keysEndpointJson,
  keysTargetJson,
  spkiOf,
  type TrustedRootJson,
} from '../support/sigstore/index.ts';
import { corpus, readJson } from './corpus-cases.ts';

const sigstore = createSigstore();
const { all, current, old } = sigstore.registryKeys;

function refuses(work: () => unknown, reason: RegExp): void {
  assert.throws(
    work,
    (error) =>
      error instanceof TrustError && error.code === 'TRUST_ROOT_MALFORMED' && reason.test(error.message),
  );
}

describe('a trusted root', () => {
  it('has logs, certificate logs and authorities', () => {
    const trust = parseTrustedRoot(sigstore.trustedRoot());
    assert.deepEqual(
      trust.logs.map(({ name }) => name),
      ['rekor.acme.example', 'log2026-1.rekor.acme.example'],
    );
    assert.equal(trust.certificateLogs.length, 1);
    assert.equal(trust.timestampAuthorities.length, 1);
  });

  it('may have times with fractions, nulls for what is unset, and its second media type', () => {
    const root = sigstore.trustedRoot();
    const [log] = root.tlogs;
    assert.ok(log !== undefined);
    log.publicKey.validFor = { start: '2021-01-01T00:00:00.123456Z', end: null as unknown as string };
    root.mediaType = 'application/vnd.dev.sigstore.trustedroot.v0.2+json';
    const [parsed] = parseTrustedRoot(root).logs;
    assert.deepEqual(parsed?.valid, {
      start: Date.parse('2021-01-01T00:00:00.123Z'),
      end: Number.POSITIVE_INFINITY,
    });
  });

  it('may list a log with a kind of key that is not known yet, which then proves nothing', () => {
    const root = sigstore.trustedRoot();
    const [log] = root.tlogs;
    assert.ok(log !== undefined);
    log.publicKey.keyDetails = 'PKIX_FUTURE_SIGNATURE';
    assert.equal(parseTrustedRoot(root).logs.length, 1);
  });

  const malformed: readonly (readonly [string, (root: TrustedRootJson) => void, RegExp])[] = [
    [
      'an unknown media type',
      (root) => {
        root.mediaType += 'x';
      },
      /media type/,
    ],
    [
      'a log without start of validity',
      (root) => {
        delete (firstLog(root).publicKey.validFor as { start?: string }).start;
      },
      /validFor\.start/,
    ],
    [
      'a log without validity',
      (root) => {
        delete (firstLog(root).publicKey as { validFor?: object }).validFor;
      },
      /validFor/,
    ],
    [
      'a time that is none',
      (root) => {
        firstLog(root).publicKey.validFor.start = '2021-13-01T00:00:00Z';
      },
      /not a time/,
    ],
    [
      'a date without time',
      (root) => {
        firstLog(root).publicKey.validFor.start = '2021-01-01';
      },
      /not a time/,
    ],
    [
      'loose base64',
      (root) => {
        firstLog(root).publicKey.rawBytes += '\n';
      },
      /base64/,
    ],
    [
      'a key that is none',
      (root) => {
        firstLog(root).publicKey.rawBytes = 'AAAA';
      },
      /./,
    ],
    [
      'a log without id',
      (root) => {
        delete (firstLog(root) as { logId?: object }).logId;
      },
      /logId/,
    ],
    [
      'a null entry',
      (root) => {
        root.tlogs.push(null as unknown as TrustedRootJson['tlogs'][number]);
      },
      /not an object/,
    ],
    [
      'an authority without certificates',
      (root) => {
        for (const ca of root.certificateAuthorities) ca.certChain.certificates = [];
      },
      /empty/,
    ],
    [
      'an authority with a byte after its certificate',
      (root) => {
        for (const certificate of root.certificateAuthorities.flatMap(
          ({ certChain }) => certChain.certificates,
        )) {
          certificate.rawBytes = Buffer.concat([
            Buffer.from(certificate.rawBytes, 'base64'),
            Buffer.from([0]),
          ]).toString('base64');
        }
      },
      /after the DER value/,
    ],
    [
      'an authority without start of validity',
      (root) => {
        for (const ca of root.certificateAuthorities) delete (ca.validFor as { start?: string }).start;
      },
      /validFor\.start/,
    ],
  ];
  for (const [what, change, reason] of malformed) {
    it(`is malformed with ${what}`, () => {
      const root = structuredClone(sigstore.trustedRoot());
      change(root);
      refuses(() => parseTrustedRoot(root), reason);
    });
  }

  it('is nothing but a trusted root', () => {
    for (const value of [undefined, null, [], 'x', 7, {}]) refuses(() => parseTrustedRoot(value), /./);
  });

  it('of every instance in the corpus can be read', { skip: corpus === '' ? corpusMissing : false }, () => {
    for (const name of ['public-good', 'staging', 'github', 'staging-python-tsa']) {
      const trust = parseTrustedRoot(readJson(path.join(corpus, 'trust', name, 'trusted_root.json')));
      assert.ok(trust.certificateAuthorities.length > 0);
    }
  });

  function firstLog(root: TrustedRootJson): TrustedRootJson['tlogs'][number] {
    const [log] = root.tlogs;
    assert.ok(log !== undefined);
    return log;
  }
});

describe('registry keys', () => {
  it('of the endpoint serve both usages, those of the TUF target one each', () => {
    const served = parseRegistryKeys(keysEndpointJson(all));
    assert.deepEqual(
      served.map(({ usages }) => usages),
      [
        ['npm:signatures', 'npm:attestations'],
        ['npm:signatures', 'npm:attestations'],
      ],
    );
    assert.equal(served[0]?.validUntil, Date.parse(old.end ?? ''));
    assert.equal(served[1]?.validUntil, undefined);
    const listed = parseRegistryKeys(keysTargetJson(all));
    assert.deepEqual(
      listed.map(({ keyid, usages }) => [keyid, ...usages]),
      [
        [old.keyid, 'npm:signatures'],
        [old.keyid, 'npm:attestations'],
        [current.keyid, 'npm:signatures'],
        [current.keyid, 'npm:attestations'],
      ],
    );
    assert.equal(listed[2]?.validFrom, Date.parse(current.start));
  });

  it('may be none at all', () => assert.deepEqual(parseRegistryKeys({ keys: [] }), []));

  const endpoint = keysEndpointJson([current]).keys[0];
  const target = keysTargetJson([current]).keys[0];
  assert.ok(endpoint !== undefined && target !== undefined);
  const p384 = spkiOf(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey).toString('base64');
  const malformed: readonly (readonly [string, readonly unknown[], RegExp])[] = [
    ['a null entry', [null], /not an object/],
    ['another key type', [{ ...endpoint, keytype: 'rsa' }], /keytype/],
    ['another scheme', [{ ...endpoint, scheme: 'ed25519' }], /scheme/],
    ['no keyid', [{ ...endpoint, keyid: '' }], /keyid/],
    ['an expiry that is no time', [{ ...endpoint, expires: 'soon' }], /expires/],
    ['a key on another curve', [{ ...endpoint, key: p384 }], /P-256/],
    ['a key that is none', [{ ...endpoint, key: 'AAAA' }], /./],
    ['loose base64', [{ ...endpoint, key: `${endpoint.key}\n` }], /base64/],
    ['the same key twice', [endpoint, endpoint], /twice/],
    ['an unknown usage', [{ ...target, keyUsage: 'npm:everything' }], /keyUsage/],
    [
      'other key details',
      [{ ...target, publicKey: { ...target.publicKey, keyDetails: 'PKIX_ED25519' } }],
      /keyDetails/,
    ],
    [
      'no start of validity',
      [{ ...target, publicKey: { ...target.publicKey, validFor: {} } }],
      /validFor\.start/,
    ],
    ['the same key and usage twice', [target, target], /twice/],
  ];
  for (const [what, keys, reason] of malformed) {
    it(`are malformed with ${what}`, () => refuses(() => parseRegistryKeys({ keys }), reason));
  }

  it('are nothing but a list of keys', () => {
    for (const value of [undefined, null, [], 'x', {}, { keys: null }, { keys: {} }])
      refuses(() => parseRegistryKeys(value), /./);
  });
});
