/** Tells how each check answered about one package, and which line of the policy decided. */
import type { Outcome } from '../model/report.ts';
import type { Pen } from './explain-evidence.ts';
import { clip, pad, unbroken, wrap } from './layout.ts';
import { SYMBOLS, toneOf } from './style.ts';
import { countOf, waiverOf } from './summary.ts';

/** How much room the answers may take. */
export type Room = {
  /** Reasons in full, or what fits on one line. */
  readonly reasons: 'whole' | 'line';
  /** One line per question that does not apply, or one for all of them. */
  readonly skips: 'each' | 'together';
};

const INDENT = ' '.repeat(15);

/** One outcome after the other, in the report's order. */
export function checkLines(outcomes: readonly Outcome[], room: Room, pen: Pen): readonly string[] {
  const together = room.skips === 'together' ? outcomes.filter((outcome) => toneOf(outcome) === 'skip') : [];
  const listed = outcomes.filter((outcome) => !together.includes(outcome));
  return [
    ...listed.flatMap((outcome) => outcomeLines(outcome, room, pen)),
    ...(together.length === 0 ? [] : [skipLine(together, pen)]),
  ];
}

function outcomeLines(outcome: Outcome, room: Room, pen: Pen): readonly string[] {
  const { answer, level, decidedBy, exemption } = outcome;
  const tone = toneOf(outcome);
  const decided = `[${level}${decidedBy === undefined ? '' : `, ${decidedBy}`}]`;
  const first = `  ${pad(`${SYMBOLS[tone]} ${tone}`, 13)}${pad(outcome.check, 21)} `;
  const waiver = exemption === undefined ? [] : [waiverOf(exemption)];
  const hint = answer.hint === undefined || tone === 'pass' ? [] : [`next: ${answer.hint}`];
  const lines =
    room.reasons === 'whole'
      ? [
          ...wrap(`${answer.because} ${unbroken(decided)}`, {
            width: pen.width,
            first,
            rest: INDENT,
          }),
          ...[...waiver, ...hint].flatMap((text) => wrap(text, { width: pen.width, first: INDENT })),
        ]
      : [
          `${first}${clip(answer.because, pen.width - first.length - decided.length - 1)} ${decided}`,
          ...[...waiver, ...hint].map((text) => `${INDENT}${clip(text, pen.width - INDENT.length)}`),
        ];
  return lines.map((line, index) => (index === 0 ? pen.paint.tone(tone, line) : line));
}

function skipLine(outcomes: readonly Outcome[], { width, paint }: Pen): string {
  const names = outcomes.map((outcome) => outcome.check).join(', ');
  const line = `  ${pad(`${SYMBOLS.skip} skip`, 13)}${countOf(outcomes.length, 'question')} that does not apply: ${names}`;
  return paint.tone('skip', clip(line, width));
}
