/** One request and its answer on the wire, bounded in time and size. */
import { type Agent, type ClientRequest, type IncomingHttpHeaders, request } from 'node:http';
import { request as requestTls } from 'node:https';
import type { ConnectionOptions } from 'node:tls';

import { codeOf } from '../state/index.ts';
import { receive } from './receive.ts';

/** A single request. Redirects, retries and credentials are for the caller to decide. */
export type Sent = {
  readonly url: URL;
  /** GET unless there is a body to post. */
  readonly body?: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  /** Most bytes of a successful body, as they come over the wire. */
  readonly limit: number;
  readonly times: Times;
};

/** The connections a request goes over. */
export type Pool = {
  readonly agent: Agent;
  /** Given with each request, because an agent that tunnels forgets its own. */
  readonly tls: ConnectionOptions;
};

/** Milliseconds until giving up: on a connection, on silence, on the whole. */
export type Times = { readonly connect: number; readonly idle: number; readonly total: number };

/**
 * What became of it. `refused`: no connection. `unconnected`: none in time. `broken`: lost half-way. `silent`: nothing for too
 * long. `slow`: not finished in time.
 */
export type Exchange =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly headers: IncomingHttpHeaders;
      readonly bytes: Buffer;
    }
  | { readonly kind: 'tooLarge' }
  | Unanswered;

/** No answer, and why. */
export type Unanswered = { readonly kind: Trouble; readonly why: string };

/** The ways to get no answer. */
export type Trouble = 'refused' | 'unconnected' | 'broken' | 'silent' | 'slow' | 'unsendable';

/** The only text in a request that can be invalid is a header: a token with a line break in it. */
export const UNSENDABLE: Unanswered = {
  kind: 'unsendable',
  why: 'the configured credentials hold characters no header may have',
};

/** Nothing came for so many milliseconds. */
export function overdue(kind: 'unconnected' | 'silent' | 'slow', after: number): Unanswered {
  return { kind, why: `no answer within ${after / 1000} s` };
}

/** Sends a GET or a POST over HTTP/1.1 and waits for the whole answer. Never throws: every outcome is a case of `Exchange`. */
export function fetchOnce(sent: Sent, pool: Pool): Promise<Exchange> {
  return new Promise((resolve) => {
    const message = createRequest(sent, pool);
    if ('kind' in message) {
      resolve(message);
      return;
    }
    const timers = startTimers(message, sent.times);
    let done = false;
    const settle = (exchange: Exchange): void => {
      if (done) return;
      done = true;
      for (const timer of timers) clearTimeout(timer);
      resolve(exchange);
      if (exchange.kind !== 'answered') message.destroy();
    };
    message.on('response', (response) => {
      const { statusCode: status = 0, headers } = response;
      // Node itself counts what HTTP/1.1 announces: an answer cut short has no end, but an error.
      receive(response, { status, headers, limit: sent.limit, isWhole: () => true, settle });
      response.on('error', (error) => {
        settle(isDeadline(error) ? error.trouble : { kind: 'broken', why: codeOf(error) });
      });
    });
    message.on('error', (error) => settle(troubleOf(message, error)));
    // A connection that ends without a word, or turns into something that is not HTTP.
    message.on('close', () => settle({ kind: 'broken', why: 'the connection was closed' }));
    message.end(sent.body);
  });
}

function createRequest(
  { url, body, headers, times }: Sent,
  { agent, tls }: Pool,
): ClientRequest | Unanswered {
  const options = {
    ...tls,
    agent,
    method: body === undefined ? 'GET' : 'POST',
    headers: body === undefined ? headers : { ...headers, 'content-length': String(body.length) },
    // Written out: a URL object would let userinfo become an authorization header.
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? undefined : Number(url.port),
    path: `${url.pathname}${url.search}`,
    timeout: times.idle,
  };
  try {
    return url.protocol === 'https:' ? requestTls(options) : request(options);
  } catch (error) {
    if (error instanceof TypeError) return UNSENDABLE;
    // A client certificate that does not fit its key.
    return { kind: 'refused', why: codeOf(error) };
  }
}

/** Each timer ends the request with a `Deadline`, which `troubleOf` reads back. */
function startTimers(message: ClientRequest, times: Times): readonly NodeJS.Timeout[] {
  const connecting = setTimeout(() => message.destroy(deadline('unconnected', times.connect)), times.connect);
  // Emitted when the request was handed to the system: only a connected socket takes it.
  message.once('finish', () => clearTimeout(connecting));
  message.once('timeout', () => message.destroy(deadline('silent', times.idle)));
  return [connecting, setTimeout(() => message.destroy(deadline('slow', times.total)), times.total)];
}

type Deadline = Error & { readonly trouble: Unanswered };

function deadline(kind: 'unconnected' | 'silent' | 'slow', after: number): Deadline {
  const trouble = overdue(kind, after);
  return Object.assign(new Error(trouble.why), { trouble });
}

function isDeadline(error: Error): error is Deadline {
  return 'trouble' in error;
}

function troubleOf(message: ClientRequest, error: Error): Exchange {
  if (isDeadline(error)) return error.trouble;
  const reached = message.reusedSocket || message.writableFinished;
  return { kind: reached ? 'broken' : 'refused', why: codeOf(error) };
}
