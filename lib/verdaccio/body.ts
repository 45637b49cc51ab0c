/** Reads the body of a request, within a limit. */
import type { Request } from './server.ts';

/** The body's JSON, or the HTTP status that says why there is none. */
export type Body =
  | { readonly kind: 'json'; readonly json: unknown }
  | { readonly kind: 'refused'; readonly status: 400 | 413 | 415; readonly reason: string };

/** Lets nothing of the body pass by until somebody reads it: Verdaccio's own look at who sends it has set it flowing. */
export function holdBody(request: Request): void {
  request.pause();
}

/** Reads to the end or to the limit, unless somebody has. */
export async function readBody(request: Request, limit: number): Promise<Body> {
  // Newer versions of Verdaccio have read JSON before any plugin sees the request.
  if (request._body === true) return { kind: 'json', json: request.body };
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') return { kind: 'refused', status: 415, reason: 'the body is compressed' };
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    // What follows is read and dropped: a client that is still sending would miss the answer.
    if (size <= limit) chunks.push(chunk);
  }
  if (size > limit) return { kind: 'refused', status: 413, reason: `the body is larger than ${limit} bytes` };
  return jsonOf(Buffer.concat(chunks));
}

function jsonOf(bytes: Buffer): Body {
  try {
    return { kind: 'json', json: JSON.parse(bytes.toString('utf8')) };
  } catch {
    return { kind: 'refused', status: 400, reason: 'the body is not JSON' };
  }
}
