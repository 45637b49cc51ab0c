/** Gets RFC 3161 timestamps over a signature. */
import { randomBytes } from 'node:crypto';
import { tame } from '../text/sanitize.ts';
import type { Authority } from './chain.ts';
import { digest } from './crypto.ts';
import { headerFor, oid, TAG } from './der.ts';
import { type AskService, fetchBody, readAnswer } from './signing-service.ts';
import { verifyTimestamp } from './timestamp.ts';

const SERVICE = { name: 'The timestamp authority', code: 'TIMESTAMP_REFUSED' } as const;
const LIMIT = 256 * 1024;

/** What is to be stamped, by whom, and who is trusted to. */
export type TimestampRequest = {
  readonly url: string;
  readonly signed: Buffer;
  readonly authorities: readonly Authority[];
};

/** A verified timestamp response over the bytes, DER. Throws `SigningError` `TIMESTAMP_REFUSED`. */
export async function fetchTimestamp(
  ask: AskService,
  { url, signed, authorities }: TimestampRequest,
): Promise<Buffer> {
  const body = await fetchBody(ask, {
    service: SERVICE,
    url,
    limit: LIMIT,
    quote: (text) => tame(text, 200),
    body: timestampQuery(signed),
    headers: { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' },
  });
  const der = Buffer.from(body);
  await readAnswer(SERVICE, () => verifyTimestamp(der, signed, authorities));
  return der;
}

/** TimeStampReq (RFC 3161, 2.4.1): SHA-256 of the bytes and a nonce. No certificates: the trust root has them. */
export function timestampQuery(signed: Uint8Array): Buffer {
  const algorithm = tlv(TAG.sequence, tlv(TAG.oid, Buffer.from(SHA256, 'latin1')), tlv(TAG.null));
  const imprint = tlv(TAG.sequence, algorithm, tlv(TAG.octetString, digest('sha256', signed)));
  // Positive, and without leading zeros: the first byte is 0x40 to 0x7f.
  const nonce = randomBytes(8);
  nonce[0] = ((nonce[0] ?? 0) & 0x3f) | 0x40;
  return tlv(TAG.sequence, tlv(TAG.integer, Buffer.from([1])), imprint, tlv(TAG.integer, nonce));
}

const SHA256 = oid('2.16.840.1.101.3.4.2.1');

function tlv(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([headerFor(tag, content.length), content]);
}
