/** Words an envelope as a Rekor log wants it, and reads the entry it answers with into a bundle's form. Nothing is verified here. */
import { refuse } from './fault.ts';
import {
  arrayAt,
  base64Of,
  countAt,
  type JsonObject,
  member,
  objectAt,
  objectOf,
  parseJson,
  stringAt,
} from './json.ts';

/** A DSSE envelope in JSON. */
export type EnvelopeJson = {
  readonly payload: string;
  readonly payloadType: string;
  readonly signatures: readonly { readonly sig: string; readonly keyid: string }[];
};

/** A log entry in a bundle's JSON. */
export type LogEntryJson = {
  readonly logIndex: string;
  readonly logId: { readonly keyId: string };
  readonly kindVersion: { readonly kind: string; readonly version: string };
  readonly integratedTime?: string;
  readonly inclusionPromise?: { readonly signedEntryTimestamp: string };
  readonly inclusionProof: {
    readonly logIndex: string;
    readonly rootHash: string;
    readonly treeSize: string;
    readonly hashes: readonly string[];
    readonly checkpoint: { readonly envelope: string };
  };
  readonly canonicalizedBody: string;
};

/** What to log: an envelope, and the certificate it is signed with. */
export type LogRequest = { readonly envelope: EnvelopeJson; readonly certificate: Buffer };

/** Rekor v1, `dsse` 0.0.1: the kind npm writes today. */
export function proposalOfV1({ envelope, certificate }: LogRequest): unknown {
  return {
    apiVersion: '0.0.1',
    kind: 'dsse',
    spec: {
      proposedContent: {
        envelope: JSON.stringify(envelope),
        verifiers: [Buffer.from(pemOf(certificate)).toString('base64')],
      },
    },
  };
}

/** Rekor v2, `DSSERequestV002` (rekor/v2/dsse.proto). */
export function proposalOfV2({ envelope, certificate }: LogRequest): unknown {
  return {
    dsseRequestV002: {
      envelope,
      verifiers: [
        {
          x509Certificate: { rawBytes: certificate.toString('base64') },
          keyDetails: 'PKIX_ECDSA_P256_SHA_256',
        },
      ],
    },
  };
}

/** Reads the answer of version 1: one entry under its id, hashes in hex. Refuses any other shape. */
export function parseEntryOfV1(body: Uint8Array): LogEntryJson {
  const answer = objectOf(parseJson(body, 'the answer'), 'the answer');
  const [entryValue, second] = Object.values(answer);
  if (second !== undefined) refuse('MALFORMED', 'it holds more than one entry');
  const entry = objectOf(entryValue, 'the entry');
  const verification = objectAt(entry, 'verification', 'entry');
  const proof = objectAt(verification, 'inclusionProof', 'verification');
  const { text, bytes } = base64Of(member(entry, 'body'), 'entry.body');
  const record = objectOf(parseJson(bytes, 'the entry'), 'entry.body');
  return {
    logIndex: count(entry, 'logIndex'),
    logId: { keyId: hex(stringAt(entry, 'logID', 'entry')) },
    kindVersion: { kind: stringAt(record, 'kind', 'body'), version: stringAt(record, 'apiVersion', 'body') },
    integratedTime: count(entry, 'integratedTime'),
    inclusionPromise: { signedEntryTimestamp: base64(verification, 'signedEntryTimestamp') },
    inclusionProof: {
      logIndex: count(proof, 'logIndex'),
      rootHash: hex(stringAt(proof, 'rootHash', 'proof')),
      treeSize: count(proof, 'treeSize'),
      hashes: hashesAt(proof).map((hash) => hex(hash)),
      checkpoint: { envelope: stringAt(proof, 'checkpoint', 'proof') },
    },
    canonicalizedBody: text,
  };
}

/** Reads the answer of version 2, which is an entry in a bundle's form already (`TransparencyLogEntry`). */
export function parseEntryOfV2(body: Uint8Array): LogEntryJson {
  const entry = objectOf(parseJson(body, 'the answer'), 'the answer');
  const kind = objectAt(entry, 'kindVersion', 'entry');
  const proof = objectAt(entry, 'inclusionProof', 'entry');
  return {
    logIndex: count(entry, 'logIndex'),
    logId: { keyId: base64(objectAt(entry, 'logId', 'entry'), 'keyId') },
    kindVersion: { kind: stringAt(kind, 'kind', 'entry'), version: stringAt(kind, 'version', 'entry') },
    inclusionProof: {
      logIndex: count(proof, 'logIndex'),
      rootHash: base64(proof, 'rootHash'),
      treeSize: count(proof, 'treeSize'),
      hashes: hashesAt(proof).map((hash) => base64Of(hash, 'a hash').text),
      checkpoint: { envelope: stringAt(objectAt(proof, 'checkpoint', 'proof'), 'envelope', 'proof') },
    },
    canonicalizedBody: base64(entry, 'canonicalizedBody'),
  };
}

/** A certificate in PEM (RFC 7468), as logs record it. */
export function pemOf(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function hashesAt(proof: JsonObject): readonly string[] {
  return arrayAt(proof, 'hashes', 'proof', 64).map((hash) =>
    typeof hash === 'string' ? hash : refuse('MALFORMED', 'a hash is not text'),
  );
}

/** 64-bit numbers are text in protobuf's JSON. */
function count(object: JsonObject, name: string): string {
  return String(countAt(object, name, 'entry'));
}

function base64(object: JsonObject, name: string): string {
  return base64Of(member(object, name), `entry.${name}`).text;
}

function hex(text: string): string {
  if (!/^(?:[0-9a-f]{2})+$/i.test(text)) refuse('MALFORMED', 'a hash is not hex');
  return Buffer.from(text, 'hex').toString('base64');
}
