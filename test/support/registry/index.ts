/** A registry on loopback: real HTTP, npm's protocol, signatures and attestations, and every kind of misbehaviour. */
import type { RequestListener } from 'node:http';
import { NOW } from '../host.ts';
import { type Loopback, listenOnLoopback } from '../loopback.ts';
import { createSigstore, type RegistryKey, type Sigstore } from '../sigstore/index.ts';
import type { Misbehaviour, Scope } from './misbehaviour.ts';
import { type Publisher, type PublishRequest, publishedVersion } from './publish.ts';
import { type LoggedRequest, type RegistryState, respond } from './responder.ts';
import { createStore, type Published } from './store.ts';

export * from './lies.ts';
export type { Misbehaviour, Scope } from './misbehaviour.ts';
export { type AttestRequest, PUBLISHED_AT, type PublishRequest } from './publish.ts';
export type { LoggedRequest } from './responder.ts';
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
  /** How it listens, on loopback by plain HTTP unless said otherwise. */
  readonly listen?: (listener: RequestListener, port?: number) => Promise<Loopback>;
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
  const publisher = { url: '', sigstore, identity: options.identity ?? 'own' };
  const state: RegistryState = {
    store: createStore(),
    rules: [],
    requests: [],
    publisher,
    keys: options.keys ?? sigstore.registryKeys.all,
    prefix,
    token: options.token,
    latencyMs: options.latencyMs ?? 0,
    now: options.now ?? NOW,
  };
  const { listen = listenOnLoopback } = options;
  const { origin, close } = await listen((request, response) => {
    respond(state, { request, response }).catch((error: Error) => response.destroy(error));
  }, options.port);
  publisher.url = `${origin}${prefix}/`;
  return controlsOf(state, publisher, close);
}

function controlsOf(
  { store, rules, requests }: RegistryState,
  publisher: Publisher,
  close: () => Promise<void>,
): LoopbackRegistry {
  return {
    url: publisher.url,
    sigstore: publisher.sigstore,
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
    close,
  };
}
