/** What a well-behaved registry answers to a route. */
import type { IncomingHttpHeaders } from 'node:http';
import { keysEndpointJson, type RegistryKey } from '../sigstore/index.ts';
import type { Reply } from './misbehaviour.ts';
import { abbreviatedPackument, fullPackument } from './packument.ts';
import type { Route } from './routes.ts';
import type { Published, Store } from './store.ts';

const ABBREVIATED_TYPE = 'application/vnd.npm.install-v1+json';

/** A store as it is to be seen by one request: lies already told. */
export type StoreView = {
  readonly store: Store;
  readonly seen: (published: Published) => Published;
  readonly keys: readonly RegistryKey[];
};

/** The answer to a question, publishing aside. */
export function answerTo(route: Route, headers: IncomingHttpHeaders, view: StoreView): Reply {
  switch (route.kind) {
    case 'ping':
    case 'audit':
      return json(200, {});
    case 'keys':
      return view.keys.length === 0 ? notFound() : json(200, keysEndpointJson(view.keys));
    case 'packument':
      return packumentOf(route.name, headers, view);
    case 'manifest': {
      const found = versionOf(route, view);
      return found === undefined ? notFound() : json(200, found.manifest);
    }
    case 'attestations':
      return json200(versionOf(route, view)?.attestations);
    case 'tarball': {
      const found = view.store.findTarball(route.name, route.file);
      if (found === undefined) return notFound();
      const type = { 'content-type': 'application/octet-stream' };
      return { status: 200, headers: type, body: view.seen(found).tarball };
    }
    case 'publish':
    case 'unknown':
      return notFound();
  }
}

/** A JSON answer. */
export function json(status: number, value: unknown, type = 'application/json'): Reply {
  return { status, headers: { 'content-type': type }, body: Buffer.from(JSON.stringify(value)) };
}

/** The answer about things that are not there. */
export function notFound(): Reply {
  return json(404, { error: 'Not found' });
}

function json200(value: unknown): Reply {
  return value === undefined ? notFound() : json(200, value);
}

function packumentOf(name: string, headers: IncomingHttpHeaders, { store, seen }: StoreView): Reply {
  const versions = store.versionsOf(name).map(seen);
  if (versions.length === 0) return notFound();
  const short = headers.accept?.includes(ABBREVIATED_TYPE);
  return short
    ? json(200, abbreviatedPackument(name, versions), ABBREVIATED_TYPE)
    : json(200, fullPackument(name, versions));
}

function versionOf(
  { name, version }: { readonly name: string; readonly version: string },
  { store, seen }: StoreView,
): Published | undefined {
  const found = version === 'latest' ? store.versionsOf(name).at(-1) : store.find(name, version);
  return found === undefined ? undefined : seen(found);
}
