/** Replays real release histories of 300 widely used packages through the regression check and prints what it said, story by story. */
import process from 'node:process';
import { fetchPackuments, widelyUsed } from '../test/histories/real.ts';
import { type Sequence, sequenceIn } from '../test/histories/releases.ts';
import { replay } from '../test/histories/replay.ts';
import { STORIES } from '../test/histories/stories.ts';
import type { Story } from '../test/histories/telling.ts';
import { type Outcome, outcomeOf, thiefOutcomeOf } from '../test/histories/verdicts.ts';

const WANTED = 300;
const now = new Date();

const fetched = await fetchPackuments(await widelyUsed(WANTED), (done) => {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${WANTED} histories`);
});
if (process.stderr.isTTY) process.stderr.write('\n');
const had = fetched.flatMap((one) => ('packument' in one ? [one] : []));
const sequences = had.map(({ name, packument }) => sequenceIn(packument, name));
for (const one of fetched) if ('why' in one) process.stderr.write(`${one.name}: ${one.why}\n`);

process.stdout.write(`${asServed()}\n\n`);
const rows = STORIES.flatMap((story) => [
  rowOf(story.title, (sequence) => outcomeOf(story, sequence, now)),
  ...thiefRow(story),
]);
const HEAD = ['histories', 'versions', 'alarms', 'right', 'wrong', 'missed', 'open'];
process.stdout.write(
  `${lineOf('minted on real releases', HEAD)}\n${rows.map(({ text }) => text).join('\n')}\n\n`,
);
const invented = sequences.filter(({ isDatedByNumber }) => isDatedByNumber).length;
if (invented > 0) {
  process.stdout.write(
    `Of ${invented} histories the registry tells no times of publishing (patches out of order): their dates are invented, by the numbers.\n`,
  );
}
process.stdout.write('Open: the check says that the order cannot be found out, for want of times.\n');
const faults = rows.flatMap((row) => row.faults);
for (const fault of faults.slice(0, 40)) process.stdout.write(`${fault}\n`);
process.stdout.write(`${sequences.length} histories, ${faults.length} wrong or missed alarms\n`);
process.exitCode = faults.length === 0 && sequences.length > 0 ? 0 : 1;

/** What the registry serves today. No one has said which alarms are due there, so they are listed, and for a person to judge. */
function asServed(): string {
  const replayed = had.flatMap(({ name, packument }) =>
    replay(packument, { name, now }).map((one) => ({ name, ...one })),
  );
  const attested = had.filter(({ packument }) => JSON.stringify(packument).includes('"provenance"')).length;
  const alarms = replayed.filter(({ today }) => today.kind === 'fail');
  const open = replayed.filter(({ today }) => today.kind === 'unknown');
  const lines = alarms.map(({ name, version, today }) => `  ${name}@${version}: ${today.because}`);
  return [
    `as served: ${had.length} histories, ${attested} of them with attestation data, ${replayed.length} versions, ` +
      `${alarms.length} alarms, ${open.length} not found out`,
    ...lines,
  ].join('\n');
}

type Row = { readonly text: string; readonly faults: readonly string[] };

function thiefRow(story: Story): readonly Row[] {
  if (story.ends === 'without' || story.title === 'never any provenance') return [];
  return [rowOf('  … then a thief, by hand', (sequence) => thiefOutcomeOf(story, sequence, now))];
}

function rowOf(title: string, outcomeFor: (sequence: Sequence) => Outcome | undefined): Row {
  const outcomes = sequences.flatMap((sequence) => {
    const outcome = outcomeFor(sequence);
    return outcome === undefined ? [] : [{ name: sequence.name, ...outcome }];
  });
  const sum = (count: (outcome: Outcome) => number): number =>
    outcomes.reduce((total, outcome) => total + count(outcome), 0);
  const cells = [
    outcomes.length,
    sum(({ judged }) => judged),
    sum(({ alarms }) => alarms),
    sum(({ right }) => right),
    sum(({ wrong }) => wrong.length),
    sum(({ missed }) => missed.length),
    sum(({ open }) => open.length),
  ];
  const faults = outcomes.flatMap(({ name, wrong, missed }) => [
    ...wrong.map(({ version, because }) => `WRONG  ${title.trim()}: ${name}@${version}: ${because}`),
    ...missed.map(({ version, because }) => `MISSED ${title.trim()}: ${name}@${version}: ${because}`),
  ]);
  return { text: lineOf(title, cells.map(String)), faults };
}

function lineOf(title: string, cells: readonly string[]): string {
  return `${title.padEnd(52)}${cells.map((cell) => cell.padStart(11)).join('')}`;
}
