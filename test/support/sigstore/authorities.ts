/** The certificate authorities of a minted Sigstore: Fulcio's root and intermediate, and the timestamp authority. */
import { type KeyPair, keyPairOf } from './keys.ts';
import {
  FOR_CODE,
  FOR_TIMESTAMPS,
  isAuthority,
  issuerKeyId,
  type Name,
  ownKeyId,
  SIGNS_CERTIFICATES,
  SIGNS_DATA,
  serialOf,
  signedCertificate,
  tbsCertificate,
} from './x509.ts';

/** A certificate with its key. */
export type Authority = {
  readonly name: Name;
  readonly serial: Buffer;
  readonly certificate: Buffer;
  readonly keys: KeyPair;
};

/** All authorities of one Sigstore. */
export type Authorities = {
  readonly root: Authority;
  readonly intermediate: Authority;
  readonly timestampRoot: Authority;
  readonly timestampLeaf: Authority;
};

/** Since when a minted Sigstore exists. */
export const BEGINNING = new Date('2021-01-01T00:00:00Z');
const END = new Date('2041-01-01T00:00:00Z');

const made = new Map<string, Authorities>();

/** The authorities of the Sigstore of that name: the same ones for as long as the process lives. */
export function authoritiesOf(world: string): Authorities {
  const known = made.get(world);
  if (known !== undefined) return known;
  const named = (commonName: string): Name => ({ organization: `${world}.example`, commonName });
  const root = authority(named('sigstore'), { extensions: [SIGNS_CERTIFICATES, isAuthority()] });
  const intermediate = authority(named('sigstore-intermediate'), {
    issuer: root,
    extensions: [SIGNS_CERTIFICATES, FOR_CODE, isAuthority(0)],
  });
  const timestampRoot = authority(named('sigstore-tsa-selfsigned'), {
    extensions: [SIGNS_CERTIFICATES, isAuthority(0)],
  });
  const timestampLeaf = authority(named('sigstore-tsa'), {
    issuer: timestampRoot,
    extensions: [SIGNS_DATA, FOR_TIMESTAMPS],
  });
  const fresh = { root, intermediate, timestampRoot, timestampLeaf };
  made.set(world, fresh);
  return fresh;
}

function authority(
  name: Name,
  { issuer, extensions }: { readonly issuer?: Authority; readonly extensions: readonly Buffer[] },
): Authority {
  const label = `${name.organization} ${name.commonName}`;
  const keys = keyPairOf(label, 'P-384');
  const signer = issuer?.keys ?? keys;
  const serial = serialOf(label);
  const tbs = tbsCertificate({
    serial,
    issuer: issuer?.name ?? name,
    subject: name,
    notBefore: BEGINNING,
    notAfter: END,
    publicKey: keys.publicKey,
    extensions: [...extensions, ownKeyId(keys.publicKey), issuerKeyId(signer.publicKey)],
  });
  return { name, serial, keys, certificate: signedCertificate(tbs, signer.privateKey) };
}
