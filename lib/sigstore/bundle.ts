/** Parses a Sigstore bundle (protobuf `Bundle`, JSON form) of any version, strictly. */
import type { HashName } from './crypto.ts';
import { refuse } from './fault.ts';
import {
  arrayAt,
  type Base64,
  base64At,
  base64Of,
  countAt,
  type JsonObject,
  member,
  objectAt,
  objectOf,
  stringAt,
} from './json.ts';

/** What was signed: an envelope around a payload, or an artifact's digest. */
export type BundleContent =
  | {
      readonly kind: 'dsse';
      readonly payloadType: string;
      readonly payload: Base64;
      readonly signature: Base64;
      /** Unauthenticated; empty when there is none. */
      readonly keyid: string;
    }
  | {
      readonly kind: 'message';
      readonly algorithm: HashName;
      readonly digest: Buffer;
      readonly signature: Base64;
    };

/** Who claims to have signed: the owner of a certificate, or of a key known by its hint. */
export type BundleSigner =
  | { readonly kind: 'certificate'; readonly certificate: Base64 }
  | { readonly kind: 'key'; readonly hint: string };

/** A transparency log entry as the bundle carries it. */
export type LogEntry = {
  readonly logIndex: number;
  readonly logId: Buffer;
  readonly kind: string;
  readonly version: string;
  /** Seconds since the epoch; only a signed entry timestamp makes it more than a claim. */
  readonly integratedTime: number;
  readonly signedEntryTimestamp: Buffer | undefined;
  readonly proof: InclusionProof | undefined;
  readonly body: Base64;
};

/** Where the entry stands in the log's tree. */
export type InclusionProof = {
  readonly logIndex: number;
  readonly treeSize: number;
  readonly rootHash: Buffer;
  readonly hashes: readonly Buffer[];
  readonly checkpoint: string;
};

/** A bundle whose shape is right; nothing in it is verified. */
export type Bundle = {
  readonly content: BundleContent;
  readonly signer: BundleSigner;
  readonly entries: readonly LogEntry[];
  readonly timestamps: readonly Buffer[];
};

type Version = '0.1' | '0.2' | '0.3';

const MEDIA_TYPES: ReadonlyMap<unknown, Version> = new Map<unknown, Version>([
  ['application/vnd.dev.sigstore.bundle+json;version=0.1', '0.1'],
  ['application/vnd.dev.sigstore.bundle+json;version=0.2', '0.2'],
  ['application/vnd.dev.sigstore.bundle+json;version=0.3', '0.3'],
  ['application/vnd.dev.sigstore.bundle.v0.3+json', '0.3'],
]);

/** More entries, timestamps or chain certificates than any signer adds. */
const LIMIT = 16;
/** More levels than a tree of 2^53 leaves has. */
const MOST_HASHES = 64;

/** Parses a bundle. Refuses with `MALFORMED`, `MEDIA_TYPE` or `BUNDLE_VERSION`. */
export function parseBundleJson(json: unknown): Bundle {
  const bundle = objectOf(json, 'bundle');
  const version = MEDIA_TYPES.get(member(bundle, 'mediaType'));
  if (version === undefined) return refuse('MEDIA_TYPE', "the bundle's media type is unknown");
  const material = objectAt(bundle, 'verificationMaterial', 'bundle');
  const stamps = member(material, 'timestampVerificationData');
  const timestamps = stamps === undefined ? {} : objectOf(stamps, 'timestampVerificationData');
  const content = contentOf(bundle);
  const signer = signerOf(material, version);
  const entries = arrayAt(material, 'tlogEntries', 'bundle', LIMIT).map(entryOf);
  for (const entry of entries) checkVersionRules(entry, version);
  return {
    content,
    signer,
    entries,
    timestamps: arrayAt(timestamps, 'rfc3161Timestamps', 'bundle', LIMIT).map((value, index) => {
      const path = `rfc3161Timestamps[${index}]`;
      return base64At(objectOf(value, path), 'signedTimestamp', path).bytes;
    }),
  };
}

/** Exactly one member of a protobuf `oneof`. */
function oneOf(object: JsonObject, names: readonly string[], what: string): string {
  const [name, second] = names.filter((candidate) => member(object, candidate) !== undefined);
  if (name === undefined) return refuse('MALFORMED', `the bundle has no ${what}`);
  return second === undefined ? name : refuse('MALFORMED', `the bundle has more than one ${what}`);
}

function contentOf(bundle: JsonObject): BundleContent {
  return oneOf(bundle, ['dsseEnvelope', 'messageSignature'], 'signed content') === 'dsseEnvelope'
    ? envelopeOf(objectAt(bundle, 'dsseEnvelope', 'bundle'))
    : messageOf(objectAt(bundle, 'messageSignature', 'bundle'));
}

function envelopeOf(envelope: JsonObject): BundleContent {
  const path = 'dsseEnvelope';
  const [first, second] = arrayAt(envelope, 'signatures', path, LIMIT);
  if (first === undefined || second !== undefined) {
    return refuse('MALFORMED', 'the envelope does not have exactly one signature');
  }
  const signature = objectOf(first, `${path}.signatures[0]`);
  const keyid = member(signature, 'keyid') ?? '';
  if (typeof keyid !== 'string') return refuse('MALFORMED', `${path}.signatures[0].keyid is not a string`);
  return {
    kind: 'dsse',
    payloadType: stringAt(envelope, 'payloadType', path),
    payload: base64At(envelope, 'payload', path),
    signature: base64At(signature, 'sig', `${path}.signatures[0]`),
    keyid,
  };
}

