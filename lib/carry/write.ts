/** Writes a folder of evidence: beside its place first, and there only once it is whole. */
import { randomUUID } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import type { Host } from '../model/host.ts';
import type { Notice } from '../model/report.ts';
import type { AnswerRecorder } from '../registry/index.ts';
import { codeOf, readSmallFile } from '../state/index.ts';
import { tame } from '../text/sanitize.ts';
import { VERSION } from '../version.ts';
import {
  ANSWERS_FOLDER,
  digestOf,
  type Entry,
  fileNameOf,
  INDEX_FILE,
  isObject,
  jsonOf,
  keyOf,
  renderIndex,
  SCHEMA,
  TRUST_FILE,
} from './format.ts';

/** A folder in the making. */
export type EvidenceDraft = {
  readonly recorder: AnswerRecorder;
  /** What could not be had, as `url: reason`, sorted. */
  readonly missing: () => readonly string[];
  /** What whoever carries the folder should know. */
  readonly notices: () => readonly Notice[];
  /** Puts the folder in its place; the digest is of its index. `trust` is written as JSON. */
  readonly publish: (trust: object | undefined) => Published;
  /** Removes what lies beside the place; the place itself is as it was, unless it was published. */
  readonly discard: () => void;
};

/** What was written. */
export type Published = { readonly directory: string; readonly answers: number; readonly digest: string };

/** Begins. Throws `UsageError` where something else is in the place, or nothing can be written beside it. */
export function draftEvidence({ cwd, now }: Pick<Host, 'cwd' | 'now'>, directory: string): EvidenceDraft {
  const place = resolve(cwd, directory);
  refuseForeign(place, directory);
  const draft = join(dirname(place), `.${basename(place)}.${randomUUID()}.draft`);
  attempt(directory, () => mkdirSync(join(draft, ANSWERS_FOLDER), { recursive: true }));
  const entries = new Map<string, Entry>();
  const missing = new Map<string, string>();
  const takenAtOf = (moment: number): string => new Date(moment).toISOString();
  const write = (path: string, value: unknown): string => {
    const text = textOf(value);
    attempt(directory, () => writeFileSync(join(draft, path), text));
    return digestOf(text);
  };
  return {
    recorder: {
      found({ kind, url }, { json, takenAt }) {
        const key = { kind, url };
        const sha256 = write(join(ANSWERS_FOLDER, fileNameOf(key)), json);
        entries.set(keyOf(key), { ...key, takenAt: takenAtOf(takenAt), sha256 });
      },
      missing: ({ kind, url }, takenAt) =>
        void entries.set(keyOf({ kind, url }), { kind, url, takenAt: takenAtOf(takenAt) }),
      unavailable: (key, reason) => void missing.set(keyOf(key), `${tame(key.url, 300)}: ${reason}`),
    },
    missing: () => [...missing.values()].sort(),
    notices: () => [...entries.values()].filter(isKeyList).map(keysNotice),
    publish(trust) {
      const trusted = trust === undefined ? {} : { trust: write(TRUST_FILE, trust) };
      const takenAt = now.toISOString();
      const index = renderIndex({ npmsign: VERSION, takenAt, answers: [...entries.values()], ...trusted });
      attempt(directory, () => writeFileSync(join(draft, INDEX_FILE), index));
      attempt(directory, () => putInPlace(draft, place));
      return { directory: place, answers: entries.size, digest: digestOf(index) };
    },
    discard: () => attempt(directory, () => rmSync(draft, { recursive: true, force: true })),
  };
}

const LARGEST_SPREAD = 1024 * 1024;

/** A line for each value, to be compared; what is large stays within the limits it came in. */
function textOf(value: unknown): string {
  const spread = `${JSON.stringify(value, null, 2)}\n`;
  return Buffer.byteLength(spread) <= LARGEST_SPREAD ? spread : JSON.stringify(value);
}

/** An earlier export gives way, an empty folder too; anything else in the place is somebody's. */
function refuseForeign(place: string, directory: string): void {
  const stats = attempt(directory, () => lstatSync(place, { throwIfNoEntry: false }));
  if (stats === undefined) return;
  if (!stats.isDirectory()) throw taken(directory, 'is there and is not a folder');
  const names = attempt(directory, () => readdirSync(place));
  if (names.length === 0) return;
  const foreign = names.find((name) => ![INDEX_FILE, TRUST_FILE, ANSWERS_FOLDER].includes(name));
  if (foreign !== undefined)
    throw taken(directory, `holds ${tame(foreign, 100)}, which npmsign did not write`);
  const index = readSmallFile(join(place, INDEX_FILE), 64 * 1024 * 1024);
  const json = index.status === 'told' ? jsonOf(index.value.toString('utf8')) : undefined;
  const isOurs = isObject(json) && typeof json['schema'] === 'number' && Array.isArray(json['answers']);
  if (!isOurs || Number(json['schema']) > SCHEMA)
    throw taken(directory, 'holds no evidence this npmsign has written');
}

function taken(directory: string, why: string): UsageError {
  return new UsageError('BAD_FLAG_VALUE', `-o ${tame(directory)} ${why}; nothing in it is touched.`, {
    hint: 'Name a folder that does not exist yet, or one that npmsign bundle has written.',
  });
}

function isKeyList({ kind, sha256 }: Entry): boolean {
  return kind === 'keys' && sha256 !== undefined;
}

/** A folder cannot vouch for a registry's keys as the connection to it does. */
function keysNotice(key: Entry): Notice {
  const file = `${ANSWERS_FOLDER}/${fileNameOf(key)}`;
  const message =
    `The keys that ${tame(new URL(key.url).origin)} serves prove nothing once they are carried. Name a copy of ${file} that was reviewed ` +
    'in the policy (registries, keys), or signatures of that registry stay unverified.';
  return { code: 'EVIDENCE_KEYS', message };
}

/** The old folder is out of the way only while the new one moves in. */
function putInPlace(draft: string, place: string): void {
  if (lstatSync(place, { throwIfNoEntry: false }) === undefined) {
    renameSync(draft, place);
    return;
  }
  const old = `${draft}.old`;
  renameSync(place, old);
  try {
    renameSync(draft, place);
  } catch (error) {
    renameSync(old, place);
    throw error;
  }
  rmSync(old, { recursive: true, force: true });
}

function attempt<T>(directory: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const message = `-o ${tame(directory)} cannot be written (${codeOf(cause)}).`;
    throw new UsageError('BAD_FLAG_VALUE', message, {
      cause,
      hint: 'Name a place that this user may write in.',
    });
  }
}
