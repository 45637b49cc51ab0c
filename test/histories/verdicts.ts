/** Holds what a replay said against what was due. */

import { thiefAfter } from './lapses.ts';
import { packumentOf } from './packument.ts';
import type { Sequence } from './releases.ts';
import { replay } from './replay.ts';
import type { Due, Story, Told } from './telling.ts';

/** One alarm, or one that did not come. */
export type Deviation = { readonly version: string; readonly because: string };

/** What became of one story on one sequence. */
export type Outcome = {
  readonly judged: number;
  /** Answers that could not be found out. */
  readonly open: readonly Deviation[];
  readonly alarms: number;
  /** Alarms that were due, or fair. */
  readonly right: number;
  /** Alarms that a maintainer would call wrong. */
  readonly wrong: readonly Deviation[];
  /** Alarms that were due and did not come. */
  readonly missed: readonly Deviation[];
};

/** Versions of a sequence that are judged; the newest ones, where it is longer. */
const MOST = 200;

/** Replays a story on a sequence; `undefined` where it has nothing to tell there. */
export function outcomeOf(story: Story, sequence: Sequence, now: Date): Outcome | undefined {
  const told = story.tell({ ...sequence, releases: sequence.releases.slice(-MOST) });
  if (told === undefined) return undefined;
  return held(sequence.name, told, now);
}

/** The same story with a thief's release at its end; `undefined` where nothing has proof that a thief could lack. */
export function thiefOutcomeOf(story: Story, sequence: Sequence, now: Date): Outcome | undefined {
  const told = story.tell({ ...sequence, releases: sequence.releases.slice(-MOST) });
  const thief = told === undefined || story.ends === 'without' ? undefined : thiefAfter(told);
  if (told === undefined || thief === undefined) return undefined;
  return held(sequence.name, [...told, thief], now, new Set([thief.version]));
}

function held(name: string, told: readonly Told[], now: Date, judged?: ReadonlySet<string>): Outcome {
  const due = new Map<string, Due>(told.map((one) => [one.version, one.due]));
  const replayed = replay(packumentOf(name, told), {
    name,
    now,
    ...(judged === undefined ? {} : { judged }),
  });
  const answers = replayed.map(({ version, onTheDay, today }) => {
    const alarms = [onTheDay, today].filter(({ kind }) => kind === 'fail');
    const isOpen = [onTheDay, today].some(({ kind }) => kind === 'unknown');
    return { version, because: (alarms[0] ?? today).because, alarms: alarms.length, isOpen };
  });
  const wrong = answers.filter(({ version, alarms }) => alarms > 0 && due.get(version) === 'none');
  const missed = answers.filter(({ version, alarms }) => alarms < 2 && due.get(version) === 'alarm');
  const alarms = answers.filter((answer) => answer.alarms > 0).length;
  const open = answers.filter(({ isOpen }) => isOpen);
  return { judged: answers.length, open, alarms, right: alarms - wrong.length, wrong, missed };
}
