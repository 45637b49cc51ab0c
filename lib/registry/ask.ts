/** Asks one question, of the cache first and then of the registry. */
import { RegistryError } from '../errors.ts';
import type { Told } from '../model/proof.ts';
import { tame } from '../text/sanitize.ts';
import { type Packed, parseUnpacked, unpackBody } from './body.ts';
import type { Cache } from './cache.ts';
import { type CacheEntry, type CacheKey, cacheKey } from './cache-record.ts';
import { createGate } from './gate.ts';
import type { Http, HttpAnswer } from './http.ts';
import type { JsonObject, Parsed } from './json.ts';
import type { NpmConfig } from './npm-config.ts';

/** One question. `parse` is total: what it calls malformed is unavailable. */
export type Question<T> = {
  readonly kind: QuestionKind;
  readonly url: string;
  readonly parse: (json: unknown) => Parsed<T>;
  /** What of an answer is kept for the next run: `parse` reads the same out of it. Without it all is kept, as served. */
  readonly kept?: (json: JsonObject) => JsonObject;
  /** Milliseconds this value may be used without asking again. */
  readonly keepFor: (value: T) => number;
  /** Shown every answer that parses, and when it was given, milliseconds since 1970. */
  readonly seen?: (json: JsonObject, takenAt: number) => void;
};

/** The kinds of question, which differ in how much may come back. */
export type QuestionKind = keyof typeof KINDS;

/** Asks. Never throws `RegistryError`: a network failure becomes `unavailable` here, once. */
export type Ask = <T>(question: Question<T>) => Promise<Told<T>>;

/** A day, in milliseconds: how long a fact that can change is believed. */
export const DAY = 24 * 60 * 60 * 1000;

const MIB = 1024 * 1024;
const SMALL = 64 * 1024;
const JSON_TYPE = 'application/json';
const KINDS = {
  manifest: { limit: 8 * MIB, total: 60_000, accept: JSON_TYPE },
  attestations: { limit: 4 * MIB, total: 60_000, accept: JSON_TYPE },
  keys: { limit: MIB, total: 60_000, accept: JSON_TYPE },
  packument: { limit: 256 * MIB, total: 300_000, accept: JSON_TYPE },
  // The same document, read for one version where a registry serves no single ones.
  listed: { limit: 256 * MIB, total: 300_000, accept: JSON_TYPE },
  // npm registry documentation, "Package Metadata", abbreviated metadata format.
  modified: { limit: 128 * MIB, total: 300_000, accept: 'application/vnd.npm.install-v1+json' },
} as const;

const LARGE: ReadonlySet<QuestionKind> = new Set(['packument', 'listed', 'modified']);

/** What asking rests on. */
export type AskSettings = {
  readonly http: Http;
  readonly cache: Cache;
  readonly config: Pick<NpmConfig, 'credentialsFor'>;
  readonly now: Date;
  /**
   * `cacheFirst`: what the cache holds is used whatever its age. `cacheOnly`: and nothing else is. `again`: only where the registry confirms it,
   * or cannot be reached.
   */
  readonly mode: 'fresh' | 'cacheFirst' | 'cacheOnly' | 'again';
  /** Told of every answer that needed no request. */
  readonly onCached: () => void;
  /** Told when a registry could not be reached and an older answer had to do. */
  readonly onStale: (host: string) => void;
};

/** Creates the one way to ask. */
export function createAsk(settings: AskSettings): Ask {
  // Few of these are needed, and each may be large.
  const admit = createGate(8);
  return async (question) => {
    try {
      const isLarge = LARGE.has(question.kind);
      return await (isLarge ? admit(() => told(settings, question)) : told(settings, question));
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      return { status: 'unavailable', reason: tame([error.message, error.hint ?? ''].join(' ').trim()) };
    }
  };
}

/** An answer in the cache, parsed. */
type Kept<T> = { readonly entry: CacheEntry; readonly value: T };

async function told<T>(settings: AskSettings, question: Question<T>): Promise<Told<T>> {
  const key = keyFor(settings, question);
  const entry = settings.cache.get(key);
  const kept = entry === undefined ? undefined : await keptIn(entry, question);
  if (kept !== undefined && isCurrent(settings, { kept, question })) {
    settings.onCached();
    return { status: 'told', value: kept.value };
  }
  const url = new URL(question.url);
  const { host } = url;
  if (settings.mode === 'cacheOnly') {
    return {
      status: 'unavailable',
      reason: `${host} was not asked: offline, and the answer is not in the cache.`,
    };
  }
  const answer = await fetchOrKeep(settings, { question, url, kept });
  switch (answer.kind) {
    case 'missing':
      return { status: 'absent', reason: unknownTo(host, question.kind) };
    case 'found':
      return toldBy(settings, { question, key, answer, host });
    case 'unchanged':
      return confirmed(settings, { key, kept, host });
    case 'unreached':
      return { status: 'told', value: answer.value };
  }
}

