/** Asks registries. Every failure to find out becomes a named `Told` here; nothing above catches `RegistryError`. */
import { join } from 'node:path';

import { RegistryError } from '../errors.ts';
import type { History, Manifest } from '../model/evidence.ts';
import type { Host } from '../model/host.ts';
import type { ResolvedPackage } from '../model/package.ts';
import type { RegistryPolicy } from '../model/policy.ts';
import type { Told } from '../model/proof.ts';
import type { Notice } from '../model/report.ts';
import { tame } from '../text/sanitize.ts';
import { type Ask, type AskSettings, createAsk } from './ask.ts';
import { unpackBody } from './body.ts';
import { openCache } from './cache.ts';
import { type AnswerOptions, askThrough } from './carried.ts';
import { createDelivery, type Delivery } from './delivery.ts';
import { createHttp, type Http } from './http.ts';
import { readKeyFile } from './keys.ts';
import { readNpmConfig } from './npm-config.ts';
import {
  askable,
  attestationsQuestion,
  historyQuestion,
  keysQuestion,
  modifiedQuestion,
} from './questions.ts';
import { type AskService, createAskService } from './service.ts';
import { createSourceOf, destinationFor, type RegistrySource } from './source.ts';
import { fetchTarballOf } from './tarball.ts';
import { fetchManifest } from './versions.ts';

export type { QuestionKind } from './ask.ts';
export type { AnswerKey, AnswerRecorder, CarriedAnswer, CarriedAnswers } from './carried.ts';
export type { Delivery, Taken } from './delivery.ts';
export type { AskService, ServiceAnswer, ServiceRequest } from './service.ts';
export type { KeySource, RegistrySource } from './source.ts';

/** How registries are asked in one run. */
export type RegistryOptions = AnswerOptions & {
  readonly registries: readonly RegistryPolicy[];
  /** Replaces the default registry of npm's configuration. */
  readonly registryUrl?: string;
  /** Only what the cache holds. */
  readonly offline: boolean;
  /** What the cache holds, whatever its age; the network for the rest. */
  readonly preferOffline: boolean;
  /** Connections to each server. */
  readonly concurrency: number;
  /** Instead of a folder in npm's own cache. */
  readonly cacheDirectory?: string;
};

/** The registries of one run. Close it, or connections stay open and answers are not kept. */
export type Registry = {
  /** Which registry a package is asked at, and how that registry is judged. */
  readonly sourceOf: (pkg: ResolvedPackage) => RegistrySource;
  /** Which registry a package of this project is published to; `stated` is the one its package.json names. */
  readonly destinationOf: (name: string, stated?: string) => RegistrySource;
  readonly manifest: (pkg: ResolvedPackage) => Promise<Told<Manifest>>;
  /** The attestations document as served; nothing in it is verified. */
  readonly attestations: (pkg: ResolvedPackage) => Promise<Told<unknown>>;
  /** All versions. Large: only where a check needs it. */
  readonly history: (pkg: ResolvedPackage) => Promise<Told<History>>;
  /** When the packument last changed, ISO 8601: this version is at least that old. */
  readonly modified: (pkg: ResolvedPackage) => Promise<Told<string>>;
  /** The key list as served, or out of the policy's file. Keys of the public npm registry come from the trust root instead. */
  readonly keys: (pkg: ResolvedPackage) => Promise<Told<unknown>>;
  /** The same questions, put to registries though the cache has answers; `undefined` where no answer came out of the cache, or nobody is asked. */
  readonly afresh: () => Questions | undefined;
  /**
   * At most `limit` bytes from any http(s) URL, through the same proxy and authorities, without credentials; `undefined` when the server
   * says there is no such file. Throws `RegistryError`.
   */
  readonly download: (url: string, limit: number) => Promise<Uint8Array | undefined>;
  /** The tarball of a package, proved to be the one the lockfile pins. */
  readonly tarball: (pkg: ResolvedPackage) => Promise<Told<Uint8Array>>;
  /** Asks a service that is no registry, over the same client. */
  readonly service: AskService;
  /** What a publisher asks. */
  readonly delivery: Delivery;
  /** A directory that only this user can write; absent where there is none. */
  readonly cacheDirectory?: string;
  /** Files of npm's configuration, there or not. */
  readonly configFiles: readonly string[];
  readonly stats: () => { readonly requests: number; readonly bytes: number; readonly cached: number };
  readonly notices: () => readonly Notice[];
  readonly close: () => Promise<void>;
};

