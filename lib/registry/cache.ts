/** Keeps registries' answers on disk between runs. Answers, never verdicts: everything is verified again. */
import { randomBytes } from 'node:crypto';
import { readdirSync, statSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { Host } from '../model/host.ts';
import type { Notice } from '../model/report.ts';
import { codeOf, openDirectory, ownerOn, type Place, readSeal } from '../state/index.ts';
import { createDraft, type Draft } from './cache-draft.ts';
import { type CacheEntry, type CacheKey, entryIn, recordOf } from './cache-record.ts';
import { type Holder, openSegment, type Row, type Segment } from './cache-segment.ts';

/** The cache. Nothing in it throws: a cache that cannot be used is an empty one, and says so in `notices`. */
export type Cache = {
  /** A directory only this user can write, for others to keep files in; absent where there is none. */
  readonly directory?: string;
  readonly get: (key: CacheKey) => CacheEntry | undefined;
  readonly put: (key: CacheKey, entry: CacheEntry) => void;
  readonly notices: () => readonly Notice[];
  /** Writes what is not yet on disk. */
  readonly close: () => void;
};

// What a killed run may lose.
const MOST_UNSEALED = 8 * 1024 * 1024;
const LARGEST_ENTRY = 16 * 1024 * 1024;
// Every run that learnt something adds a file. Beyond this number the small ones become one.
const MANY_FILES = 8;
const SMALL_FILE = 16 * 1024 * 1024;
const MOST_ON_DISK = 256 * 1024 * 1024;
const DAY = 24 * 60 * 60 * 1000;

/** Opens the cache in this directory, or one that keeps nothing where the directory is not this user's alone. */
export function openCache(host: Host, directory: string): Cache {
  const store = openStore(host, directory);
  if (store.kind === 'usable') return createCache(store.value, host.now);
  const message = `Answers of registries are not kept between runs: ${store.reason}`;
  return createCache({ holder: { seal: randomBytes(32), owner: undefined } }, host.now, [
    { code: 'CACHE_UNUSED', message },
  ]);
}

/** Where entries go. Without a directory they go nowhere. */
type Store = { readonly directory?: string; readonly holder: Holder };

function openStore(host: Host, directory: string): Place<Store> {
  const owner = ownerOn(host);
  if (owner.kind === 'unusable') return owner;
  const seal = readSeal(host, owner.value);
  if (seal.kind === 'unusable') return seal;
  const place = openDirectory(directory, owner.value);
  if (place.kind === 'unusable') return place;
  // A folder of our own making: nothing in it but what we wrote, so tidying up can hurt nobody.
  const answers = openDirectory(join(directory, 'answers-v2'), owner.value);
  if (answers.kind === 'unusable') return answers;
  const holder = { owner: owner.value, seal: seal.value };
  return { kind: 'usable', value: { directory: answers.value, holder } };
}

function createCache(store: Store, now: Date, notices: Notice[] = []): Cache {
  const { directory, holder } = store;
  if (directory === undefined) return { ...NO_CACHE, notices: () => [...notices] };
  const onFailed = (code: string): void => {
    notices.push({ code: 'CACHE_UNUSED', message: `The cache cannot be written (${code}).` });
  };
  const state: { files?: Files } = {};
  // Whoever only signs, or verifies a bundle, asks for no answer.
  const files = (): Files => {
    state.files ??= openFiles({ directory, now, holder }, onFailed);
    return state.files;
  };
  return {
    directory: dirname(directory),
    get(key) {
      const { segments, writer } = files();
      const record = writer.find(key) ?? firstIn(segments, (segment) => segment.find(key));
      return record === undefined ? undefined : entryIn(record);
    },
    put(key, entry) {
      if (entry.packed.bytes.length <= LARGEST_ENTRY) files().writer.add({ key, record: recordOf(entry) });
    },
    notices: () => [...notices],
    close() {
      if (state.files === undefined) return;
      const { segments, writer } = state.files;
      writer.close();
      tidy({ directory, segments, now, holder });
      for (const segment of segments.splice(0)) segment.close();
    },
  };
}

type Files = { readonly segments: Segment[]; readonly writer: Writer };

function openFiles(place: Omit<Tidying, 'segments'>, onFailed: (code: string) => void): Files {
  const segments = openSegments(place.directory, place.holder);
  return { segments, writer: createWriter({ ...place, segments }, onFailed) };
}

const NO_CACHE: Omit<Cache, 'notices'> = {
  get: () => undefined,
  put: () => undefined,
  close: () => undefined,
};

type Writer = {
  readonly find: Draft['find'];
  readonly add: Draft['add'];
  readonly close: () => void;
};

/** Writes what a run learns. A disk that takes no more is told once, and the run goes on without it. */
function createWriter(place: Tidying, onFailed: (code: string) => void): Writer {
  const state: { draft?: Draft | undefined; failed: boolean } = { failed: false };
  const finish = (): void => {
    const { draft } = state;
    state.draft = undefined;
    if (draft !== undefined) place.segments.unshift(finished(draft, place));
  };
  const writing = (work: () => void): void => {
    if (state.failed) return;
    const result = attempt(work);
    if (result.kind === 'done') return;
    state.failed = true;
    onFailed(result.code);
    const { draft } = state;
    if (draft !== undefined) attempt(draft.discard);
    state.draft = undefined;
  };
  return {
    find(key) {
      const found = attempt(() => state.draft?.find(key));
      return found.kind === 'done' ? found.value : undefined;
    },
    add(row) {
      writing(() => {
        state.draft ??= createDraft(place.directory);
        state.draft.add(row);
        if (state.draft.size() > MOST_UNSEALED) finish();
      });
    },
    close: () => writing(finish),
  };
}

function firstIn<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Newest first: names begin with the time they were written. */
function openSegments(directory: string, holder: Holder): Segment[] {
  const names = namesIn(directory).filter((name) => name.endsWith('.seg'));
  const opened = names
    .sort()
    .reverse()
    .map((name) => attempt(() => openSegment(join(directory, name), holder)));
  return opened.flatMap((result) =>
    result.kind === 'done' && result.value !== undefined ? [result.value] : [],
  );
}

function namesIn(directory: string): string[] {
  const listed = attempt(() => readdirSync(directory));
  return listed.kind === 'done' ? listed.value : [];
}

type Attempted<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'failed'; readonly code: string };

