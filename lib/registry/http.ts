/** The only HTTP client: pooled, patient within limits, and careful where credentials go. */
import { setTimeout as delay } from 'node:timers/promises';

import { RegistryError } from '../errors.ts';
import { tame } from '../text/sanitize.ts';
import type { Packed } from './body.ts';
import { ANONYMOUS, type Credentials } from './credentials.ts';
import type { Exchange, Times } from './exchange.ts';
import type { NpmConfig } from './npm-config.ts';
import { createOrigins, type Origin, type Origins } from './origins.ts';
import { type Conduct, isGivenUp, isPassing, pauseAfter } from './patience.ts';
import { type Answered, settled } from './settled.ts';

/** What to fetch. */
export type HttpRequest = {
  readonly url: URL;
  /** The kind of question. A server that fails at one may still answer another. */
  readonly kind: string;
  readonly accept: string;
  /** `configured`: as npm's configuration has them for this URL. */
  readonly credentials: 'configured' | 'none';
  /** Most bytes of the answer, packed and unpacked. */
  readonly limit: number;
  /** Longest time for the whole answer, milliseconds. */
  readonly total: number;
  /** The answer we have already; the server may say it still holds. */
  readonly etag?: string;
  /** Posted, instead of asking. */
  readonly body?: Uint8Array;
  /** Besides those every request has. Never taken along to another address. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The wait before the first retry, milliseconds, unless npm's configuration wants a shorter one. */
  readonly backOff?: number;
};

/** What the server said. */
export type HttpAnswer =
  | { readonly kind: 'found'; readonly packed: Packed; readonly etag?: string }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'missing' };

/** The client. */
export type Http = {
  /** Throws `RegistryError`, and only that. Its message is safe to print. */
  readonly fetch: (request: HttpRequest) => Promise<HttpAnswer>;
  /**
   * One address, no redirect followed, no credentials of npm's unless asked for: whatever it answers but trouble that lasts. Throws as
   * `fetch` does.
   */
  readonly send: (
    request: Omit<HttpRequest, 'credentials'> & Partial<Pick<HttpRequest, 'credentials'>>,
  ) => Promise<Answered>;
  readonly stats: () => { readonly requests: number; readonly bytes: number };
  readonly close: () => void;
};

const MOST_REDIRECTS = 5;
/** Servers we let others send us to in one run: each of them costs a connection, or several, for as long as it lasts. */
const MOST_ELSEWHERE = 32;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const CONNECT_TIME = 8_000;
const IDLE_TIME = 20_000;

/** Creates a client on npm's configuration. */
export function createHttp(config: NpmConfig, concurrency: number): Http {
  const count = { requests: 0, bytes: 0 };
  const wire: Wire = { config, origins: createOrigins(config, concurrency), elsewhere: new Set(), count };
  return {
    fetch: (request) => fetchFollowing(wire, request),
    send: (request) =>
      fetchPatiently(wire, { url: request.url, credentials: credentialsOf(wire, request), request }),
    stats: () => ({ ...count }),
    close: () => wire.origins.close(),
  };
}

type Wire = {
  readonly config: NpmConfig;
  readonly origins: Origins;
  /** Where redirects have led so far. */
  readonly elsewhere: Set<string>;
  readonly count: { requests: number; bytes: number };
};

/** One step of a chain of redirects. */
type Hop = { readonly url: URL; readonly credentials: Credentials; readonly request: Wanted };
type Wanted = Omit<HttpRequest, 'url' | 'credentials'>;

async function fetchFollowing(wire: Wire, request: HttpRequest): Promise<HttpAnswer> {
  let hop: Hop = { url: request.url, credentials: credentialsOf(wire, request), request };
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const answer = await fetchPatiently(wire, hop);
    if (!REDIRECTS.has(answer.status)) return answerOf(answer, hop);
    hop = redirected(wire, { hop, location: answer.headers.location });
  }
  throw new RegistryError(
    'REGISTRY_REFUSED',
    `${request.url.host} redirected more than ${MOST_REDIRECTS} times.`,
  );
}

function credentialsOf(
  { config }: Wire,
  { url, credentials = 'none' }: Pick<HttpRequest, 'url'> & Partial<Pick<HttpRequest, 'credentials'>>,
): Credentials {
  return credentials === 'none' ? ANONYMOUS : config.credentialsFor(url);
}

type Redirect = { readonly hop: Hop; readonly location: string | undefined };

/** Credentials stay with the scheme, host and port they were sent to, and do not come back after a detour. */
function redirected(wire: Wire, { hop, location }: Redirect): Hop {
  const next =
    location !== undefined && URL.canParse(location, hop.url.href) ? new URL(location, hop.url) : undefined;
  const allowed = hop.url.protocol === 'https:' ? ['https:'] : ['https:', 'http:'];
  if (next === undefined || !allowed.includes(next.protocol)) {
    const where = next === undefined ? 'nowhere' : `to ${tame(next.protocol, 40)}`;
    throw new RegistryError(
      'REGISTRY_REFUSED',
      `${hop.url.host} redirected ${where}; npmsign does not follow.`,
    );
  }
  if (next.origin !== hop.url.origin) goElsewhere(wire, next.origin, hop.url.host);
  const stays = next.origin === hop.url.origin && hop.credentials !== ANONYMOUS;
  // The validator belongs to the answer of the first address, and so does what was meant for it.
  const { etag: _, headers: __, body: ___, ...request } = hop.request;
  return { url: next, credentials: stays ? wire.config.credentialsFor(next) : ANONYMOUS, request };
}