const DIGESTS: ReadonlyMap<unknown, { readonly name: HashName; readonly length: number }> = new Map<
  unknown,
  { readonly name: HashName; readonly length: number }
>([
  ['SHA2_256', { name: 'sha256', length: 32 }],
  ['SHA2_384', { name: 'sha384', length: 48 }],
  ['SHA2_512', { name: 'sha512', length: 64 }],
]);

function messageOf(message: JsonObject): BundleContent {
  const path = 'messageSignature';
  const messageDigest = objectAt(message, 'messageDigest', path);
  const algorithm = DIGESTS.get(member(messageDigest, 'algorithm'));
  if (algorithm === undefined)
    return refuse('MALFORMED', 'the digest algorithm of the signed message is unknown');
  const { bytes } = base64At(messageDigest, 'digest', path);
  if (bytes.length !== algorithm.length)
    return refuse('MALFORMED', 'the digest of the signed message has a wrong length');
  return {
    kind: 'message',
    algorithm: algorithm.name,
    digest: bytes,
    signature: base64At(message, 'signature', path),
  };
}

function signerOf(material: JsonObject, version: Version): BundleSigner {
  const path = 'verificationMaterial';
  const names = ['publicKey', 'x509CertificateChain', 'certificate'];
  switch (oneOf(material, names, 'verification material')) {
    case 'publicKey': {
      const hint = member(objectAt(material, 'publicKey', path), 'hint') ?? '';
      return typeof hint === 'string'
        ? { kind: 'key', hint }
        : refuse('MALFORMED', 'the key hint is not a string');
    }
    case 'certificate': {
      const certificate = objectAt(material, 'certificate', path);
      return { kind: 'certificate', certificate: base64At(certificate, 'rawBytes', `${path}.certificate`) };
    }
    default:
      if (version === '0.3')
        return refuse('BUNDLE_VERSION', 'a version 0.3 bundle carries a certificate chain');
      return { kind: 'certificate', certificate: leafOf(objectAt(material, 'x509CertificateChain', path)) };
  }
}

/** The chain's first certificate; the others are hints nobody needs, but base64 all the same. */
function leafOf(chain: JsonObject): Base64 {
  const certificates = arrayAt(chain, 'certificates', 'x509CertificateChain', LIMIT).map((value, index) => {
    const path = `certificates[${index}]`;
    return base64At(objectOf(value, path), 'rawBytes', path);
  });
  return certificates[0] ?? refuse('MALFORMED', 'the certificate chain is empty');
}

function entryOf(value: unknown, index: number): LogEntry {
  const path = `tlogEntries[${index}]`;
  const entry = objectOf(value, path);
  const kindVersion = objectAt(entry, 'kindVersion', path);
  const promise = member(entry, 'inclusionPromise');
  const proof = member(entry, 'inclusionProof');
  return {
    logIndex: countAt(entry, 'logIndex', path),
    logId: base64At(objectAt(entry, 'logId', path), 'keyId', path).bytes,
    kind: stringAt(kindVersion, 'kind', path),
    version: stringAt(kindVersion, 'version', path),
    integratedTime: countAt(entry, 'integratedTime', path),
    signedEntryTimestamp:
      promise === undefined
        ? undefined
        : base64At(objectOf(promise, path), 'signedEntryTimestamp', path).bytes,
    proof: proof === undefined ? undefined : proofOf(objectOf(proof, `${path}.inclusionProof`), path),
    body: base64At(entry, 'canonicalizedBody', path),
  };
}

function proofOf(proof: JsonObject, path: string): InclusionProof {
  const checkpoint = member(proof, 'checkpoint');
  // Every version demands it beside a proof: a root nobody signed proves nothing.
  if (checkpoint === undefined) return refuse('TLOG_CHECKPOINT', 'the inclusion proof has no checkpoint');
  const hashes = arrayAt(proof, 'hashes', path, MOST_HASHES).map((hash, at) =>
    hashBytes(base64Of(hash, `${path}.hashes[${at}]`).bytes),
  );
  return {
    logIndex: countAt(proof, 'logIndex', path),
    treeSize: countAt(proof, 'treeSize', path),
    rootHash: hashBytes(base64At(proof, 'rootHash', path).bytes),
    hashes,
    checkpoint: stringAt(objectOf(checkpoint, path), 'envelope', path),
  };
}

function hashBytes(bytes: Buffer): Buffer {
  return bytes.length === 32
    ? bytes
    : refuse('MALFORMED', 'a hash of the inclusion proof has a wrong length');
}

/** Version 0.1 needs the promise, later ones the proof (sigstore_bundle.proto, `Bundle.media_type`). */
function checkVersionRules(entry: LogEntry, version: Version): void {
  if (version === '0.1' && entry.signedEntryTimestamp === undefined) {
    refuse('BUNDLE_VERSION', 'a version 0.1 bundle lacks the signed entry timestamp');
  }
  if (version !== '0.1' && entry.proof === undefined) {
    refuse('BUNDLE_VERSION', `a version ${version} bundle lacks the inclusion proof`);
  }
}
