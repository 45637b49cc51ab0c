/** Parses X.509 certificates (RFC 5280) as windows on their original bytes. */
import type { HashName } from './crypto.ts';
import {
  bitsOf,
  booleanOf,
  childrenOf,
  contentOf,
  type Element,
  headerFor,
  oid,
  oidOf,
  parseDer,
  smallIntegerOf,
  TAG,
  timeOf,
  wholeOf,
} from './der.ts';
import { refuse } from './fault.ts';

/** A certificate, parsed. Names and keys are DER; times are milliseconds since the epoch. */
export type Certificate = {
  readonly der: Buffer;
  /** The signed part, exactly as signed. */
  readonly tbs: Buffer;
  /** The fields of the signed part before its extensions, and where those stand in `der`, for rebuilding it without one of them. */
  readonly fields: Buffer;
  readonly extensionList: Place;
  readonly signature: Buffer;
  /** `undefined` for Ed25519, which has no separate digest. */
  readonly signatureHash: HashName | undefined;
  readonly signatureKind: 'ec' | 'rsa' | 'ed25519';
  readonly serial: Buffer;
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly spki: Buffer;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly extensions: ReadonlyMap<string, Extension>;
};

/** From where to where, in the bytes of the certificate. */
type Place = { readonly start: number; readonly end: number };

/** One extension: `value` is the content of its OCTET STRING, `place` the whole of it. */
export type Extension = { readonly critical: boolean; readonly value: Buffer; readonly place: Place };

/** Object identifiers of the extensions and purposes used here. */
export const OID = {
  subjectKeyId: oid('2.5.29.14'),
  keyUsage: oid('2.5.29.15'),
  subjectAltName: oid('2.5.29.17'),
  basicConstraints: oid('2.5.29.19'),
  authorityKeyId: oid('2.5.29.35'),
  extendedKeyUsage: oid('2.5.29.37'),
  signedTimestamps: oid('1.3.6.1.4.1.11129.2.4.2'),
  codeSigning: oid('1.3.6.1.5.5.7.3.3'),
  timeStamping: oid('1.3.6.1.5.5.7.3.8'),
  anyPurpose: oid('2.5.29.37.0'),
} as const;

type SignatureKind = Pick<Certificate, 'signatureHash' | 'signatureKind'>;

const SIGNATURES: ReadonlyMap<string, SignatureKind> = new Map<string, SignatureKind>([
  [oid('1.2.840.10045.4.3.2'), { signatureKind: 'ec', signatureHash: 'sha256' }],
  [oid('1.2.840.10045.4.3.3'), { signatureKind: 'ec', signatureHash: 'sha384' }],
  [oid('1.2.840.10045.4.3.4'), { signatureKind: 'ec', signatureHash: 'sha512' }],
  [oid('1.2.840.113549.1.1.11'), { signatureKind: 'rsa', signatureHash: 'sha256' }],
  [oid('1.2.840.113549.1.1.12'), { signatureKind: 'rsa', signatureHash: 'sha384' }],
  [oid('1.2.840.113549.1.1.13'), { signatureKind: 'rsa', signatureHash: 'sha512' }],
  [oid('1.3.101.112'), { signatureKind: 'ed25519', signatureHash: undefined }],
]);

/** Critical extensions that are looked at; any other critical one must be refused (RFC 5280, 4.2). */
const UNDERSTOOD: ReadonlySet<string> = new Set([
  OID.keyUsage,
  OID.subjectAltName,
  OID.basicConstraints,
  OID.extendedKeyUsage,
]);

/** Parses exactly one version 3 certificate. */
export function parseCertificate(der: Buffer): Certificate {
  const [tbs, algorithm, signature, extra] = childrenOf(parseDer(der), TAG.sequence);
  if (tbs === undefined || algorithm === undefined || signature === undefined || extra !== undefined) {
    return refuse('CERTIFICATE', 'a certificate has three parts');
  }
  const fields = childrenOf(tbs, TAG.sequence);
  const [version, serial, inner, issuer, validity, subject, spki] = fields;
  const wrapper = fields.at(-1);
  if (
    version === undefined ||
    serial === undefined ||
    inner === undefined ||
    issuer === undefined ||
    validity === undefined ||
    subject === undefined ||
    spki === undefined ||
    wrapper === undefined
  ) {
    return refuse('CERTIFICATE', 'a certificate lacks a field');
  }
  // The algorithm is stated twice and must be the same (RFC 5280, 4.1.1.2).
  if (!wholeOf(algorithm).equals(wholeOf(inner))) {
    return refuse('CERTIFICATE', 'two signature algorithms are stated');
  }
  checkVersion(version);
  return {
    der,
    tbs: wholeOf(tbs),
    fields: der.subarray(tbs.content, wrapper.start),
    signature: bitsOf(signature),
    ...signatureKindOf(algorithm),
    serial: contentOf(serial, TAG.integer),
    issuer: wholeOf(issuer),
    subject: wholeOf(subject),
    spki: wholeOf(spki),
    ...validityOf(validity),
    ...extensionsOf(wrapper),
  };
}

