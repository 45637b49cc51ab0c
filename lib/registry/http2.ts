/** One request and its answer over HTTP/2, held to the same limits as over HTTP/1.1. */
import { type IncomingHttpHeaders, validateHeaderName, validateHeaderValue } from 'node:http';
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';

import { codeOf } from '../state/index.ts';
import { startClock } from './clock.ts';
import { type Exchange, type Sent, UNSENDABLE } from './exchange.ts';
import { receive } from './receive.ts';

// RFC 9113, section 7.
const CANCEL = 8;
const HTTP_1_1_REQUIRED = 13;

/** As much of a head as Node takes over HTTP/1.1. */
export const LONGEST_HEAD = 16 * 1024;

/** A session, and what to do when the server wants the request over HTTP/1.1 after all. */
export type Carrier = { readonly session: ClientHttp2Session; readonly fallBack: () => void };

/** Sends a GET or a POST and waits for the whole answer. Never throws: every outcome is a case of `Exchange`. */
export function fetchOver({ session, fallBack }: Carrier, sent: Sent): Promise<Exchange> {
  return new Promise((resolve) => {
    const opened = openStream(session, sent);
    if (opened.kind !== 'opened') {
      resolve(opened);
      return;
    }
    const { stream } = opened;
    let done = false;
    const settle = (exchange: Exchange): void => {
      if (done) return;
      done = true;
      clock.stop();
      resolve(exchange);
      if (exchange.kind !== 'answered') cancel(stream);
      // It may be the connection that is dead. Whoever asks next gets another; what is under way has its own deadline.
      if (exchange.kind === 'silent') session.close();
    };
    const clock = startClock(sent.times, settle);
    const { tick } = clock;
    const isEnded = watchEnd(stream);
    let heralds = 0;
    stream.on('headers', () => void (++heralds > MOST_HERALDS && settle(ALL_HERALDS)));
    stream.on('response', (headers) => {
      tick();
      // A server is held to the limit it was told of only once it has confirmed it.
      if (Object.entries(headers).join().length > LONGEST_HEAD) settle(LONG_HEAD);
      const isWhole = (size: number): boolean => isEnded() && size === announced(headers, size);
      receive(stream, { status: headers[':status'] ?? 0, headers, limit: sent.limit, isWhole, tick, settle });
    });
    stream.on('error', (error) => settle({ kind: 'broken', why: codeOf(error) }));
    // Also when it was reset without an error, or ended before there was an answer.
    stream.on('close', () => {
      if (stream.rstCode === HTTP_1_1_REQUIRED) fallBack();
      settle({ kind: 'broken', why: 'the connection was closed' });
    });
    if (sent.body !== undefined) stream.end(sent.body);
  });
}

// RFC 9110, section 15.2: any number of heads may come before that of the answer. What Node holds of each is given back late.
const MOST_HERALDS = 16;
const ALL_HERALDS: Exchange = { kind: 'broken', why: 'it sent head after head, and no answer' };
const LONG_HEAD: Exchange = { kind: 'broken', why: 'the head is too long' };

type Opened = { readonly kind: 'opened'; readonly stream: ClientHttp2Stream } | Exchange;

function openStream(session: ClientHttp2Session, { url, body, headers }: Sent): Opened {
  if (!isSendable(headers)) return UNSENDABLE;
  const head = {
    ...headers,
    ...(body === undefined ? {} : { 'content-length': String(body.length) }),
    ':method': body === undefined ? 'GET' : 'POST',
    ':authority': url.host,
    ':path': `${url.pathname}${url.search}`,
  };
  try {
    return { kind: 'opened', stream: session.request(head, { endStream: body === undefined }) };
  } catch (error) {
    // It ended after it was chosen.
    return { kind: 'broken', why: codeOf(error) };
  }
}

/** HTTP/2 leaves to others what HTTP/1.1 refuses to write: a token with a line break in it. */
function isSendable(headers: Sent['headers']): boolean {
  try {
    for (const [name, value] of Object.entries(headers)) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    }
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

function cancel(stream: ClientHttp2Stream): void {
  stream.close(CANCEL);
  stream.destroy();
}

/**
 * Tells whether the server itself ended its answer (RFC 9113, section 8.1). A stream that is reset with the code for "no error" looks
 * the same to a reader: Node ends both. But it marks the reset stream as closed first.
 */
function watchEnd(stream: ClientHttp2Stream): () => boolean {
  const push = stream.push.bind(stream);
  let ended = false;
  stream.push = (chunk, encoding) => {
    if (chunk === null && !stream.closed) ended = true;
    return push(chunk, encoding);
  };
  return () => ended;
}

/** The length the server gave its answer; `size` where it gave none. */
function announced(
  headers: IncomingHttpHeaders & { readonly ':status'?: number | undefined },
  size: number,
): number {
  const length = headers['content-length'];
  // What these two announce is the length of an answer they do not carry (RFC 9110, section 8.6).
  const isBodiless = headers[':status'] === 304 || headers[':status'] === 204;
  return length === undefined || isBodiless ? size : Number(length);
}
