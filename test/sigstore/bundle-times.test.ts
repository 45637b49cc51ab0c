/** Verifies when a minted bundle was signed, by logs and timestamp authorities that were trusted then. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FaultCode } from '../../lib/sigstore/index.ts';
import type { BundleJson, TrustedRootRequest } from '../support/sigstore/index.ts';
import {
  altered,
  at,
  byCertificate,
  codeOf,
  entryOf,
  flipped,
  judge,
  minted,
  sigstore,
  statement,
  trusting,
} from './minted.ts';

describe('the trust root', () => {
  const ended = new Date(at.getTime() - 1000).toISOString();
  const stamped = sigstore.mintBundle({ statement, signer: byCertificate, at, timestamp: true });
  const v2 = sigstore.mintBundle({ statement, signer: byCertificate, at, rekor: 'v2' });
  const cases: readonly (readonly [
    keyof NonNullable<TrustedRootRequest['ended']>,
    BundleJson,
    FaultCode,
    FaultCode,
  ])[] = [
    ['fulcio', minted, 'CERTIFICATE_CHAIN', 'CERTIFICATE_TIME'],
    ['ctlog', minted, 'SCT', 'SCT'],
    ['rekorV1', minted, 'TLOG_UNKNOWN', 'TLOG_SET'],
    ['rekorV2', v2, 'TLOG_UNKNOWN', 'TLOG_UNKNOWN'],
    ['timestamps', stamped, 'TIMESTAMP', 'TIMESTAMP'],
  ];
  for (const [part, bundle, missing, late] of cases) {
    it(`must have ${part}, and have had it at the signing time; both ends of its validity count`, async () => {
      assert.equal(codeOf(await judge(bundle, {}, trusting({ without: [part] }))), missing);
      assert.equal(codeOf(await judge(bundle, {}, trusting({ ended: { [part]: ended } }))), late);
      assert.equal(
        codeOf(await judge(bundle, {}, trusting({ ended: { [part]: at.toISOString() } }))),
        'accepted',
      );
    });
  }
});

describe('verified times', () => {
  const v2 = sigstore.mintBundle({ statement, signer: byCertificate, at, rekor: 'v2' });

  it('come from an authority where the log signs none', async () => {
    const without = altered((bundle) => {
      bundle.verificationMaterial.timestampVerificationData.rfc3161Timestamps = [];
    }, v2);
    assert.equal(codeOf(await judge(v2)), 'accepted');
    assert.equal(codeOf(await judge(without)), 'TIMESTAMP_THRESHOLD');
    assert.equal(codeOf(await judge(without, { thresholds: { timestamp: 0 } })), 'CERTIFICATE_TIME');
  });

  it('and indices are not taken from an entry without a promise', async () => {
    const claimed = altered((bundle) => {
      entryOf(bundle).inclusionPromise = null;
    });
    assert.equal(codeOf(await judge(claimed)), 'TIMESTAMP_THRESHOLD');
    const stamped = sigstore.mintBundle({ statement, signer: byCertificate, at, timestamp: true });
    entryOf(stamped).inclusionPromise = null;
    entryOf(stamped).integratedTime = '1';
    const result = await judge(stamped);
    assert.ok(result.ok && result.logIndex === undefined && result.loggedAt === at.toISOString());
  });

  it('leave no other index to a Rekor v2 entry than the proved one', async () => {
    const moved = altered((bundle) => {
      entryOf(bundle).logIndex = '7';
    }, v2);
    assert.equal(codeOf(await judge(moved)), 'TLOG_PROOF');
  });

  it('count once', async () => {
    const twice = altered((bundle) => {
      const list = bundle.verificationMaterial.timestampVerificationData.rfc3161Timestamps;
      list.push(...list);
    }, v2);
    assert.equal(codeOf(await judge(twice)), 'TIMESTAMP_DUPLICATE');
  });

  it('are refused when over another signature, or altered', async () => {
    const other = sigstore.mintBundle({
      statement: { ...statement, predicate: { other: 1 } },
      signer: byCertificate,
      at,
      rekor: 'v2',
    });
    const swapped = altered((bundle) => {
      bundle.verificationMaterial.timestampVerificationData =
        other.verificationMaterial.timestampVerificationData;
    }, v2);
    const broken = altered((bundle) => {
      for (const stamp of bundle.verificationMaterial.timestampVerificationData.rfc3161Timestamps) {
        stamp.signedTimestamp = flipped(stamp.signedTimestamp);
      }
    }, v2);
    assert.equal(codeOf(await judge(swapped)), 'TIMESTAMP');
    assert.equal(codeOf(await judge(broken)), 'TIMESTAMP');
  });

  it('add up: a log time and an authority time make two', async () => {
    const both = sigstore.mintBundle({ statement, signer: byCertificate, at, timestamp: true });
    const result = await judge(both, { thresholds: { timestamp: 2 } });
    assert.ok(result.ok && result.times.length === 2);
    assert.equal(codeOf(await judge(minted, { thresholds: { timestamp: 2 } })), 'TIMESTAMP_THRESHOLD');
  });
});