/** Only version 3, encoded as 2, has extensions (RFC 5280, 4.1.2.1). */
function checkVersion(version: Element): void {
  const [number] = childrenOf(version, 0xa0);
  if (number === undefined || smallIntegerOf(number) !== 2) {
    refuse('CERTIFICATE', 'a certificate is not version 3');
  }
}

function validityOf(validity: Element): Pick<Certificate, 'notBefore' | 'notAfter'> {
  const [notBefore, notAfter] = childrenOf(validity, TAG.sequence);
  if (notBefore === undefined || notAfter === undefined) {
    return refuse('CERTIFICATE', 'a certificate lacks its validity');
  }
  return { notBefore: timeOf(notBefore), notAfter: timeOf(notAfter) };
}

function signatureKindOf(algorithm: Element): SignatureKind {
  const [id] = childrenOf(algorithm, TAG.sequence);
  const kind = id === undefined ? undefined : SIGNATURES.get(oidOf(id));
  return kind ?? refuse('CERTIFICATE', 'a certificate is signed by an algorithm that is not accepted');
}

function extensionsOf(wrapper: Element): Pick<Certificate, 'extensions' | 'extensionList'> {
  const [list, extra] = childrenOf(wrapper, 0xa3);
  if (list === undefined || extra !== undefined)
    return refuse('CERTIFICATE', 'a certificate lacks its extensions');
  const extensions = new Map<string, Extension>();
  for (const element of childrenOf(list, TAG.sequence)) {
    const parts = childrenOf(element, TAG.sequence);
    const [id, second] = parts;
    const value = parts.at(-1);
    if (id === undefined || second === undefined || value === undefined || parts.length > 3) {
      return refuse('CERTIFICATE', 'a certificate extension is malformed');
    }
    const name = oidOf(id);
    const critical = parts.length === 3 && booleanOf(second);
    if (extensions.has(name)) return refuse('CERTIFICATE', 'a certificate extension occurs twice');
    if (critical && !UNDERSTOOD.has(name))
      return refuse('CERTIFICATE', 'a critical certificate extension is unknown');
    extensions.set(name, { critical, value: contentOf(value, TAG.octetString), place: element });
  }
  return { extensions, extensionList: { start: list.content, end: list.end } };
}

/** The parts of the signed part as it was before one of its extensions was added to it, byte for byte (RFC 6962, 3.2). */
export function tbsWithout(
  { der, fields, extensionList }: Certificate,
  { place }: Extension,
): readonly Buffer[] {
  const before = der.subarray(extensionList.start, place.start);
  const after = der.subarray(place.end, extensionList.end);
  const size = before.length + after.length;
  const list = headerFor(TAG.sequence, size);
  const wrapper = headerFor(0xa3, list.length + size);
  const header = headerFor(TAG.sequence, fields.length + wrapper.length + list.length + size);
  return [header, fields, wrapper, list, before, after];
}

/** Is it an authority, and how many further authorities may stand below it (RFC 5280, 4.2.1.9)? */
export function authorityOf(certificate: Certificate): { readonly ca: boolean; readonly pathLength: number } {
  const extension = certificate.extensions.get(OID.basicConstraints);
  if (extension === undefined) return { ca: false, pathLength: 0 };
  const [first, second] = childrenOf(parseDer(extension.value), TAG.sequence);
  if (first === undefined || !booleanOf(first)) return { ca: false, pathLength: 0 };
  return { ca: true, pathLength: second === undefined ? Number.POSITIVE_INFINITY : smallIntegerOf(second) };
}

/** Bits of the key usage extension's first octet (RFC 5280, 4.2.1.3). */
export const USAGE = { digitalSignature: 0x80, keyCertSign: 0x04 } as const;

/** May the key be used so? A certificate without the extension does not limit its key. */
export function hasUsage(certificate: Certificate, bit: number): boolean {
  const extension = certificate.extensions.get(OID.keyUsage);
  if (extension === undefined) return true;
  // The first content octet counts unused bits at the end.
  const bits = contentOf(parseDer(extension.value), TAG.bitString)[1] ?? 0;
  return (bits & bit) !== 0;
}

/** The purposes the certificate is limited to (RFC 5280, 4.2.1.12), as `oid` spells them; `undefined` when it is not limited. */
export function purposesOf(certificate: Certificate): readonly string[] | undefined {
  const extension = certificate.extensions.get(OID.extendedKeyUsage);
  return extension === undefined
    ? undefined
    : childrenOf(parseDer(extension.value), TAG.sequence).map((purpose) => oidOf(purpose));
}

/** Could `issuer` have issued `certificate`, going by names and key identifiers alone (RFC 5280, 4.2.1.1)? */
export function isIssuedBy(certificate: Certificate, issuer: Certificate): boolean {
  if (!certificate.issuer.equals(issuer.subject)) return false;
  const wanted = certificate.extensions.get(OID.authorityKeyId);
  const own = issuer.extensions.get(OID.subjectKeyId);
  if (wanted === undefined || own === undefined) return true;
  const id = childrenOf(parseDer(wanted.value), TAG.sequence).find(({ tag }) => tag === 0x80);
  return id === undefined || contentOf(id, 0x80).equals(contentOf(parseDer(own.value), TAG.octetString));
}
