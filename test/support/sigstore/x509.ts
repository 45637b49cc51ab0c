/** Makes X.509 certificates (RFC 5280). */
import { type KeyObject, sign } from 'node:crypto';
import {
  bits,
  certificateTime,
  explicit,
  implicit,
  integer,
  octets,
  oid,
  printable,
  sequence,
  set,
  TRUE,
  utf8,
} from './der.ts';
import { sha256, spkiOf } from './keys.ts';

/** An issuer or subject: organisation and common name. An empty name is an empty sequence, as in Fulcio's leaves. */
export type Name = { readonly organization: string; readonly commonName: string };

/** Everything that goes into a certificate besides the signature. `extensions` are already encoded. */
export type CertificateFields = {
  readonly serial: Buffer;
  readonly issuer: Name;
  readonly subject?: Name;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
};

const ECDSA_WITH_SHA384 = sequence(oid('1.2.840.10045.4.3.3'));

/** The to-be-signed part of a certificate (RFC 5280, 4.1.2). A certificate transparency log signs it, too. */
export function tbsCertificate(fields: CertificateFields): Buffer {
  return sequence(
    explicit(0, integer(2)),
    integer(fields.serial),
    ECDSA_WITH_SHA384,
    nameOf(fields.issuer),
    sequence(certificateTime(fields.notBefore), certificateTime(fields.notAfter)),
    fields.subject === undefined ? sequence() : nameOf(fields.subject),
    spkiOf(fields.publicKey),
    explicit(3, sequence(...fields.extensions)),
  );
}

/** A whole certificate, DER: the to-be-signed part with the issuer's signature, ECDSA with SHA-384. */
export function signedCertificate(tbs: Buffer, issuerKey: KeyObject): Buffer {
  return sequence(tbs, ECDSA_WITH_SHA384, bits(sign('sha384', tbs, issuerKey)));
}

/** A distinguished name. */
export function nameOf({ organization, commonName }: Name): Buffer {
  return sequence(
    set(sequence(oid('2.5.4.10'), printable(organization))),
    set(sequence(oid('2.5.4.3'), printable(commonName))),
  );
}

/** One extension around an encoded value (RFC 5280, 4.2). */
export function extension(id: string, value: Uint8Array, weight: 'critical' | 'plain' = 'plain'): Buffer {
  return sequence(oid(id), ...(weight === 'critical' ? [TRUE] : []), octets(value));
}

/** An extension holding a UTF8String, as Fulcio writes 1.3.6.1.4.1.57264.1.8 and later. */
export function textExtension(id: string, text: string): Buffer {
  return extension(id, utf8(text));
}

/** An extension whose value is the bare text, as Fulcio writes 1.3.6.1.4.1.57264.1.1 to 1.6. */
export function rawTextExtension(id: string, text: string): Buffer {
  return extension(id, Buffer.from(text, 'utf8'));
}

/** Key usage digitalSignature. */
export const SIGNS_DATA = extension('2.5.29.15', bits(Buffer.from([0x80]), 7), 'critical');

/** Key usage keyCertSign and cRLSign. */
export const SIGNS_CERTIFICATES = extension('2.5.29.15', bits(Buffer.from([0x06]), 1), 'critical');

/** Extended key usage code signing. */
export const FOR_CODE = extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.3')));

/** Extended key usage time stamping. */
export const FOR_TIMESTAMPS = extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.8')), 'critical');

/** Basic constraints of an authority. `depth` limits how many authorities may follow. */
export function isAuthority(depth?: number): Buffer {
  return extension('2.5.29.19', sequence(TRUE, ...(depth === undefined ? [] : [integer(depth)])), 'critical');
}

/** Subject key identifier. */
export function ownKeyId(key: KeyObject): Buffer {
  return extension('2.5.29.14', octets(keyIdOf(key)));
}

/** Authority key identifier. */
export function issuerKeyId(key: KeyObject): Buffer {
  return extension('2.5.29.35', sequence(implicit(0, keyIdOf(key))));
}

/** Subject alternative name: an e-mail address, or a URI when there is a scheme. */
export function alternativeName(name: string): Buffer {
  const kind = name.includes('://') ? 6 : 1;
  return extension('2.5.29.17', sequence(implicit(kind, Buffer.from(name, 'latin1'))), 'critical');
}

/** A positive 20-byte serial number that depends on nothing but the text. */
export function serialOf(text: string): Buffer {
  const serial = Buffer.from(sha256(text).subarray(0, 20));
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return serial;
}

// RFC 5280, 4.2.1.2 allows any unique value; RFC 7093 suggests the leftmost 160 bits of SHA-256.
function keyIdOf(key: KeyObject): Buffer {
  return sha256(spkiOf(key)).subarray(0, 20);
}
