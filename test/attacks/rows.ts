/** Proves one row of ATTACKS.md: the refusals it demands and no others, and each of them by the check that is named. */
import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import process from 'node:process';
import type { CheckId } from '../../lib/model/policy.ts';
import type { Judgement } from './judgement.ts';
import type { Case, RunRequest } from './world.ts';

/** One row under one policy, as the table at the end shows it. */
export type Row = {
  readonly id: string;
  /** Under which policy: `recommended`, `pinned`, `locked`, or what else the row says. */
  readonly column: string;
  readonly what: string;
  /** What was said: an effect of the report, or an error's code. */
  readonly effect: string;
  readonly decidedBy: string;
  /** What became of it with the deciding checks switched off, where that was tried. */
  readonly without?: string;
  /** What stood between the package and its scripts. */
  readonly canary: string;
};

/** What a row demands. A refusal is `<package> <check>`. */
export type Demand = {
  readonly id: string;
  readonly column?: string;
  readonly what: string;
  readonly effect?: 'fail' | 'unverified';
  /** Refusals by the deciding checks. */
  readonly decidedBy: readonly string[];
  /** Further refusals that such a package cannot escape. */
  readonly also?: readonly string[];
  /** What every deciding reason says. */
  readonly because?: RegExp;
  readonly canary?: string;
};

/**
 * Judges the case: exactly the demanded refusals and the exit code that goes with them. Then once more for each deciding check with that
 * check switched off, whose refusals and no others are gone; and last with all of them off, where nothing stands in the package's way.
 */
export async function proveRefused(attacked: Case, demand: Demand, run: RunRequest = {}): Promise<Judgement> {
  const { id, decidedBy, also = [], effect = 'fail', because } = demand;
  const refusals = [...decidedBy, ...also].sort();
  const judged = await attacked.judge(run);
  assert.deepEqual(judged.refusals, refusals, `${id}: ${reasonsOf(judged)}${judged.stderr}`);
  assert.deepEqual([judged.effect, judged.code], [effect, effect === 'fail' ? 1 : 3], id);
  if (because !== undefined) for (const one of decidedBy) assert.match(judged.because(one), because, id);
  for (const check of checksOf(decidedBy)) {
    const without = await attacked.judge({ ...run, off: [check] });
    const left = refusals.filter((refusal) => checkOf(refusal) !== check);
    assert.deepEqual(without.refusals, left, `${id} without ${check}: ${without.stderr}`);
  }
  await provePasses(attacked, { ...run, off: checksOf(refusals) }, `${id} with all of that off`);
  record({
    ...demand,
    column: demand.column ?? 'recommended',
    effect,
    decidedBy: checksOf(decidedBy).join(', '),
    without: also.length === 0 ? 'passes' : 'not refused by it',
    canary: demand.canary ?? 'not installed',
  });
  return judged;
}

/** Judges the case, which must pass: nothing refused, exit code 0. */
export async function provePasses(sound: Case, run: RunRequest = {}, id = ''): Promise<Judgement> {
  const judged = await sound.judge(run);
  assert.deepEqual(judged.refusals, [], `${id}: ${reasonsOf(judged)}`);
  assert.equal(judged.code, 0, `${id}: ${judged.stderr}`);
  return judged;
}

/** The checks of these refusals, each once. */
export function checksOf(refusals: readonly string[]): readonly CheckId[] {
  return [...new Set(refusals.map(checkOf))];
}

function checkOf(refusal: string): CheckId {
  // Refusals are written here and in the tests: the last word is the id of a check, and comparing with a report finds any other.
  return refusal.slice(refusal.lastIndexOf(' ') + 1) as CheckId;
}

function reasonsOf(judged: Judgement): string {
  return judged.refusals.map((refusal) => `\n  ${refusal}: ${judged.because(refusal)}`).join('');
}

const TABLE = process.env['NPMSIGN_ATTACKS_TABLE'];

/** Writes one line of the table down: into the file that collects them, or onto the terminal. */
export function record(row: Row): void {
  const { id, column, what, effect, decidedBy, without = '-', canary } = row;
  const line = { id, column, what, effect, decidedBy, without, canary };
  if (TABLE === undefined) process.stdout.write(`${tableLine(line)}\n`);
  else appendFileSync(TABLE, `${JSON.stringify(line)}\n`);
}

/** One line of the table, in columns. */
export function tableLine({ id, column, effect, decidedBy, without = '-', canary, what }: Row): string {
  const widths = [4, 12, 22, 57, 18, 24];
  const cells = [id, column, effect, decidedBy, without, canary];
  return `${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' ')} ${what}`;
}