/** Most bytes of an answer to this kind of question. */
export function answerLimit(kind: QuestionKind): number {
  return KINDS[kind].limit;
}

/** What is said where a registry knows of no such thing. */
export function unknownTo(host: string, kind: QuestionKind): string {
  return `${host} answered 404: it has no such ${NOUNS[kind]}`;
}

const NOUNS = {
  manifest: 'version',
  attestations: 'attestations',
  keys: 'key list',
  packument: 'package',
  listed: 'package',
  modified: 'package',
} as const;

function keyFor<T>({ config }: AskSettings, { kind, url }: Question<T>): CacheKey {
  const { authorization, certificate } = config.credentialsFor(url);
  const scope = JSON.stringify([authorization ?? null, certificate?.certfile ?? null]);
  return cacheKey({ url, kind, scope });
}

/** What does not parse is as good as nothing. */
async function keptIn<T>(entry: CacheEntry, question: Question<T>): Promise<Kept<T> | undefined> {
  const expected = { limit: KINDS[question.kind].limit, who: 'the cache' };
  try {
    const json = parseUnpacked(await unpackBody(entry.packed, expected), expected);
    const parsed = question.parse(json);
    if (parsed.kind === 'malformed') return undefined;
    question.seen?.(json, entry.checkedAt);
    return { entry, value: parsed.value };
  } catch (error) {
    if (error instanceof RegistryError) return undefined;
    throw error;
  }
}

type Candidate<T> = { readonly kept: Kept<T>; readonly question: Question<T> };

function isCurrent<T>({ mode, now }: AskSettings, { kept, question }: Candidate<T>): boolean {
  if (mode === 'again') return false;
  if (mode !== 'fresh') return true;
  const age = now.getTime() - kept.entry.checkedAt;
  // An answer from the future was written under another clock: ask.
  return age >= 0 && age < question.keepFor(kept.value);
}

type Asked<T> = {
  readonly question: Question<T>;
  readonly url: URL;
  readonly kept: Kept<T> | undefined;
};

type Unreached<T> = { readonly kind: 'unreached'; readonly value: T };

/** A registry out of reach leaves us with what it said before, and the run says so. */
async function fetchOrKeep<T>(
  { http, onStale }: AskSettings,
  { question, url, kept }: Asked<T>,
): Promise<HttpAnswer | Unreached<T>> {
  const { kind } = question;
  const { accept, limit, total } = KINDS[kind];
  const request = { url, kind, accept, credentials: 'configured', limit, total } as const;
  const etag = kept?.entry.etag;
  try {
    return await http.fetch(etag === undefined ? request : { ...request, etag });
  } catch (error) {
    if (!(error instanceof RegistryError) || error.code !== 'REGISTRY_UNREACHABLE' || kept === undefined)
      throw error;
    onStale(url.host);
    return { kind: 'unreached', value: kept.value };
  }
}

type Found<T> = {
  readonly question: Question<T>;
  readonly key: CacheKey;
  readonly answer: Extract<HttpAnswer, { readonly kind: 'found' }>;
  readonly host: string;
};

async function toldBy<T>(
  { cache, now }: AskSettings,
  { question, key, answer, host }: Found<T>,
): Promise<Told<T>> {
  const expected = { limit: KINDS[question.kind].limit, who: host };
  const body = await unpackBody(answer.packed, expected);
  const json = parseUnpacked(body, expected);
  const parsed = question.parse(json);
  if (parsed.kind === 'malformed') {
    return { status: 'unavailable', reason: tame(`${host} cannot be believed: ${parsed.reason}.`) };
  }
  question.seen?.(json, now.getTime());
  const { etag } = answer;
  const packed = keptBytes(question, { json, body, packed: answer.packed });
  cache.put(key, { packed, checkedAt: now.getTime(), ...(etag === undefined ? {} : { etag }) });
  return { status: 'told', value: parsed.value };
}

type Unpacked = { readonly json: JsonObject; readonly body: Buffer; readonly packed: Packed };

function keptBytes<T>({ kept }: Question<T>, { json, body, packed }: Unpacked): Packed {
  if (kept !== undefined) return { bytes: Buffer.from(JSON.stringify(kept(json))), encoding: 'identity' };
  // Unpacking a small answer takes longer than reading it in full.
  return body.length <= SMALL ? { bytes: body, encoding: 'identity' } : packed;
}

type Confirmed<T> = { readonly key: CacheKey; readonly kept: Kept<T> | undefined; readonly host: string };

function confirmed<T>({ cache, now }: AskSettings, { key, kept, host }: Confirmed<T>): Told<T> {
  // The client reports "unchanged" only where it sent the validator of something kept.
  if (kept === undefined) return { status: 'unavailable', reason: `${host} confirmed an answer nobody has.` };
  cache.put(key, { ...kept.entry, checkedAt: now.getTime() });
  return { status: 'told', value: kept.value };
}
