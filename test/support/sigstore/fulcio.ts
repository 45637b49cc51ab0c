/** A minted Fulcio: signing certificates with every Fulcio extension and an embedded certificate timestamp. */
import type { KeyObject } from 'node:crypto';
import type { Identity } from '../../../lib/model/evidence.ts';
import { authoritiesOf } from './authorities.ts';
import { octets } from './der.ts';
import { keyPairOf, sha256, signatureOf, spkiOf } from './keys.ts';
import {
  alternativeName,
  extension,
  FOR_CODE,
  issuerKeyId,
  ownKeyId,
  rawTextExtension,
  SIGNS_DATA,
  serialOf,
  signedCertificate,
  tbsCertificate,
  textExtension,
} from './x509.ts';

/** What a certificate is asked for. It is valid from `at` for ten minutes, as Fulcio's are. */
export type CertificateRequest = {
  readonly identity: Identity;
  readonly publicKey: KeyObject;
  readonly at: Date;
  /** `wrong`: a timestamp over other bytes; `none`: no timestamp at all. */
  readonly sct?: 'embedded' | 'wrong' | 'none';
  /** Further extensions by OID suffix below 1.3.6.1.4.1.57264.1, each a UTF8String; an empty text leaves one out. */
  readonly extra?: ReadonlyMap<number, string>;
};

/** The certificate authority of one minted Sigstore. */
export type Fulcio = {
  /** A leaf certificate, DER. */
  readonly issue: (request: CertificateRequest) => Buffer;
  /** Intermediate and root, DER, in the order of a trusted root's `certChain`. */
  readonly chain: readonly [Buffer, Buffer];
  /** The certificate transparency log's public key. */
  readonly ctLogKey: KeyObject;
};

const FULCIO = '1.3.6.1.4.1.57264.1';
const SCT_LIST = '1.3.6.1.4.1.11129.2.4.2';
const LIFETIME_MS = 10 * 60 * 1000;

/** The Fulcio of the Sigstore of that name. */
export function createFulcio(world: string): Fulcio {
  const { root, intermediate } = authoritiesOf(world);
  const ctLog = keyPairOf(`${world} ctlog`);
  return {
    chain: [intermediate.certificate, root.certificate],
    ctLogKey: ctLog.publicKey,
    issue(request) {
      const { identity, publicKey, at, sct = 'embedded' } = request;
      const fields = {
        serial: serialOf(
          `${world} ${identity.subject} ${at.toISOString()} ${spkiOf(publicKey).toString('hex')}`,
        ),
        issuer: intermediate.name,
        notBefore: at,
        notAfter: new Date(at.getTime() + LIFETIME_MS),
        publicKey,
        extensions: [
          SIGNS_DATA,
          FOR_CODE,
          ownKeyId(publicKey),
          issuerKeyId(intermediate.keys.publicKey),
          alternativeName(identity.subject),
          ...fulcioExtensions(identity, request.extra ?? new Map()),
        ],
      };
      const precertificate = tbsCertificate(fields);
      if (sct === 'none') return signedCertificate(precertificate, intermediate.keys.privateKey);
      const logged = sct === 'wrong' ? Buffer.concat([precertificate, Buffer.from([0])]) : precertificate;
      const list = sctList(logged, { at, issuerKey: intermediate.keys.publicKey, log: ctLog });
      const tbs = tbsCertificate({ ...fields, extensions: [...fields.extensions, list] });
      return signedCertificate(tbs, intermediate.keys.privateKey);
    },
  };
}

/** Fulcio's own extensions for an identity; https://github.com/sigstore/fulcio, docs/oid-info.md. */
function fulcioExtensions(identity: Identity, extra: ReadonlyMap<number, string>): Buffer[] {
  const { issuer, repository, ref, commit, trigger, workflow } = identity;
  const config = repository && workflow && ref ? `${repository}/${workflow}@${ref}` : undefined;
  const bare: readonly (readonly [number, string | undefined])[] = [
    [1, issuer],
    [2, trigger],
    [3, commit],
    [4, workflow && 'release'],
    [5, repository && new URL(repository).pathname.slice(1)],
    [6, ref],
  ];
  const texts = new Map<number, string | undefined>([
    [8, issuer],
    [9, identity.builder],
    [10, identity.builder && commit],
    [11, identity.runner],
    [12, repository],
    [13, commit],
    [14, ref],
    [15, identity.repositoryId],
    [16, identity.owner],
    [17, identity.ownerId],
    [18, config],
    [19, config && commit],
    [20, trigger],
    [21, identity.run],
    [22, identity.visibility],
    ...extra,
  ]);
  return [
    ...bare.flatMap(([n, text]) => (text ? [rawTextExtension(`${FULCIO}.${n}`, text)] : [])),
    ...[...texts].flatMap(([n, text]) => (text ? [textExtension(`${FULCIO}.${n}`, text)] : [])),
  ];
}

/** A list of one signed certificate timestamp over the precertificate (RFC 6962, 3.2 and 3.3). */
function sctList(
  precertificate: Buffer,
  { at, issuerKey, log }: { at: Date; issuerKey: KeyObject; log: ReturnType<typeof keyPairOf> },
): Buffer {
  const timestamp = Buffer.alloc(8);
  timestamp.writeBigUInt64BE(BigInt(at.getTime()));
  const noExtensions = Buffer.from([0, 0]);
  const signed = Buffer.concat([
    Buffer.from([0, 0]), // version v1, certificate_timestamp
    timestamp,
    Buffer.from([0, 1]), // precert_entry
    sha256(spkiOf(issuerKey)),
    sized(3, precertificate),
    noExtensions,
  ]);
  const sct = Buffer.concat([
    Buffer.from([0]),
    sha256(spkiOf(log.publicKey)),
    timestamp,
    noExtensions,
    Buffer.from([4, 3]), // SHA-256, ECDSA
    sized(2, signatureOf(signed, log.privateKey)),
  ]);
  return extension(SCT_LIST, octets(sized(2, sized(2, sct))));
}

/** A TLS vector: its length in `width` bytes, then its content (RFC 5246, 4.3). */
function sized(width: number, content: Buffer): Buffer {
  const length = Buffer.alloc(width);
  length.writeUIntBE(content.length, 0, width);
  return Buffer.concat([length, content]);
}
