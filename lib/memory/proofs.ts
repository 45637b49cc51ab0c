/** Remembers what was proved about single packages, sealed by this user, on the grounds it was proved on (SPEC 4.7). Judged anew it always is. */
import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import type { Evidence } from '../model/evidence.ts';
import type { Grounds, Recalled } from '../model/request.ts';
import { readSmallFile, writeWhole } from '../state/index.ts';
import { digestOf, type Ground, outsideGrounds } from './ground.ts';
import { attempt } from './record.ts';

/** Where what was proved lies, what seals it, and the question it was proved for. */
export type ProofsPlace = { readonly file: string; readonly seal: Buffer; readonly question: string };

const DAY = 24 * 60 * 60 * 1000;
// A tree so large that its memory would not fit is proved anew.
const LARGEST = 8 * 1024 * 1024;
const MAC_HEX = 64;

/**
 * What was proved on these very grounds less than a day ago. The lockfile is none of them: each package's evidence stands under a key that
 * names the bytes its entry pins. Nothing is written unless the grounds are the same afterwards.
 */
export function recallProofs(place: ProofsPlace, grounds: Grounds, now: Date): Recalled {
  const rested = restedOn(grounds);
  if (rested === undefined) return NOTHING_RECALLED;
  const lines = linesIn({ ...place, rested });
  const kept = new Map<string, string>();
  const count = { found: 0, proved: 0, size: 0 };
  const keepLine = (key: string, line: string): void => {
    count.size += line.length;
    if (count.size > LARGEST) kept.clear();
    else kept.set(key, line);
  };
  return {
    find(key) {
      const line = lines.get(key);
      const known = line === undefined ? undefined : evidenceIn(line, now);
      // As it was: what is used again grows no younger.
      if (line !== undefined && known !== undefined) keepLine(key, line);
      if (known !== undefined) count.found++;
      return known;
    },
    keep(key, evidence) {
      count.proved++;
      if (count.size <= LARGEST) keepLine(key, `${key} ${now.getTime()} ${JSON.stringify(evidence)}`);
    },
    found: () => count.found,
    close() {
      if (count.proved === 0 || kept.size === 0 || restedOn(grounds) !== rested) return;
      const body = Buffer.from([...kept.values()].join('\n'), 'utf8');
      if (body.length + MAC_HEX > LARGEST) return;
      const mac = Buffer.from(macOf({ ...place, rested }, body).toString('hex'), 'latin1');
      attempt(() => writeWhole(place.file, Buffer.concat([mac, body])));
    },
  };
}

/** For who remembers nothing. */
export const NOTHING_RECALLED: Recalled = {
  find: () => undefined,
  keep: () => undefined,
  found: () => 0,
  close: () => undefined,
};

/** Digest of everything on disk outside the project that evidence rests on; `undefined` where that cannot be told. */
function restedOn(grounds: Grounds): string | undefined {
  const digests = outsideGrounds(grounds).map((ground: Ground) => [ground, digestOf(ground)] as const);
  if (digests.some(([, digest]) => digest === undefined)) return undefined;
  return hash('sha256', JSON.stringify(digests), 'hex');
}

type Bound = ProofsPlace & { readonly rested: string };

/** The lines by their keys, when they are the very ones this user wrote for this question on these grounds. */
function linesIn(place: Bound): ReadonlyMap<string, string> {
  const read = readSmallFile(place.file, LARGEST);
  if (read.status === 'unavailable' || read.value.length < MAC_HEX) return new Map();
  const mac = Buffer.from(read.value.toString('latin1', 0, MAC_HEX), 'hex');
  const body = read.value.subarray(MAC_HEX);
  const own = macOf(place, body);
  if (mac.length !== own.length || !timingSafeEqual(mac, own)) return new Map();
  const lines = body.toString('utf8').split('\n');
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(' ')), line]));
}

/** The key also seals verdicts and cached answers: the first words keep one from being taken for the other. */
function macOf({ seal, question, rested }: Bound, body: Buffer): Buffer {
  return createHmac('sha256', seal).update(`npmsign proofs 1 ${question} ${rested}\n`).update(body).digest();
}

/** `key`, the moment it was proved, and the evidence. Sealed by this release: the question names it. */
function evidenceIn(line: string, now: Date): Evidence | undefined {
  const [key = '', at = ''] = line.split(' ', 2);
  const age = now.getTime() - Number(at);
  // What was proved in the future was proved under another clock.
  if (!(age >= 0 && age < DAY)) return undefined;
  return JSON.parse(line.slice(key.length + at.length + 2)) as Evidence;
}
