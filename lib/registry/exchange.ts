/** One request and its answer on the wire, bounded in time and size. */
import {
  type Agent,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
} from 'node:http';
import { request as requestTls } from 'node:https';
import type { ConnectionOptions } from 'node:tls';

import { codeOf } from '../state/index.ts';

/** A single request. Redirects, retries and credentials are for the caller to decide. */
export type Sent = {
  readonly url: URL;
  /** GET unless there is a body to post. */
  readonly body?: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly agent: Agent;
  readonly tls: ConnectionOptions;
  /** Most bytes of a successful body, as they come over the wire. */
  readonly limit: number;
  readonly times: Times;
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
  | { readonly kind: Trouble; readonly why: string };

/** The ways to get no answer. */
export type Trouble = 'refused' | 'unconnected' | 'broken' | 'silent' | 'slow' | 'unsendable';

// An error page is only read to keep the connection usable.
const ERROR_PAGE = 64 * 1024;

/** Sends a GET or a POST and waits for the whole answer. Never throws: every outcome is a case of `Exchange`. */
export function fetchOnce(sent: Sent): Promise<Exchange> {
  return new Promise((resolve) => {
    const message = createRequest(sent);
    if (message === undefined) {
      // The only text in a request that can be invalid is a header: a token with a line break in it.
      resolve({ kind: 'unsendable', why: 'the configured credentials hold characters no header may have' });
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
    message.on('response', (response) => receive(response, { limit: sent.limit, settle }));
    message.on('error', (error) => settle(troubleOf(message, error)));
    // A connection that ends without a word, or turns into something that is not HTTP.
    message.on('close', () => settle({ kind: 'broken', why: 'the connection was closed' }));
    message.end(sent.body);
  });
}

function createRequest({ url, body, headers, agent, tls, times }: Sent): ClientRequest | undefined {
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
    if (error instanceof TypeError) return undefined;
    throw error;
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

type Deadline = Error & { readonly trouble: Trouble };

function deadline(trouble: Trouble, after: number): Deadline {
  return Object.assign(new Error(`no answer within ${after / 1000} s`), { trouble });
}

function isDeadline(error: Error): error is Deadline {
  return 'trouble' in error;
}

type Receiver = { readonly limit: number; readonly settle: (exchange: Exchange) => void };

function receive(response: IncomingMessage, { limit, settle }: Receiver): void {
  const status = response.statusCode ?? 0;
  const isWanted = status >= 200 && status < 300;
  const chunks: Buffer[] = [];
  let size = 0;
  const whole = (bytes: Buffer): void =>
    settle({ kind: 'answered', status, headers: response.headers, bytes });
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= (isWanted ? limit : ERROR_PAGE)) {
      chunks.push(chunk);
      return;
    }
    if (isWanted) settle({ kind: 'tooLarge' });
    else whole(Buffer.alloc(0));
    response.destroy();
  });
  response.on('end', () => whole(Buffer.concat(chunks)));
  response.on('error', (error) => {
    settle(
      isDeadline(error)
        ? { kind: error.trouble, why: error.message }
        : { kind: 'broken', why: codeOf(error) },
    );
  });
}

function troubleOf(message: ClientRequest, error: Error): Exchange {
  if (isDeadline(error)) return { kind: error.trouble, why: error.message };
  const reached = message.reusedSocket || message.writableFinished;
  return { kind: reached ? 'broken' : 'refused', why: codeOf(error) };
}
