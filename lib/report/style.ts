/** Colours, symbols and words for effects; no colour without its word. */
import { Chalk } from 'chalk';
import type { Effect, Outcome } from '../model/report.ts';

/** Everything a line of a report can say about itself: an effect, or that a question did not apply. */
export type Tone = Effect | 'skip';

/** One mark per tone: readable without colour. */
export const SYMBOLS: Readonly<Record<Tone, string>> = {
  pass: '✔',
  exempt: '○',
  warn: '!',
  unverified: '?',
  fail: '✖',
  skip: '–',
};

/** Puts colour on text, or nothing at all. */
export type Paint = {
  readonly tone: (tone: Tone, text: string) => string;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
};

/** Paints with colour or without; the terminal is not asked again. */
export function createPaint(wanted: { readonly color: boolean }): Paint {
  const chalk = new Chalk({ level: wanted.color ? 1 : 0 });
  const tones: Readonly<Record<Tone, (text: string) => string>> = {
    pass: chalk.green,
    exempt: chalk.cyan,
    warn: chalk.yellow,
    unverified: chalk.magenta,
    fail: chalk.red,
    skip: chalk.dim,
  };
  return {
    tone: (tone, text) => tones[tone](text),
    bold: (text) => chalk.bold(text),
    dim: (text) => chalk.dim(text),
  };
}

/** Symbol and word: `✖ FAIL`. */
export function markOf(tone: Tone): string {
  return `${SYMBOLS[tone]} ${tone.toUpperCase()}`;
}

/** The tone of one outcome: a question that does not apply is neither good nor bad. */
export function toneOf(outcome: Outcome): Tone {
  return outcome.answer.kind === 'skip' && outcome.effect === 'pass' ? 'skip' : outcome.effect;
}
