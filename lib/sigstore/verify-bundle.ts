/** Verifies a Sigstore bundle: who signed what, and when, or why that is not proved. */
import type { KeyObject } from 'node:crypto';
import type { Identity } from '../model/evidence.ts';
import { tame } from '../text/sanitize.ts';
import { type BundleArtifact, signedBytesOf, verifyContent } from './artifact.ts';
import { type Bundle, parseBundleJson } from './bundle.ts';
import { checkSigningUse, identityOf } from './certificate.ts';
import { covers, issuerOf } from './chain.ts';
import { keyFromObject, keyFromSpki, spkiText, type VerifyKey } from './crypto.ts';
import { type FaultCode, faultOf, refuse } from './fault.ts';
import type { RegistryKey } from './registry-keys.ts';
import { verifySignedTimestamps } from './sct.ts';
import { verifyTimestamp } from './timestamp.ts';
import { verifyLogBody } from './tlog-body.ts';
import { type VerifiedEntry, verifyLogEntry } from './tlog-entry.ts';
import type { LogKey, TrustMaterial } from './trusted-root.ts';
import { parseCertificate } from './x509.ts';

export type { BundleArtifact } from './artifact.ts';

/** How many log entries, certificate transparency timestamps and verified times there must be. One each by default. */
export type BundleThresholds = {
  readonly tlog?: number;
  readonly ctlog?: number;
  readonly timestamp?: number;
};

/** What a bundle is verified against, besides the trust root. */
export type BundleOptions = {
  readonly thresholds?: BundleThresholds;
  /** Required for a message signature. A statement must have it among its subjects. */
  readonly artifact?: BundleArtifact;
  /** The only key a key-signed bundle may be signed with; no certificate will do. */
  readonly key?: KeyObject;
  /** Keys to look the bundle's hint up in, among those for attestations. */
  readonly registryKeys?: readonly RegistryKey[];
  /** What kind of signer is demanded. */
  readonly expect?: 'certificate' | 'key';
};

/** Who signed: an identity the certificate authority vouches for, or the key of that id. */
export type Signer =
  | { readonly kind: 'certificate'; readonly identity: Identity }
  | { readonly kind: 'key'; readonly keyid: string };

/** What was signed. `keyid` is the envelope's own, which nobody signed; empty when there is none. */
export type SignedContent =
  | {
      readonly kind: 'dsse';
      readonly payloadType: string;
      readonly payload: Uint8Array;
      readonly keyid: string;
    }
  | { readonly kind: 'message' };

/** Verified, or refused by a fault with a stable code and a reason that is safe to print. */
export type BundleResult =
  | {
      readonly ok: true;
      readonly signer: Signer;
      readonly content: SignedContent;
      /** The latest verified time, ISO 8601: an earlier one proves less about the age of what was signed. */
      readonly loggedAt?: string;
      /** Index of the first log entry, as its log counts; absent where nothing proves it. */
      readonly logIndex?: string;
      /** Every verified time, ISO 8601. */
      readonly times: readonly string[];
    }
  | { readonly ok: false; readonly code: FaultCode; readonly reason: string };

/** Verifies a parsed bundle JSON. Never rejects: whatever it is given is proved or refused. */
export async function verifyBundle(
  json: unknown,
  trust: TrustMaterial,
  options: BundleOptions = {},
): Promise<BundleResult> {
  try {
    return await verified(parseBundleJson(json), trust, options);
  } catch (error) {
    return { ok: false, ...faultOf(error) };
  }
}

type Accepted = Extract<BundleResult, { ok: true }>;

async function verified(bundle: Bundle, trust: TrustMaterial, options: BundleOptions): Promise<Accepted> {
  const { thresholds = {}, artifact } = options;
  const entries = await verifyEntries(bundle, trust.logs, thresholds.tlog ?? 1);
  const moments = await verifyTimes(bundle, { entries, trust, threshold: thresholds.timestamp ?? 1 });
  const { signer, key, verifier } = await verifySigner({ bundle, trust, moments }, options);
  const signedBytes = signedBytesOf(bundle.content);
  for (const entry of bundle.entries) {
    // Ed25519 has no digest of its own; logs record SHA-512 for it (Sigstore algorithm registry).
    verifyLogBody(entry, { content: bundle.content, signedBytes, verifier, hash: key.hash ?? 'sha512' });
  }
  await verifyContent(bundle, key, { signedBytes, artifact });
  const times = moments.map((moment) => new Date(moment).toISOString());
  const loggedAt = times[moments.indexOf(Math.max(...moments))];
  const logIndex = entries[0]?.logIndex;
  return {
    ok: true,
    signer,
    content: contentOf(bundle),
    ...(loggedAt === undefined ? {} : { loggedAt }),
    ...(logIndex === undefined ? {} : { logIndex: String(logIndex) }),
    times,
  };
}

function contentOf({ content }: Bundle): SignedContent {
  if (content.kind === 'message') return { kind: 'message' };
  const { payloadType, payload, keyid } = content;
  return { kind: 'dsse', payloadType, payload: payload.bytes, keyid };
}