function goElsewhere({ elsewhere }: Wire, origin: string, from: string): void {
  if (elsewhere.size === MOST_ELSEWHERE && !elsewhere.has(origin)) {
    throw new RegistryError(
      'REGISTRY_REFUSED',
      `${from} redirected to yet another server, after ${MOST_ELSEWHERE} others; npmsign does not follow.`,
    );
  }
  elsewhere.add(origin);
}

function answerOf(answer: Answered, hop: Hop): HttpAnswer {
  const { host } = hop.url;
  switch (answer.status) {
    case 200:
      return foundIn(answer, host);
    case 304:
      if (hop.request.etag !== undefined) return { kind: 'unchanged' };
      break;
    case 404:
      return { kind: 'missing' };
    case 401:
    case 403:
      throw new RegistryError('REGISTRY_REFUSED', `${host} answered ${answer.status}: ${grudge(hop)}.`, {
        hint: `Check //${host}/:_authToken in .npmrc, or run npm login --registry=${hop.url.origin}/.`,
      });
  }
  throw new RegistryError('REGISTRY_REFUSED', `${host} answered ${answer.status}.`);
}

function grudge({ credentials }: Hop): string {
  return credentials === ANONYMOUS
    ? "npm's configuration has no credentials for it"
    : 'it does not accept the configured credentials';
}

function foundIn({ headers, bytes }: Answered, host: string): HttpAnswer {
  const encoding = (headers['content-encoding'] ?? 'identity').toLowerCase();
  if (encoding !== 'identity' && encoding !== 'gzip') {
    throw new RegistryError('REGISTRY_MALFORMED', `${host} answered in an encoding that was not asked for.`);
  }
  const { etag } = headers;
  // It will be sent back as a header, so only what RFC 9110, section 8.8.3, allows there is kept.
  const isSendable = etag !== undefined && /^(?:W\/)?"[\x21\x23-\x7e]{0,256}"$/.test(etag);
  return { kind: 'found', packed: { bytes, encoding }, ...(isSendable ? { etag } : {}) };
}

/** Tries again where that can help, and stops where it cannot. Waiting keeps its place: a server in trouble is asked less, not more. */
async function fetchPatiently(wire: Wire, hop: Hop): Promise<Answered> {
  const origin = await wire.origins.of(hop.url, hop.credentials);
  const { kind, limit } = hop.request;
  const conduct = origin.conductOn(kind);
  const patience = patienceFor(wire.config, hop);
  return origin.admit(async () => {
    for (let attempt = 0; ; attempt++) {
      const exchange = await fetchWhenAllowed(wire, { hop, origin, conduct });
      const wait = pauseAfter(exchange, { conduct, attempt, patience });
      if (wait === undefined) {
        return settled(exchange, { url: hop.url, limit, conduct, attempts: attempt + 1 });
      }
      await delay(wait);
    }
  });
}

type Attempt = { readonly hop: Hop; readonly origin: Origin; readonly conduct: Conduct };

async function fetchWhenAllowed(wire: Wire, { hop, origin, conduct }: Attempt): Promise<Exchange> {
  // Node loads its clock when it is first read; few servers ask for a pause.
  const pause = conduct.notBefore === 0 ? 0 : conduct.notBefore - performance.now();
  if (pause > 0) await delay(pause);
  if (isGivenUp(conduct)) return { kind: 'refused', why: 'it did not answer before either' };
  wire.count.requests++;
  const { body, limit } = hop.request;
  const exchange = await origin.send({
    url: hop.url,
    body,
    headers: headersFor(hop),
    limit,
    times: timesFor(wire.config, hop),
  });
  if (exchange.kind === 'answered') {
    wire.count.bytes += exchange.bytes.length;
    conduct.lost = 0;
    conduct.reached = true;
    if (!isPassing(exchange.status)) conduct.failing = 0;
  }
  return exchange;
}

function headersFor({ request, credentials }: Hop): Readonly<Record<string, string>> {
  const { accept, etag, headers } = request;
  const { authorization } = credentials;
  const own: Record<string, string> = { accept, 'accept-encoding': 'gzip', 'user-agent': 'npmsign' };
  if (etag !== undefined) own['if-none-match'] = etag;
  if (authorization !== undefined) own['authorization'] = authorization;
  return headers === undefined ? own : { ...own, ...headers };
}

function patienceFor({ patience, firstWait }: NpmConfig, { request }: Hop): NpmConfig['patience'] {
  const { backOff } = request;
  return backOff === undefined ? patience : { ...patience, backOff: Math.min(backOff, firstWait) };
}

function timesFor({ patience }: NpmConfig, { request }: Hop): Times {
  const total = Math.min(request.total, patience.total);
  return { connect: Math.min(CONNECT_TIME, total), idle: Math.min(IDLE_TIME, total), total };
}
