/** The front door of the room that remembers: an unchanged project on a person's machine may be told its last verdict again (SPEC 4.7). */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Host } from '../model/host.ts';
import type { Grounds, Recalled } from '../model/request.ts';
import { openCacheDirectory, openDirectory, ownerOn, type Place, readSeal } from '../state/index.ts';
import { isCi } from './ci.ts';
import { digestOf, type Ground, groundsAround, groundsIn } from './ground.ts';
import { NOTHING_RECALLED, recallProofs } from './proofs.ts';
import { type Question, questionDigest } from './question.ts';
import { readRecord, type VerdictRecord, writeRecord } from './record.ts';

export type { Question } from './question.ts';

/** A verdict as it was told, in words. */
export type ToldVerdict = { readonly text: string; readonly exitCode: number };

/** A verdict worth remembering: what was told, and the evidence it rests on, piece by piece. */
export type NewVerdict = ToldVerdict & { readonly evidence: Iterable<unknown> };

/** What is remembered about one question. */
export type Memory = {
  /** The last verdict, where everything it rests on is as it was. */
  readonly last?: ToldVerdict & { readonly judgedAt: string };
  /** To be called with what else the verdict will rest on, right after that was read and before the long work begins. */
  readonly note: (grounds: Grounds) => void;
  /** Remembers a verdict, unless something it rests on has changed since it was noted. Nothing is kept without a note. */
  readonly remember: (verdict: NewVerdict) => void;
  /** What was proved about single packages. */
  readonly recall: (grounds: Grounds) => Recalled;
};

const DAY = 24 * 60 * 60 * 1000;

/** Opens the memory of one question. In CI there is none, and none where no place on disk is this user's alone. */
export function openMemory(host: Host, question: Question): Memory {
  const place = isCi(host.env) ? undefined : placeOf(host, question);
  if (place === undefined) return NO_MEMORY;
  const record = readRecord(place);
  const look = createLook();
  const notebook = createNotebook(host, place, look);
  if (record === undefined || !isCurrent(record, host.now, look)) return notebook;
  const { text, exitCode, judgedAt } = record;
  return { ...notebook, last: { text, exitCode, judgedAt } };
}

/** One look at the disk: whoever asks for the same ground again is told the same. */
type Look = (ground: Ground) => string | undefined;

function createLook(): Look {
  const seen = new Map<string, string | undefined>();
  return (ground) => {
    const name = nameOf(ground);
    if (!seen.has(name)) seen.set(name, digestOf(ground));
    return seen.get(name);
  };
}

function nameOf({ kind, path }: Ground): string {
  return `${kind} ${path}`;
}

const NO_MEMORY: Memory = {
  note: () => undefined,
  remember: () => undefined,
  recall: () => NOTHING_RECALLED,
};

/** The file a verdict on this question is kept in, and the key that seals it. */
type VerdictPlace = {
  readonly file: string;
  readonly proofs: string;
  readonly seal: Buffer;
  readonly question: string;
};

function placeOf(host: Host, question: Question): VerdictPlace | undefined {
  const owner = ownerOn(host);
  if (owner.kind === 'unusable') return undefined;
  // The key lies outside every cache and never travels with one; the verdicts lie in a cache.
  const seal = readSeal(host, owner.value);
  const cache = openCacheDirectory(host, owner.value);
  const verdicts: Place<string> =
    cache.kind === 'usable' ? openDirectory(join(cache.value, 'verdicts'), owner.value) : cache;
  if (seal.kind === 'unusable' || verdicts.kind === 'unusable') return undefined;
  const digest = questionDigest(host, question);
  const path = join(verdicts.value, digest);
  return { file: `${path}.json`, proofs: `${path}.proofs`, seal: seal.value, question: digest };
}

function isCurrent(record: VerdictRecord, now: Date, look: Look): boolean {
  const [from, until] = [
    Date.parse(record.judgedAt),
    Math.min(record.until, Date.parse(record.judgedAt) + DAY),
  ];
  // A verdict from the future was given under another clock.
  if (!(from <= now.getTime() && now.getTime() < until)) return false;
  return record.grounds.every((ground) => look(ground) === ground.digest);
}

type Seen = Ground & { readonly digest: string };

/** Compares the grounds as they were seen before the work with what they are after it: what changed meanwhile is no ground for a verdict. */
function createNotebook(host: Host, place: VerdictPlace, look: Look): Omit<Memory, 'last'> {
  const around = groundsAround(host.cwd);
  const before = seenNow(around, look);
  const noted: { grounds?: readonly Seen[] | undefined; until: number } = { until: 0 };
  return {
    note(grounds) {
      // What was seen at the beginning is not looked at again: the earlier sight is the one to hold to.
      const names = new Set(around.map(nameOf));
      const others = groundsIn(grounds).filter((ground) => !names.has(nameOf(ground)));
      const further = before && seenNow(others, look);
      noted.grounds = before && further && [...before, ...further];
      noted.until = grounds.until;
    },
    recall: (known) => recallProofs({ ...place, file: place.proofs }, known, host.now),
    remember({ text, exitCode, evidence: pieces }) {
      const { grounds, until } = noted;
      const lookAgain = createLook();
      if (grounds === undefined || !grounds.every((ground) => lookAgain(ground) === ground.digest)) return;
      const evidence = digestOfAll(pieces);
      const judgedAt = host.now.toISOString();
      writeRecord(place, { text, exitCode, evidence, judgedAt, until, grounds }, host.now);
    },
  };
}

/** Piece by piece: all together may be more than memory should hold. */
function digestOfAll(pieces: Iterable<unknown>): string {
  const digest = createHash('sha256');
  for (const piece of pieces) digest.update(`${typeof piece === 'string' ? piece : JSON.stringify(piece)}\n`);
  return digest.digest('hex');
}

/** `undefined` when one of them cannot be told from another state of it. */
function seenNow(grounds: readonly Ground[], look: Look): readonly Seen[] | undefined {
  const seen = grounds.flatMap((ground) => {
    const digest = look(ground);
    return digest === undefined ? [] : [{ ...ground, digest }];
  });
  return seen.length === grounds.length ? seen : undefined;
}
