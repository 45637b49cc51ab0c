/** One request and its answer on the wire, bounded in time and size. */
import { type Agent, type ClientRequest, type IncomingHttpHeaders, request } from 'node:http';
import { request as requestTls } from 'node:https';
import type { ConnectionOptions } from 'node:tls';

import { codeOf } from '../state/index.ts';
import { overdue, startClock } from './clock.ts';
import { receive } from './receive.ts';

/** A single request. Redirects, retries and credentials are for the caller to decide. */
export type Sent = {
  readonly url: URL;
  /** GET unless there is a body to post. */
  readonly body: Uint8Array | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Most bytes of a successful body, as they come over the wire. */
  readonly limit: number;
  readonly times: Times;
};

/** The connections to one server. */
export type Pool = {
  readonly agent: Agent;
  readonly hostname: string;
  readonly port: number | undefined;
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

/** The address of the server a URL names, written out: a URL object would let userinfo become an authorization header. */
export function addressOf({ hostname, port }: URL): Pick<Pool, 'hostname' | 'port'> {
  return { hostname: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? undefined : Number(port) };
}

/** Sends a GET or a POST over HTTP/1.1 and waits for the whole answer. Never throws: every outcome is a case of `Exchange`. */
export function fetchOnce(sent: Sent, pool: Pool): Promise<Exchange> {
  return new Promise((resolve) => {
    const message = createRequest(sent, pool);
    if ('kind' in message) {
      resolve(message);
      return;
    }
    let done = false;
    const settle = (exchange: Exchange): void => {
      if (done) return;
      done = true;
      clearTimeout(connecting);
      clock.stop();
      resolve(exchange);
      if (exchange.kind !== 'answered') message.destroy();
    };
    const connecting = startConnecting(message, sent.times, settle);
    const clock = startClock(sent.times, settle);
    const { tick } = clock;
    message.on('finish', tick);
    message.on('response', (response) => {
      tick();
      const { statusCode: status = 0, headers } = response;
      // Node itself counts what HTTP/1.1 announces: an answer cut short has no end, but an error.
      receive(response, { status, headers, limit: sent.limit, isWhole, tick, settle });
      response.on('error', (error) => settle({ kind: 'broken', why: codeOf(error) }));
    });
    message.on('error', (error) => settle(troubleOf(message, error)));
    // A connection that ends without a word, or turns into something that is not HTTP.
    message.on('close', () => settle({ kind: 'broken', why: 'the connection was closed' }));
    message.end(sent.body);
  });
}

const isWhole = (): boolean => true;

function createRequest(
  { url, body, headers }: Sent,
  { agent, hostname, port, tls }: Pool,
): ClientRequest | Unanswered {
  const options = {
    agent,
    hostname,
    port,
    method: body === undefined ? 'GET' : 'POST',
    headers: body === undefined ? headers : { ...headers, 'content-length': String(body.length) },
    path: `${url.pathname}${url.search}`,
  };
  try {
    return url.protocol === 'https:' ? requestTls({ ...tls, ...options }) : request(options);
  } catch (error) {
    if (error instanceof TypeError) return UNSENDABLE;
    // A client certificate that does not fit its key.
    return { kind: 'refused', why: codeOf(error) };
  }
}

/** A connection that was used before is there already. */
function startConnecting(
  message: ClientRequest,
  { connect }: Times,
  settle: (exchange: Exchange) => void,
): NodeJS.Timeout | undefined {
  if (message.reusedSocket) return undefined;
  const connecting = setTimeout(() => settle(overdue('unconnected', connect)), connect);
  // Emitted when the request was handed to the system: only a connected socket takes it.
  message.on('finish', () => clearTimeout(connecting));
  return connecting;
}

function troubleOf(message: ClientRequest, error: Error): Exchange {
  const reached = message.reusedSocket || message.writableFinished;
  return { kind: reached ? 'broken' : 'refused', why: codeOf(error) };
}
