/** Renders what was done to the signer lock: what is trusted from now on, what was refused, what could not be locked. */
import type { LockEntry } from '../model/lock.ts';
import type { LockChange, LockPlan, Unlocked } from '../model/lock-plan.ts';
import { specOf } from '../text/package-id.ts';
import { isProofEnough, proofWords } from '../text/proof-level.ts';
import { harmlessValue } from './harmless.ts';
import { defused, pad, wrap } from './layout.ts';
import { columnsFor, PLAIN, type RenderStyle } from './render-style.ts';
import { createPaint, type Paint, SYMBOLS } from './style.ts';
import { countOf } from './summary.ts';

/** What became of the plan: the lock was written, or would be. */
export type LockRendering = RenderStyle & { readonly written: 'written' | 'not written' };

/** The formats of a lock plan. */
export const lockFormats = ['pretty', 'json'] as const;

/** How many entries a list names before it is cut. */
const SHOWN = 30;

/** The plan in one format. Every string in it is harmless to a terminal and a log. */
export function renderLockPlan(
  plan: LockPlan,
  format: (typeof lockFormats)[number],
  style: LockRendering,
): string {
  const harmless = harmlessValue(plan);
  switch (format) {
    case 'pretty':
      return prettyOf(harmless, style);
    case 'json':
      return `${JSON.stringify({ schema: 1, written: plan.differs && style.written === 'written', ...harmless }, undefined, 2)}\n`;
  }
}

/** The words of one change, for asking why it is accepted. */
export function renderLockChange(change: LockChange): string {
  const { id, because } = harmlessValue(change);
  return defused(`${specOf(id)}\n${because.map((clause) => `  ${clause}\n`).join('')}`);
}

type Sheet = {
  readonly plan: LockPlan;
  readonly style: LockRendering;
  readonly paint: Paint;
  readonly width: number;
};

function prettyOf(plan: LockPlan, style: LockRendering): string {
  const sheet = { plan, style, paint: createPaint({ ...PLAIN, ...style }), width: columnsFor(style) };
  const stops = plan.refused.length + plan.unlocked.length > 0;
  if (style.quiet && !stops) return '';
  const sections = [
    headline(sheet),
    ...changes(sheet, {
      title: 'Refused: somebody else signs, and the lock keeps what it has',
      changes: plan.refused,
      tone: 'fail',
    }),
    ...unlocked(sheet),
    ...(style.quiet ? [] : calm(sheet)),
    ...(plan.refused.length === 0 ? [] : [advice(sheet)]),
  ];
  return defused(`${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`);
}

