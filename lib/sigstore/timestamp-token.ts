/** Parses the one form of RFC 3161 response that Sigstore uses: granted, CMS signed data, one signer. */
import type { HashName } from './crypto.ts';
import {
  checkNested,
  childrenOf,
  contentOf,
  type Element,
  oid,
  oidOf,
  parseDer,
  smallIntegerOf,
  TAG,
  timeOf,
  wholeOf,
} from './der.ts';
import { refuse } from './fault.ts';

/** A timestamp, parsed and not yet verified. */
export type Timestamp = {
  /** Milliseconds since the epoch. */
  readonly moment: number;
  readonly imprintHash: HashName;
  readonly imprint: Buffer;
  /** DER of TSTInfo, and the digest of it that the signed attributes state. */
  readonly content: Buffer;
  readonly contentHash: HashName;
  readonly contentDigest: Buffer;
  readonly certificateDigest: { readonly hash: HashName; readonly value: Buffer } | undefined;
  readonly signerIssuer: Buffer;
  readonly signerSerial: Buffer;
  /** The signed attributes under their implicit tag. */
  readonly attributes: Buffer;
  readonly signatureHash: HashName;
  /** `undefined` where the algorithm names only the key. */
  readonly signatureKind: 'ec' | 'rsa' | undefined;
  readonly signature: Buffer;
};

const SIGNED_DATA = oid('1.2.840.113549.1.7.2');
const TST_INFO = oid('1.2.840.113549.1.9.16.1.4');
const CONTENT_TYPE = oid('1.2.840.113549.1.9.3');
const MESSAGE_DIGEST = oid('1.2.840.113549.1.9.4');
const SIGNING_CERTIFICATE_V2 = oid('1.2.840.113549.1.9.16.2.47');

const HASHES: ReadonlyMap<string, HashName> = new Map([
  [oid('2.16.840.1.101.3.4.2.1'), 'sha256'],
  [oid('2.16.840.1.101.3.4.2.2'), 'sha384'],
  [oid('2.16.840.1.101.3.4.2.3'), 'sha512'],
]);

type SignatureKind = { readonly kind: 'ec' | 'rsa'; readonly hash: HashName | undefined };

const SIGNATURES: ReadonlyMap<string, SignatureKind> = new Map<string, SignatureKind>([
  [oid('1.2.840.10045.4.3.2'), { kind: 'ec', hash: 'sha256' }],
  [oid('1.2.840.10045.4.3.3'), { kind: 'ec', hash: 'sha384' }],
  [oid('1.2.840.10045.4.3.4'), { kind: 'ec', hash: 'sha512' }],
  [oid('1.2.840.113549.1.1.11'), { kind: 'rsa', hash: 'sha256' }],
  [oid('1.2.840.113549.1.1.12'), { kind: 'rsa', hash: 'sha384' }],
  [oid('1.2.840.113549.1.1.13'), { kind: 'rsa', hash: 'sha512' }],
  // rsaEncryption names the key only; the digest is the one stated for the content (RFC 3370, 3.2).
  [oid('1.2.840.113549.1.1.1'), { kind: 'rsa', hash: undefined }],
]);

/** TimeStampResp (RFC 3161, 2.4.2). */
export function parseTimestamp(der: Buffer): Timestamp {
  const response = parseDer(der);
  checkNested(response);
  const [status, token, extra] = childrenOf(response, TAG.sequence);
  if (status === undefined || token === undefined || extra !== undefined) return malformed('response');
  const [code] = childrenOf(status, TAG.sequence);
  // granted (0) and grantedWithMods (1) carry a timestamp.
  if (code === undefined || smallIntegerOf(code) > 1) return malformed('status');
  const signedData = childrenOf(explicitOf(token, SIGNED_DATA), TAG.sequence);
  // version, digestAlgorithms, encapContentInfo, certificates?, crls?, signerInfos (RFC 5652, 5.1)
  const content = signedData[2];
  const signers = signedData.at(-1);
  if (content === undefined || signers === undefined || signedData.length < 4)
    return malformed('signed data');
  const info = contentOf(explicitOf(content, TST_INFO), TAG.octetString);
  const [signer, second] = childrenOf(signers, TAG.set);
  if (signer === undefined || second !== undefined) return malformed('signer list');
  return { ...infoOf(info), ...signerOf(signer), content: info };
}

/** SEQUENCE { type, [0] EXPLICIT content } of the given type. */
function explicitOf(element: Element, type: string): Element {
  const [id, holder, extra] = childrenOf(element, TAG.sequence);
  if (id === undefined || holder === undefined || extra !== undefined || oidOf(id) !== type) {
    return malformed('content type');
  }
  const [content, second] = childrenOf(holder, 0xa0);
  return content === undefined || second !== undefined ? malformed('content') : content;
}

