/** A registry on loopback: real HTTP, npm's protocol, signatures and attestations, and every kind of misbehaviour. */
import { createHash } from 'node:crypto';
import http, { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { NOW } from '../host.ts';
import { createSigstore, type RegistryKey, type Sigstore } from '../sigstore/index.ts';
import { answerTo, json } from './answers.ts';
import {
  concerns,
  concernsVersion,
  type Misbehaviour,
  misbehave,
  type Reply,
  type Rule,
  type Scope,
} from './misbehaviour.ts';
import { type Publisher, type PublishRequest, publishedVersion } from './publish.ts';
import { receivePublish } from './receive.ts';
import { type Route, routeOf } from './routes.ts';
import { createStore, type Published } from './store.ts';

export * from './lies.ts';
export type { Misbehaviour, Scope } from './misbehaviour.ts';
export { type AttestRequest, PUBLISHED_AT, type PublishRequest } from './publish.ts';
export { hashesOf, type Manifest, type Published } from './store.ts';
export { type PackageFiles, packTarball } from './tarball.ts';

/** How a registry is started. */
export type RegistryOptions = {
  /** Whose keys sign and attest; an ordinary minted Sigstore unless said otherwise. */
  readonly sigstore?: Sigstore;
  /** What `/-/npm/v1/keys` serves; the Sigstore's registry keys unless said otherwise, 404 when empty. */
  readonly keys?: readonly RegistryKey[];
  /** A path all URLs start with, such as `/npm`. */
  readonly prefix?: string;
  /** Required as bearer token for everything. */
  readonly token?: string;
  /** Every answer waits that long. */
  readonly latencyMs?: number;
  /** `npm`: publish attestations name the public npm registry, as behind a mirror of it. `own` unless said otherwise. */
  readonly identity?: 'npm' | 'own';
  /** When a real `npm publish` takes place; the tests' moment unless said otherwise. */
  readonly now?: Date;
  /** Any free port unless said otherwise. */
  readonly port?: number;
};

/** One request as it came in. Header names are in lower case. */
export type LoggedRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly route: Route;
};

/** A running registry. */
export type LoopbackRegistry = {
  /** Its URL on 127.0.0.1, ending in a slash. */
  readonly url: string;
  readonly sigstore: Sigstore;
  /** Builds a real tarball, signs it, attests it when asked to, and serves it. */
  readonly publish: (request: PublishRequest) => Published;
  /** Serves something made elsewhere, such as real signed data. */
  readonly put: (published: Published) => void;
  /** Misbehaves from now on for the requests in scope; the first rule that speaks about a request wins, edits add up. */
  readonly misbehave: (scope: Scope, how: Misbehaviour) => void;
  /** Behaves well again. */
  readonly behave: () => void;
  readonly requests: readonly LoggedRequest[];
  /** Empties the log of requests. */
  readonly forgetRequests: () => void;
  readonly close: () => Promise<void>;
};

/** Starts a registry in this process. Close it, or the process stays. */
export async function startRegistry(options: RegistryOptions = {}): Promise<LoopbackRegistry> {
  const { sigstore = createSigstore(), prefix = '' } = options;
  const store = createStore();
  const rules: Rule[] = [];
  const requests: LoggedRequest[] = [];
  const server = http.createServer();
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  // A listening TCP server has an address with a port.
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}${prefix}/`;
  const publisher: Publisher = { url, sigstore, identity: options.identity ?? 'own' };
  const keys = options.keys ?? sigstore.registryKeys.all;

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/', headers } = request;
    const route: Route = path.startsWith(`${prefix}/`)
      ? routeOf(method, path.slice(prefix.length))
      : { kind: 'unknown' };
    requests.push({ method, path, headers, route });
    const active = rules.filter((rule) => concerns(rule, route));
    for (const rule of active) rule.left -= 1;
    await delay(active, options.latencyMs ?? 0);
    const seen = (published: Published) => altered(published, active);
    const reply = !isAllowed(headers, options.token)
      ? json(401, { error: 'Unauthorized' })
      : route.kind === 'publish'
        ? await receivePublish(request, { store, publisher, now: options.now ?? NOW })
        : answerTo(route, headers, { store, seen, keys });
    const loud = active.find(({ how }) => how.kind !== 'edit' && how.kind !== 'late');
    if (loud === undefined || !misbehave(loud.how, reply, response)) send(reply, headers, response);
  }

  server.on('request', (request, response) => {
    respond(request, response).catch((error: Error) => response.destroy(error));
  });
  return {
    url,
    sigstore,
    publish(request) {
      const published = publishedVersion(request, publisher);
      store.put(published);
      return published;
    },
    put: store.put,
    misbehave: (scope, how) => rules.push({ scope, how, left: scope.times ?? Number.POSITIVE_INFINITY }),
    behave: () => rules.splice(0),
    requests,
    forgetRequests: () => requests.splice(0),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function delay(rules: readonly Rule[], latencyMs: number): Promise<void> {
  const late = rules.reduce((sum, { how }) => sum + (how.kind === 'late' ? how.ms : 0), latencyMs);
  if (late > 0) await sleep(late);
}

/** What was published, with every lie told that speaks about it. What is stored stays true. */
function altered(published: Published, rules: readonly Rule[]): Published {
  const lies = rules.flatMap(({ how, scope }) =>
    how.kind === 'edit' && concernsVersion(scope, published) ? [how.edit] : [],
  );
  if (lies.length === 0) return published;
  const { manifest, attestations } = published;
  const copy: Published = { ...published, manifest: structuredClone(manifest) };
  if (attestations !== undefined) copy.attestations = structuredClone(attestations);
  for (const tell of lies) tell(copy);
  return copy;
}

function isAllowed({ authorization }: IncomingHttpHeaders, token: string | undefined): boolean {
  return token === undefined || authorization === `Bearer ${token}`;
}

/** Sends an answer as npm's registry does: with an ETag, compressed where that is welcome, 304 where nothing changed. */
function send({ status, headers, body }: Reply, asked: IncomingHttpHeaders, response: ServerResponse): void {
  const etag = `"${createHash('sha1').update(body).digest('hex')}"`;
  if (status === 200 && asked['if-none-match'] === etag) {
    response.writeHead(304, { etag }).end();
    return;
  }
  const welcome = String(asked['accept-encoding'] ?? '').includes('gzip');
  const zip = welcome && headers['content-type'] !== 'application/octet-stream';
  const content = zip ? gzipSync(body) : body;
  const encoding = zip ? { 'content-encoding': 'gzip' } : {};
  const length = String(content.length);
  response.writeHead(status, {
    ...headers,
    ...encoding,
    etag,
    vary: 'accept, accept-encoding',
    'content-length': length,
  });
  response.end(content);
}
