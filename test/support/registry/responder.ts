/** Answers one request to a loopback registry: route, rules, answer, and the way it is sent. */
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { RegistryKey } from '../sigstore/index.ts';
import { answerTo, json } from './answers.ts';
import { concerns, concernsVersion, misbehave, type Reply, type Rule } from './misbehaviour.ts';
import type { Publisher } from './publish.ts';
import { receivePublish } from './receive.ts';
import { type Route, routeOf } from './routes.ts';
import type { Published, Store } from './store.ts';

/** One request as it came in. Header names are in lower case. */
export type LoggedRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly route: Route;
};

/** What a registry knows while it runs. */
export type RegistryState = {
  readonly store: Store;
  readonly rules: Rule[];
  readonly requests: LoggedRequest[];
  readonly publisher: Publisher;
  readonly keys: readonly RegistryKey[];
  readonly prefix: string;
  readonly token: string | undefined;
  readonly latencyMs: number;
  readonly now: Date;
};

/** Answers, well or as the rules say. */
export async function respond(
  state: RegistryState,
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
): Promise<void> {
  const { method = 'GET', url: path = '/', headers } = request;
  const { prefix } = state;
  const route: Route = path.startsWith(`${prefix}/`)
    ? routeOf(method, path.slice(prefix.length))
    : { kind: 'unknown' };
  state.requests.push({ method, path, headers, route });
  const active = state.rules.filter((rule) => concerns(rule, route));
  for (const rule of active) rule.left -= 1;
  const late = active.reduce((sum, { how }) => sum + (how.kind === 'late' ? how.ms : 0), state.latencyMs);
  if (late > 0) await sleep(late);
  const reply = await replyTo(route, request, { state, active });
  const loud = active.find(({ how }) => how.kind !== 'edit' && how.kind !== 'late');
  if (loud === undefined || !misbehave(loud.how, reply, response)) send(reply, headers, response);
}

async function replyTo(
  route: Route,
  request: IncomingMessage,
  { state, active }: { readonly state: RegistryState; readonly active: readonly Rule[] },
): Promise<Reply> {
  const { store, keys, publisher, now, token } = state;
  const { headers } = request;
  if (token !== undefined && headers.authorization !== `Bearer ${token}`)
    return json(401, { error: 'Unauthorized' });
  if (route.kind === 'publish') return receivePublish(request, { store, publisher, now });
  return answerTo(route, headers, { store, keys, seen: (published) => altered(published, active) });
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
  response.writeHead(status, {
    ...headers,
    ...(zip ? { 'content-encoding': 'gzip' } : {}),
    etag,
    vary: 'accept, accept-encoding',
    'content-length': String(content.length),
  });
  response.end(content);
}