function headline({ plan, style, paint, width }: Sheet): readonly string[] {
  const counts = [
    [plan.added.length, 'new'],
    [plan.refreshed.length, 'better known'],
    [plan.accepted.length, 'accepted'],
    [plan.refused.length, 'refused'],
    [plan.unlocked.length, 'not locked'],
    [plan.pruned.length, 'pruned'],
    [plan.unchanged, 'as before'],
  ] as const;
  const told = counts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`);
  const tone = plan.refused.length > 0 ? 'fail' : plan.unlocked.length > 0 ? 'unverified' : 'pass';
  const text = `npmsign.lock.json ${stateOf(plan, style)}: ${countOf(plan.entries.length, 'release line')}${told.length === 0 ? '' : ` (${told.join(', ')})`}`;
  const [first = '', ...more] = wrap(text, { width, first: '  ' });
  return [`${paint.tone(tone, paint.bold(SYMBOLS[tone]))} ${first.slice(2)}`, ...more];
}

function stateOf({ differs }: LockPlan, { written }: LockRendering): string {
  if (!differs) return 'is up to date';
  return written === 'written' ? 'is written' : 'would change';
}

function calm(sheet: Sheet): readonly (readonly string[])[] {
  const { plan } = sheet;
  return [
    ...changes(sheet, { title: 'Accepted, with the reason recorded', changes: plan.accepted, tone: 'warn' }),
    ...added(sheet),
    ...changes(sheet, { title: 'Better known', changes: plan.refreshed, tone: 'pass' }),
    ...names(sheet, { title: 'Pruned, no longer in the tree', entries: plan.pruned }),
    ...names(sheet, { title: 'No longer in the tree (--prune removes them)', entries: plan.stale }),
  ];
}

type Changes = {
  readonly title: string;
  readonly changes: readonly LockChange[];
  readonly tone: 'fail' | 'warn' | 'pass';
};

function changes(
  { paint, width }: Sheet,
  { title, changes: all, tone }: Changes,
): readonly (readonly string[])[] {
  if (all.length === 0) return [];
  const lines = all.flatMap(({ id, because, after }) => [
    `  ${paint.tone(tone, SYMBOLS[tone])} ${paint.bold(specOf(id))}`,
    ...because.flatMap((clause) => wrap(clause, { width, first: '      ' })),
    ...(after.accepted === undefined || tone !== 'warn'
      ? []
      : wrap(`reason: ${after.accepted.reason}`, { width, first: '      ' })),
  ]);
  return [[paint.bold(title), ...lines]];
}

function unlocked({ plan, paint, width }: Sheet): readonly (readonly string[])[] {
  if (plan.unlocked.length === 0) return [];
  const line = ({ id, why, reason }: Unlocked) => {
    const tone = why === 'refuted' ? 'fail' : 'unverified';
    const word = why === 'refuted' ? 'its proof does not hold' : 'could not be found out';
    const [first = '', ...more] = wrap(`${specOf(id)}: ${word}: ${reason}`, {
      width,
      first: '    ',
      rest: '      ',
    });
    return [`  ${paint.tone(tone, SYMBOLS[tone])} ${first.slice(4)}`, ...more];
  };
  return [
    [paint.bold('Not locked: what is wrong or unknown is never trusted'), ...plan.unlocked.flatMap(line)],
  ];
}

/** Trust on first use is never silent: each new line is named, with what stands behind it. */
function added({ plan, style, paint, width }: Sheet): readonly (readonly string[])[] {
  if (plan.added.length === 0) return [];
  const shown = style.verbose ? plan.added : [...plan.added].sort(leastProofFirst).slice(0, SHOWN);
  const column = Math.min(40, Math.max(...shown.map((entry) => nameOf(entry).length))) + 2;
  const left = plan.added.length - shown.length;
  return [
    [
      `${paint.bold('New: trusted from now on, at first use')} · ${countOf(plan.added.length, 'release line')}`,
      ...shown.flatMap((entry) =>
        wrap(entryWords(entry), {
          width,
          first: `  ${pad(nameOf(entry), column)}`,
          rest: ' '.repeat(column + 2),
        }),
      ),
      ...(left === 0 ? [] : [paint.dim(`  … and ${left} more (--verbose lists all)`)]),
    ],
  ];
}

/** What deserves a look comes before what is cut off. */
function leastProofFirst(a: LockEntry, b: LockEntry): number {
  const weight = ({ installScript, proof, source }: LockEntry) =>
    (installScript ? 4 : 0) + (source === undefined ? 0 : 2) + (isProofEnough(proof, 'signature') ? 0 : 1);
  return weight(b) - weight(a);
}

function nameOf({ name, line }: LockEntry): string {
  return `${name}@${line}`;
}

function entryWords({ proof, signer, installScript, source }: LockEntry): string {
  const built =
    signer === undefined
      ? proofWords(proof)
      : [
          `signed by ${signer.repository ?? signer.subject ?? signer.issuer}`,
          ...[signer.workflow, signer.refClass, signer.trigger].filter((part) => part !== undefined),
        ].join(', ');
  const from = source === undefined ? '' : `, from a ${source} source`;
  return `${built}${from}${installScript ? '; runs code at install' : ''}`;
}

function names(
  { paint, width }: Sheet,
  { title, entries }: { readonly title: string; readonly entries: readonly LockEntry[] },
): readonly (readonly string[])[] {
  if (entries.length === 0) return [];
  return [[paint.bold(title), ...wrap(entries.map(nameOf).join(', '), { width, first: '  ' })]];
}

function advice({ width, paint }: Sheet): readonly string[] {
  const text =
    'Ask the project whether this is meant. If it is: npmsign lock --accept <package> --reason "<what they said>"';
  return wrap(text, { width }).map(paint.dim);
}
