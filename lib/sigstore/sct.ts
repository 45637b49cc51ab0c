/** Verifies the certificate transparency timestamps inside a certificate (RFC 6962). */
import type { Authority } from './chain.ts';
import { covers } from './chain.ts';
import { holds, type VerifyKey } from './crypto.ts';
import { contentOf, parseDer, TAG } from './der.ts';
import { refuse } from './fault.ts';
import type { LogKey } from './trusted-root.ts';
import { type Certificate, type Extension, OID, tbsWithout } from './x509.ts';

type SignedTimestamp = {
  readonly logId: Buffer;
  readonly time: number;
  /** The time's eight octets. */
  readonly moment: Buffer;
  /** Behind the two octets of their length. */
  readonly extensions: Buffer;
  readonly algorithm: number;
  readonly signature: Buffer;
};

/** SignatureAndHashAlgorithm (RFC 5246, 7.4.1.4.1): SHA-256 with RSA or ECDSA, as RFC 6962, 2.1.4 demands. */
const ALGORITHMS: Readonly<Record<VerifyKey['kind'], number | undefined>> = {
  rsa: 0x0401,
  ec: 0x0403,
  ed25519: undefined,
};

/** Verifies every timestamp in the certificate, and that at least `threshold` different logs gave one. */
export async function verifySignedTimestamps(
  certificate: Certificate,
  issuer: Authority,
  logs: { readonly keys: readonly LogKey[]; readonly threshold: number },
): Promise<void> {
  const extension = certificate.extensions.get(OID.signedTimestamps);
  const timestamps = extension === undefined ? [] : timestampsOf(extension.value);
  const entry = extension === undefined ? [] : logEntryFor({ certificate, extension, issuer });
  const seen = new Set<string>();
  for (const timestamp of timestamps) {
    if (!(await isFromLog(timestamp, entry, logs.keys))) {
      refuse('SCT', 'a certificate transparency timestamp cannot be verified');
    }
    const log = timestamp.logId.toString('hex');
    if (seen.has(log)) refuse('SCT', 'two certificate transparency timestamps are from the same log');
    seen.add(log);
  }
  if (seen.size < logs.threshold) {
    refuse(
      'SCT_THRESHOLD',
      `${seen.size} certificate transparency timestamps found, ${logs.threshold} required`,
    );
  }
}

/** PreCert (RFC 6962, 3.2) in parts: hash of the issuer's key, then the length-prefixed certificate as it was before the timestamps. */
function logEntryFor({
  certificate,
  extension,
  issuer,
}: {
  readonly certificate: Certificate;
  readonly extension: Extension;
  readonly issuer: Authority;
}): readonly Buffer[] {
  const tbs = tbsWithout(certificate, extension);
  const length = Buffer.alloc(3);
  length.writeUIntBE(
    tbs.reduce((sum, part) => sum + part.length, 0),
    0,
    3,
  );
  return [issuer.keyHash(), length, ...tbs];
}

async function isFromLog(
  timestamp: SignedTimestamp,
  entry: readonly Buffer[],
  keys: readonly LogKey[],
): Promise<boolean> {
  const signed = signedBytes(timestamp, entry);
  const named = keys.filter(
    ({ id, key, valid }) =>
      id.equals(timestamp.logId) &&
      covers(valid, timestamp.time) &&
      ALGORITHMS[key.kind] === timestamp.algorithm,
  );
  for (const { key } of named) if (await holds(key, signed, timestamp.signature, 'sha256')) return true;
  return false;
}

/** The digitally-signed struct of RFC 6962, 3.2. */
function signedBytes({ moment, extensions }: SignedTimestamp, entry: readonly Buffer[]): Buffer {
  return Buffer.concat([V1_TIMESTAMP, moment, PRECERT_ENTRY, ...entry, extensions]);
}

/** Version v1 and SignatureType certificate_timestamp. */
const V1_TIMESTAMP = Buffer.from([0, 0]);
/** LogEntryType. */
const PRECERT_ENTRY = Buffer.from([0, 1]);

/** SignedCertificateTimestampList (RFC 6962, 3.3): TLS encoding inside an OCTET STRING. */
function timestampsOf(value: Buffer): readonly SignedTimestamp[] {
  const list = opaque(contentOf(parseDer(value), TAG.octetString), 0);
  if (list.rest.length > 0)
    return refuse('SCT', 'the list of certificate transparency timestamps is malformed');
  const timestamps: SignedTimestamp[] = [];
  for (let left = list.value; left.length > 0; ) {
    const { value: next, rest } = opaque(left, 0);
    timestamps.push(timestampOf(next));
    left = rest;
  }
  return timestamps;
}

function timestampOf(bytes: Buffer): SignedTimestamp {
  // Version (1), log id (32), time (8), extensions, algorithm (2), signature.
  if (bytes.length < 47 || bytes[0] !== 0)
    return refuse('SCT', 'a certificate transparency timestamp is malformed');
  const time = Number(bytes.readBigUInt64BE(33));
  const extensions = opaque(bytes, 41);
  if (!Number.isSafeInteger(time) || extensions.rest.length < 4) {
    return refuse('SCT', 'a certificate transparency timestamp is malformed');
  }
  const signature = opaque(extensions.rest, 2);
  if (signature.rest.length > 0) return refuse('SCT', 'a certificate transparency timestamp is malformed');
  return {
    logId: bytes.subarray(1, 33),
    time,
    moment: bytes.subarray(33, 41),
    extensions: bytes.subarray(41, bytes.length - extensions.rest.length),
    algorithm: extensions.rest.readUInt16BE(0),
    signature: signature.value,
  };
}

/** A TLS opaque vector with a two-byte length (RFC 5246, 4.3). */
function opaque(bytes: Buffer, at: number): { readonly value: Buffer; readonly rest: Buffer } {
  const start = at + 2;
  const end = start > bytes.length ? Number.POSITIVE_INFINITY : start + bytes.readUInt16BE(at);
  if (end > bytes.length) return refuse('SCT', 'a certificate transparency timestamp is cut short');
  return { value: bytes.subarray(start, end), rest: bytes.subarray(end) };
}
