/** The form of a remembered verdict: sealed by this user, about one question, on its grounds. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { readdirSync, statSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readSmallFile, writeWhole } from '../state/index.ts';
import type { Ground } from './ground.ts';

/** A verdict, and all it is bound to besides the question. */
export type VerdictRecord = {
  readonly text: string;
  readonly exitCode: number;
  /** ISO 8601. */
  readonly judgedAt: string;
  /** The moment from which the policy itself may judge otherwise; milliseconds since 1970. */
  readonly until: number;
  /** SHA-256 of the evidence, in hex. */
  readonly evidence: string;
  readonly grounds: readonly (Ground & { readonly digest: string })[];
};

/** Where a record lies, what seals it, and the question it answers. */
export type RecordPlace = { readonly file: string; readonly seal: Buffer; readonly question: string };

const LARGEST = 1024 * 1024;
const MAC_HEX = 64;
const DAY = 24 * 60 * 60 * 1000;

/** The record, when it is the very one this user wrote in answer to this question. */
export function readRecord({ file, seal, question }: RecordPlace): VerdictRecord | undefined {
  const read = readSmallFile(file, LARGEST);
  if (read.status === 'unavailable' || read.value.length < MAC_HEX) return undefined;
  const mac = Buffer.from(read.value.toString('latin1', 0, MAC_HEX), 'hex');
  const body = read.value.subarray(MAC_HEX);
  const own = macOf(seal, question, body);
  if (mac.length !== own.length || !timingSafeEqual(mac, own)) return undefined;
  // Sealed by this release: the question names it.
  return JSON.parse(body.toString('utf8')) as VerdictRecord;
}

/** Writes it, whole or not at all. A verdict that cannot be written is given anew next time. */
export function writeRecord({ file, seal, question }: RecordPlace, record: VerdictRecord, now: Date): void {
  const body = Buffer.from(JSON.stringify(record), 'utf8');
  if (body.length + MAC_HEX > LARGEST) return;
  const mac = Buffer.from(macOf(seal, question, body).toString('hex'), 'latin1');
  attempt(() => writeWhole(file, Buffer.concat([mac, body])));
  sweep(dirname(file), now);
}

/** The key also seals cached answers: the first words keep one from being taken for the other. */
function macOf(seal: Buffer, question: string, body: Buffer): Buffer {
  return createHmac('sha256', seal).update(`npmsign verdict 1 ${question}\n`).update(body).digest();
}

/** Nobody asks for a verdict older than a day. */
function sweep(directory: string, now: Date): void {
  attempt(() => {
    for (const name of readdirSync(directory)) {
      const path = join(directory, name);
      attempt(() => now.getTime() - statSync(path).mtimeMs > 2 * DAY && unlinkSync(path));
    }
  });
}

/** What fails here costs a verification, never a verdict. */
export function attempt(work: () => void): 'done' | 'failed' {
  try {
    work();
    return 'done';
  } catch {
    return 'failed';
  }
}