/** Another run may remove any file at any moment; that is a case, not an error. */
function attempt<T>(work: () => T): Attempted<T> {
  try {
    return { kind: 'done', value: work() };
  } catch (error) {
    return { kind: 'failed', code: codeOf(error) };
  }
}

/** The draft as a file of the cache, opened. Throws what the system throws, the draft discarded then. */
function finished(draft: Draft, { directory, now, holder }: Tidying): Segment {
  const name = `${String(now.getTime()).padStart(15, '0')}-${randomBytes(6).toString('hex')}.seg`;
  draft.finish(name, holder.seal);
  const segment = openSegment(join(directory, name), holder);
  if (segment === undefined) throw new Error('a cache file changed while it was written');
  return segment;
}

type Tidying = {
  readonly directory: string;
  readonly segments: Segment[];
  readonly now: Date;
  readonly holder: Holder;
};

/** Merges small files, drops the oldest beyond the limit, and sweeps up after killed runs. */
function tidy({ directory, segments, now, holder }: Tidying): void {
  if (segments.length > MANY_FILES) merge({ directory, segments, now, holder });
  let total = 0;
  for (const segment of segments.slice()) {
    total += segment.size;
    if (total > MOST_ON_DISK) discard(segments, segment);
  }
  const kept = new Set(segments.map(({ path }) => path));
  for (const name of namesIn(directory)) {
    const path = join(directory, name);
    if (!kept.has(path) && isOurs(name))
      attempt(() => now.getTime() - statSync(path).mtimeMs > DAY && unlinkSync(path));
  }
}

/** Files of the cache and drafts of killed runs. */
function isOurs(name: string): boolean {
  return name.endsWith('.seg') || name.startsWith('draft-');
}

/** One record at a time: together they may be more than memory should hold. */
function merge(place: Tidying): void {
  const { directory, segments } = place;
  const small = segments.filter(({ size }) => size < SMALL_FILE);
  const merged = attempt(() => {
    const draft = createDraft(directory);
    const copied = attempt(() => {
      for (const row of rowsIn(small)) if (!draft.has(row.key)) draft.add(row);
      return finished(draft, place);
    });
    if (copied.kind === 'failed') attempt(draft.discard);
    return copied;
  });
  if (merged.kind === 'failed' || merged.value.kind === 'failed') return;
  for (const segment of small) discard(segments, segment);
  segments.unshift(merged.value.value);
}

function* rowsIn(segments: readonly Segment[]): Iterable<Row> {
  for (const segment of segments) yield* segment.rows();
}

function discard(segments: Segment[], segment: Segment): void {
  segments.splice(segments.indexOf(segment), 1);
  segment.close();
  // On Windows a file another run has open stays; some later run will remove it.
  attempt(() => unlinkSync(segment.path));
}