/** TSTInfo (RFC 3161, 2.4.2). */
function infoOf(info: Buffer): Pick<Timestamp, 'moment' | 'imprintHash' | 'imprint'> {
  const [version, policy, imprint, serial, time] = childrenOf(parseDer(info), TAG.sequence);
  if (
    version === undefined ||
    policy === undefined ||
    imprint === undefined ||
    serial === undefined ||
    time === undefined
  ) {
    return malformed('TSTInfo');
  }
  if (smallIntegerOf(version) !== 1 || time.tag !== TAG.generalizedTime) return malformed('TSTInfo');
  const [algorithm, hashed] = childrenOf(imprint, TAG.sequence);
  if (algorithm === undefined || hashed === undefined) return malformed('message imprint');
  return {
    moment: timeOf(time),
    imprintHash: hashOf(algorithm),
    imprint: contentOf(hashed, TAG.octetString),
  };
}

/** SignerInfo (RFC 5652, 5.3), version 1: the signer is named by issuer and serial number. */
function signerOf(signer: Element): Omit<Timestamp, 'moment' | 'imprintHash' | 'imprint' | 'content'> {
  const [version, id, hash, attributes, algorithm, signature] = childrenOf(signer, TAG.sequence);
  if (
    version === undefined ||
    id === undefined ||
    hash === undefined ||
    attributes === undefined ||
    algorithm === undefined ||
    signature === undefined ||
    smallIntegerOf(version) !== 1
  ) {
    return malformed('signer');
  }
  const [issuer, serial] = childrenOf(id, TAG.sequence);
  const [algorithmId] = childrenOf(algorithm, TAG.sequence);
  if (issuer === undefined || serial === undefined || algorithmId === undefined) return malformed('signer');
  const contentHash = hashOf(hash);
  const kind = SIGNATURES.get(oidOf(algorithmId));
  if (kind === undefined) return malformed('signature algorithm');
  return {
    ...attributesOf(attributes),
    contentHash,
    signerIssuer: wholeOf(issuer),
    signerSerial: contentOf(serial, TAG.integer),
    attributes: wholeOf(attributes),
    signatureHash: kind.hash ?? contentHash,
    signatureKind: kind.kind,
    signature: contentOf(signature, TAG.octetString),
  };
}

/** The signed attributes (RFC 5652, 11): content type and message digest are required; none may occur twice. */
function attributesOf(attributes: Element): Pick<Timestamp, 'contentDigest' | 'certificateDigest'> {
  const values = new Map<string, Element>();
  for (const attribute of childrenOf(attributes, 0xa0)) {
    const [id, set] = childrenOf(attribute, TAG.sequence);
    const [value, second] = set === undefined ? [] : childrenOf(set, TAG.set);
    if (id === undefined || value === undefined || second !== undefined || values.has(oidOf(id))) {
      return malformed('signed attributes');
    }
    values.set(oidOf(id), value);
  }
  const type = values.get(CONTENT_TYPE);
  const contentDigest = values.get(MESSAGE_DIGEST);
  if (type === undefined || oidOf(type) !== TST_INFO || contentDigest === undefined)
    return malformed('signed attributes');
  return {
    contentDigest: contentOf(contentDigest, TAG.octetString),
    certificateDigest: certificateDigestOf(values.get(SIGNING_CERTIFICATE_V2)),
  };
}

/** SigningCertificateV2 (RFC 5816): its first entry is the signer's own certificate; the digest is SHA-256 unless named. */
function certificateDigestOf(value: Element | undefined): Timestamp['certificateDigest'] {
  if (value === undefined) return undefined;
  const [list] = childrenOf(value, TAG.sequence);
  const [own] = list === undefined ? [] : childrenOf(list, TAG.sequence);
  const parts = own === undefined ? [] : childrenOf(own, TAG.sequence);
  const named = parts[0]?.tag === TAG.sequence ? parts[0] : undefined;
  const bytes = named === undefined ? parts[0] : parts[1];
  if (bytes === undefined) return malformed('signing certificate');
  return { hash: named === undefined ? 'sha256' : hashOf(named), value: contentOf(bytes, TAG.octetString) };
}

/** AlgorithmIdentifier of a digest. */
function hashOf(algorithm: Element): HashName {
  const [id] = childrenOf(algorithm, TAG.sequence);
  return (id === undefined ? undefined : HASHES.get(oidOf(id))) ?? malformed('digest algorithm');
}

function malformed(what: string): never {
  return refuse('TIMESTAMP', `its ${what} cannot be read`);
}
