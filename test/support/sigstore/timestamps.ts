/** A minted timestamp authority (RFC 3161). */
import { authoritiesOf } from './authorities.ts';
import { explicit, generalizedTime, integer, NULL, octets, oid, sequence, set, tlv } from './der.ts';
import { sha256, signatureOf } from './keys.ts';
import { nameOf, serialOf } from './x509.ts';

/** One timestamp authority. */
export type TimestampAuthority = {
  /** A timestamp response over the bytes, DER. */
  readonly stamp: (bytes: Uint8Array, at: Date) => Buffer;
  /** The same for whoever sends only the SHA-256 of the bytes, as a request does. */
  readonly stampDigest: (digest: Buffer, at: Date) => Buffer;
  /** Leaf and root, DER, in the order of a trusted root's `certChain`. */
  readonly chain: readonly [Buffer, Buffer];
};

const SHA256 = sequence(oid('2.16.840.1.101.3.4.2.1'), NULL);
const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
const TST_INFO = oid('1.2.840.113549.1.9.16.1.4');

/** The timestamp authority of the Sigstore of that name. */
export function createTimestampAuthority(world: string): TimestampAuthority {
  const { timestampRoot: root, timestampLeaf: leaf } = authoritiesOf(world);
  return {
    chain: [leaf.certificate, root.certificate],
    stamp: (bytes, at) => stampDigest(sha256(bytes), at),
    stampDigest,
  };

  function stampDigest(digest: Buffer, at: Date): Buffer {
    const info = tstInfo(digest, at);
    // The signature covers the attributes as a SET; inside SignerInfo they carry [0] (RFC 5652, 5.4).
    const attributes = [
      attribute('1.2.840.113549.1.9.3', TST_INFO),
      attribute('1.2.840.113549.1.9.5', tlv(0x17, Buffer.from(`${compact(at).slice(2)}Z`))),
      attribute('1.2.840.113549.1.9.4', octets(sha256(info))),
    ];
    const signerInfo = sequence(
      integer(1),
      sequence(nameOf(root.name), integer(leaf.serial)),
      SHA256,
      explicit(0, ...attributes),
      ECDSA_WITH_SHA256,
      octets(signatureOf(set(...attributes), leaf.keys.privateKey)),
    );
    const signedData = sequence(
      integer(3),
      set(SHA256),
      sequence(TST_INFO, explicit(0, octets(info))),
      set(signerInfo),
    );
    return sequence(sequence(integer(0)), sequence(oid('1.2.840.113549.1.7.2'), explicit(0, signedData)));
  }
}

/** TSTInfo (RFC 3161, 2.4.2). */
function tstInfo(digest: Buffer, at: Date): Buffer {
  return sequence(
    integer(1),
    oid('1.3.6.1.4.1.57264.2'),
    sequence(SHA256, octets(digest)),
    integer(serialOf(`${at.toISOString()} ${digest.toString('hex')}`)),
    generalizedTime(at),
  );
}

function attribute(id: string, value: Buffer): Buffer {
  return sequence(oid(id), set(value));
}

function compact(at: Date): string {
  return at.toISOString().slice(0, 19).replace(/\D/g, '');
}
