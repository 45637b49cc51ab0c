/** The benchmark's registry, a process of its own: answers made beforehand, counted, and sent as late as it is told. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import process from 'node:process';
import { gunzipSync, gzipSync } from 'node:zlib';
import { listenOnLoopback } from '../support/loopback.ts';
import { createPackuments } from './packuments.ts';
import { trustFiles } from './trust-files.ts';
import { answersIn } from './world.ts';

/** What the process is told: start counting anew, and wait that long before each answer. */
export type Order = { readonly latencyMs: number };

/** What it says: where it listens, once, and what it served since the last order. */
export type Word =
  | { readonly kind: 'listening'; readonly origin: string }
  | { readonly kind: 'served'; readonly requests: number; readonly bytes: number };

type Body = { readonly gzip: Buffer; readonly etag: string };

const [dir = ''] = process.argv.slice(2);
const answers = answersIn(dir);
const bodies = new Map(answers.map(({ path, gzip }) => [path, bodyOf(Buffer.from(gzip, 'base64'))]));
const packuments = createPackuments(answers);
const state = { latencyMs: 0, requests: 0, bytes: 0 };

const { origin, close } = await listenOnLoopback((request, response) => {
  state.requests++;
  if (state.latencyMs === 0) send(request, response);
  else setTimeout(() => send(request, response), state.latencyMs);
});
// An order is answered with what was served under the one before.
process.on('message', ({ latencyMs }: Order) => {
  say({ kind: 'served', requests: state.requests, bytes: state.bytes });
  Object.assign(state, { latencyMs, requests: 0, bytes: 0 });
});
process.once('disconnect', () => void close());
for (const [path, content] of trustFiles(dir, new URL(origin).host))
  bodies.set(path, bodyOf(gzipSync(content)));
say({ kind: 'listening', origin });

function say(word: Word): void {
  process.send?.(word);
}

function send({ url = '/', headers }: IncomingMessage, response: ServerResponse): void {
  const path = url.includes('%') ? decodeURIComponent(url) : url;
  const body = bodies.get(path) ?? packument(path);
  if (body === undefined) {
    response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"Not found"}');
    return;
  }
  const { gzip, etag } = body;
  if (headers['if-none-match'] === etag) {
    response.writeHead(304, { etag }).end();
    return;
  }
  const welcome = String(headers['accept-encoding'] ?? '').includes('gzip');
  const bytes = welcome ? gzip : gunzipSync(gzip);
  state.bytes += bytes.length;
  response
    .writeHead(200, {
      'content-type': 'application/json',
      'content-length': bytes.length,
      // As npm's registry: nobody asks again within five minutes.
      'cache-control': 'public, max-age=300',
      etag,
      ...(welcome ? { 'content-encoding': 'gzip' } : {}),
    })
    .end(bytes);
}

function packument(path: string): Body | undefined {
  const gzip = packuments(path.slice(1));
  if (gzip === undefined) return undefined;
  const body = bodyOf(gzip);
  bodies.set(path, body);
  return body;
}

function bodyOf(gzip: Buffer): Body {
  return { gzip, etag: `"${createHash('sha1').update(gzip).digest('hex')}"` };
}
