/** Verifies RFC 3161 timestamps against the trusted timestamp authorities. */
import { type Authority, isValidAt } from './chain.ts';
import { digest, holds } from './crypto.ts';
import { TAG } from './der.ts';
import { Fault, refuse } from './fault.ts';
import { parseTimestamp, type Timestamp } from './timestamp-token.ts';

/** A verified moment, and what tells it apart from another authority's. */
export type VerifiedTimestamp = { readonly moment: number; readonly serial: string };

/** Verifies one timestamp over `signed` and returns its moment in milliseconds since the epoch. */
export async function verifyTimestamp(
  der: Buffer,
  signed: Buffer,
  authorities: readonly Authority[],
): Promise<VerifiedTimestamp> {
  const timestamp = readTimestamp(der);
  // RFC 3161, 2.4.2: the imprint is the digest of what was stamped, here the signature.
  if (!digest(timestamp.imprintHash, signed).equals(timestamp.imprint)) {
    return refuse('TIMESTAMP', 'the timestamp is over other bytes than the signature');
  }
  // RFC 5652, 5.4: the signed attributes contain the digest of the content.
  if (!digest(timestamp.contentHash, timestamp.content).equals(timestamp.contentDigest)) {
    return refuse('TIMESTAMP', 'the timestamp does not match its own digest');
  }
  const named = authorities.filter(({ chain: [own] }) => own !== undefined && isNamed(timestamp, own));
  if (named.length === 0) return refuse('TIMESTAMP', 'the timestamp is from no trusted authority');
  const timely = named.filter((authority) => isValidAt(authority, timestamp.moment));
  if (timely.length === 0) {
    return refuse(
      'TIMESTAMP',
      'the timestamp authority was not trusted, or its certificate not valid, at that time',
    );
  }
  for (const authority of timely) {
    if (!(await isSignedBy(timestamp, authority))) continue;
    return { moment: timestamp.moment, serial: timestamp.signerSerial.toString('hex') };
  }
  return refuse('TIMESTAMP', "the timestamp authority's signature does not hold");
}

function readTimestamp(der: Buffer): Timestamp {
  try {
    return parseTimestamp(der);
  } catch (error) {
    // What the DER reader found wrong is wrong with the timestamp.
    throw error instanceof Fault
      ? new Fault('TIMESTAMP', `the timestamp is malformed: ${error.message}`)
      : error;
  }
}

function isNamed(timestamp: Timestamp, own: Authority['chain'][number]): boolean {
  const names = timestamp.signerIssuer.equals(own.issuer) && timestamp.signerSerial.equals(own.serial);
  // RFC 5816: where the signed attributes name the certificate by its digest, it must be this one.
  const { certificateDigest } = timestamp;
  return (
    names &&
    (certificateDigest === undefined ||
      digest(certificateDigest.hash, own.der).equals(certificateDigest.value))
  );
}

async function isSignedBy(timestamp: Timestamp, authority: Authority): Promise<boolean> {
  const key = await authority.key();
  if (timestamp.signatureKind !== undefined && timestamp.signatureKind !== key.kind) return false;
  // RFC 5652, 5.4: signed is the SET OF attributes, though it stands there under an implicit tag.
  const attributes = Buffer.from(timestamp.attributes);
  attributes[0] = TAG.set;
  return holds(key, attributes, timestamp.signature, timestamp.signatureHash);
}
