/** An RFC 3161 timestamp authority over HTTP. */
import { childrenOf, contentOf, parseDer, TAG } from '../../../lib/sigstore/der.ts';
import { createSigstore, type Sigstore, sha256 } from '../sigstore/index.ts';
import type { Service } from './misbehaviour.ts';

/** Stamps whatever digest it is sent. Lies: `other-bytes`, `other-authority`, `long-ago`. */
export function timestampService(sigstore: Sigstore, now: () => Date): Service {
  return ({ method, path, headers, body }, lie) => {
    if (method !== 'POST' || path !== '/api/v1/timestamp') return { status: 404, body: 'Not Found' };
    if (headers['content-type'] !== 'application/timestamp-query')
      return { status: 415, body: 'Unsupported Media Type' };
    const [, imprint] = childrenOf(parseDer(body), TAG.sequence);
    const [, digest] = imprint === undefined ? [] : childrenOf(imprint, TAG.sequence);
    if (digest === undefined) return { status: 400, body: 'Bad Request' };
    const { timestamps } = lie === 'other-authority' ? createSigstore('mallory') : sigstore;
    const stamped =
      lie === 'other-bytes' ? sha256('something else') : Buffer.from(contentOf(digest, TAG.octetString));
    const at = lie === 'long-ago' ? new Date(now().getTime() - 3_600_000) : now();
    return {
      status: 201,
      body: timestamps.stampDigest(stamped, at),
      headers: { 'content-type': 'application/timestamp-reply' },
    };
  };
}