/** Reads npm's configuration and opens the cache; asks nothing yet. Throws `RegistryError` on an unusable configuration. */
export async function createRegistry(host: Host, options: RegistryOptions): Promise<Registry> {
  const config = await readNpmConfig(host, options.registryUrl);
  const cache = openCache(host, options.cacheDirectory ?? join(config.cache, '_npmsign'));
  const http = createHttp(config, options.concurrency);
  const count = { cached: 0 };
  const stale = new Set<string>();
  const asking = {
    ...{ http, cache, config },
    now: host.now,
    onCached: () => count.cached++,
    onStale: (server: string) => stale.add(server),
  };
  const mode = options.offline ? 'cacheOnly' : options.preferOffline ? 'cacheFirst' : 'fresh';
  const sources = { config, policies: options.registries };
  const sourceOf = createSourceOf(sources);
  const { publicRegistry, registry: configured } = config;
  const questionsIn = (how: AskSettings['mode']): Questions => {
    const ask = askThrough(createAsk({ ...asking, mode: how }), options, host.now);
    return createQuestions({ ask, publicRegistry, configured, now: host.now }, sourceOf);
  };
  const questions = questionsIn(mode);
  const delivery = createDelivery(http);
  return {
    sourceOf,
    destinationOf: (name, stated) => destinationFor(sources, name, stated),
    ...questions,
    afresh: () => (mode === 'fresh' && count.cached > 0 ? questionsIn('again') : undefined),
    download: (url, limit) => fetchBytes(http, { url, limit, offline: options.offline }),
    service: createAskService(http, options),
    delivery,
    tarball: (pkg) =>
      fetchTarballOf(pkg, {
        cache: config.cache,
        offline: options.offline,
        download: delivery.tarball,
        listed: async (one) => tarballIn(await questions.manifest(one)),
      }),
    ...(cache.directory === undefined ? {} : { cacheDirectory: cache.directory }),
    configFiles: config.files,
    stats: () => ({ ...http.stats(), cached: count.cached }),
    notices: () => [
      ...config.notices,
      ...cache.notices(),
      ...[...stale].sort().map(staleNotice),
      ...(options.carried?.notices ?? []),
    ],
    async close() {
      http.close();
      cache.close();
    },
  };
}

function tarballIn(manifest: Told<Manifest>): string | undefined {
  return manifest.status === 'told' ? manifest.value.tarball : undefined;
}

function staleNotice(server: string): Notice {
  const message = `${tame(server)} could not be reached; older answers from the cache were used.`;
  return { code: 'REGISTRY_STALE', message };
}

type Settings = Parameters<typeof fetchManifest>[0];

/** What a registry is asked about a package. */
export type Questions = Pick<Registry, 'manifest' | 'attestations' | 'history' | 'modified' | 'keys'>;

function createQuestions(settings: Settings, sourceOf: Registry['sourceOf']): Questions {
  const { ask, now } = settings;
  const manifests = new Map<string, Promise<Told<Manifest>>>();
  const keyLists = new Map<string, Promise<Told<unknown>>>();
  return {
    manifest: (pkg) =>
      askable(pkg) ??
      once(manifests, manifestKey(pkg), () => fetchManifest(settings, { pkg, source: sourceOf(pkg) })),
    attestations: (pkg) => askable(pkg) ?? ask(attestationsQuestion(pkg, sourceOf(pkg))),
    history: (pkg) => askable(pkg) ?? ask(historyQuestion(pkg, { source: sourceOf(pkg), now })),
    modified: (pkg) => askable(pkg) ?? ask(modifiedQuestion(pkg, { source: sourceOf(pkg), now })),
    keys: (pkg) => askable(pkg) ?? keysOf(ask, { source: sourceOf(pkg), known: keyLists }),
  };
}

/** The same package may stand in a tree many times. */
function once<T>(known: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> {
  const asked = known.get(key) ?? ask();
  known.set(key, asked);
  return asked;
}

function manifestKey({ id, source, integrity }: ResolvedPackage): string {
  const resolved = source.kind === 'registry' ? (source.resolved ?? null) : null;
  return JSON.stringify([id.name, id.version, resolved, integrity?.text ?? null]);
}

type KeyQuestion = { readonly source: RegistrySource; readonly known: Map<string, Promise<Told<unknown>>> };

async function keysOf(ask: Ask, { source, known }: KeyQuestion): Promise<Told<unknown>> {
  switch (source.keys.kind) {
    case 'npm':
      return {
        status: 'notApplicable',
        reason: 'the keys of the public npm registry come from the trust root',
      };
    case 'file':
      return readKeyFile(source.keys.path);
    case 'registry': {
      const { url } = source.keys;
      return once(known, url, () => ask(keysQuestion(url)));
    }
  }
}

type Download = { readonly url: string; readonly limit: number; readonly offline: boolean };

async function fetchBytes(http: Http, { url, limit, offline }: Download): Promise<Uint8Array | undefined> {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
    throw new RegistryError('REGISTRY_REFUSED', `${tame(url)} is not an http or https URL.`);
  }
  const { host } = parsed;
  if (offline) throw new RegistryError('REGISTRY_UNREACHABLE', `${host} was not asked: offline.`);
  const request = {
    url: parsed,
    kind: 'download',
    accept: '*/*',
    credentials: 'none',
    limit,
    total: 60_000,
  } as const;
  const answer = await http.fetch(request);
  if (answer.kind !== 'found') return undefined;
  return unpackBody(answer.packed, { limit, who: host });
}