async function verifyEntries(
  bundle: Bundle,
  logs: readonly LogKey[],
  threshold: number,
): Promise<readonly VerifiedEntry[]> {
  const verifiedEntries: VerifiedEntry[] = [];
  for (const [index, entry] of bundle.entries.entries()) {
    const { logId, body } = entry;
    const earlier = bundle.entries.slice(0, index);
    if (earlier.some((one) => one.body.text === body.text && one.logId.equals(logId))) {
      refuse('TLOG_DUPLICATE', 'the same log entry stands there twice');
    }
    verifiedEntries.push(await verifyLogEntry(entry, logs));
  }
  if (verifiedEntries.length < threshold) {
    refuse(
      'TLOG_THRESHOLD',
      `${verifiedEntries.length} transparency log entries found, ${threshold} required`,
    );
  }
  return verifiedEntries;
}

/** All verified moments: those the logs signed, then those of timestamp authorities. */
async function verifyTimes(
  bundle: Bundle,
  {
    entries,
    trust,
    threshold,
  }: {
    readonly entries: readonly VerifiedEntry[];
    readonly trust: TrustMaterial;
    readonly threshold: number;
  },
): Promise<readonly number[]> {
  const times: VerifiedTime[] = [];
  for (const { keys, moment } of entries) if (moment !== undefined) times.push({ moment, from: keys[0] });
  for (const der of bundle.timestamps) {
    const signed = bundle.content.signature.bytes;
    const { moment, serial } = await verifyTimestamp(der, signed, trust.timestampAuthorities);
    times.push({ moment, from: serial });
  }
  const isAmong = (earlier: readonly VerifiedTime[], { moment, from }: VerifiedTime): boolean =>
    earlier.some((time) => time.moment === moment && time.from === from);
  if (times.some((time, index) => isAmong(times.slice(0, index), time))) {
    refuse('TIMESTAMP_DUPLICATE', 'the same verified time stands there twice');
  }
  if (times.length < threshold) {
    refuse('TIMESTAMP_THRESHOLD', `${times.length} verified times found, ${threshold} required`);
  }
  const moments = times.map(({ moment }) => moment);
  for (const entry of entries) checkLogValidity(entry, moments);
  return moments;
}

/** A moment, and the log or the serial number of the authority that vouches for it. */
type VerifiedTime = { readonly moment: number; readonly from: LogKey | string | undefined };

/** An entry without a signed time of its own is held to the bundle's other verified times. */
function checkLogValidity({ keys, moment }: VerifiedEntry, moments: readonly number[]): void {
  if (moment !== undefined) return;
  if (!keys.some(({ valid }) => moments.every((each) => covers(valid, each)))) {
    refuse('TLOG_UNKNOWN', "the log's key was not valid at the signing time");
  }
}

type Evidence = {
  readonly bundle: Bundle;
  readonly trust: TrustMaterial;
  readonly moments: readonly number[];
};
type VerifiedSigner = {
  readonly signer: Signer;
  readonly key: VerifyKey;
  readonly verifier: { readonly kind: 'certificate' | 'key'; readonly text: string };
};

async function verifySigner(evidence: Evidence, options: BundleOptions): Promise<VerifiedSigner> {
  const { kind } = evidence.bundle.signer;
  const expected = options.expect ?? (options.key === undefined ? kind : 'key');
  if (kind !== expected) {
    return refuse('SIGNER_KIND', `the bundle is signed with a ${kind} where a ${expected} is required`);
  }
  return evidence.bundle.signer.kind === 'certificate'
    ? certificateSigner(evidence, evidence.bundle.signer.certificate, options.thresholds?.ctlog ?? 1)
    : keySigner(evidence, evidence.bundle.signer.hint, options);
}

async function certificateSigner(
  { trust, moments }: Evidence,
  { text, bytes }: { readonly text: string; readonly bytes: Buffer },
  threshold: number,
): Promise<VerifiedSigner> {
  const certificate = parseCertificate(bytes);
  const issuer = await issuerOf(certificate, trust.certificateAuthorities, moments);
  checkSigningUse(certificate);
  await verifySignedTimestamps(certificate, issuer, { keys: trust.certificateLogs, threshold });
  return {
    signer: { kind: 'certificate', identity: identityOf(certificate) },
    key: keyFromSpki(certificate.spki),
    verifier: { kind: 'certificate', text },
  };
}

function keySigner(
  { moments }: Evidence,
  hint: string,
  { key, registryKeys = [] }: BundleOptions,
): VerifiedSigner {
  const found = key ?? registryKeyFor(hint, registryKeys, moments);
  return {
    signer: { kind: 'key', keyid: hint },
    key: keyFromObject(found),
    verifier: { kind: 'key', text: spkiText(found) },
  };
}

function registryKeyFor(
  hint: string,
  keys: readonly RegistryKey[] | undefined,
  moments: readonly number[],
): KeyObject {
  if (keys === undefined)
    return refuse('KEY_UNKNOWN', 'the bundle is signed with a key, and no key was given');
  const found = keys.find(({ keyid, usages }) => keyid === hint && usages.includes('npm:attestations'));
  if (found === undefined)
    return refuse('KEY_UNKNOWN', `no trusted key for attestations is named ${tame(hint, 100)}`);
  const valid = { start: found.validFrom ?? 0, end: found.validUntil ?? Number.POSITIVE_INFINITY };
  if (moments.length === 0 || !moments.every((moment) => covers(valid, moment))) {
    refuse('KEY_TIME', `key ${tame(hint, 100)} was not valid at the signing time`);
  }
  return found.key;
}
