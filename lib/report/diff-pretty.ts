/** Renders a diff for a person at a terminal: what deserves a look first, then what is new, then the rest in few lines. */
import type { FindingWeight, PackageChange, TrustDiff } from '../model/diff.ts';
import {
  type ChangeGroup,
  changeTitle,
  compareUrl,
  diffHeadline,
  groupStanding,
  groupsOf,
  improvementsOf,
  improvementWords,
  isWorthStating,
  newcomersOf,
  newcomerWords,
  nextStep,
  type Review,
  reviewOf,
  weightsOf,
} from './diff-words.ts';
import { defused, pad, unbroken, wrap } from './layout.ts';
import { columnsFor, type RenderStyle } from './render-style.ts';
import { createPaint, type Paint, SYMBOLS, type Tone } from './style.ts';
import { countOf, pathOf } from './summary.ts';

/** How many packages a list names before it is cut. */
const SHOWN = 40;
/** How many packages with the same findings are named. */
const TOGETHER = 8;

type Sheet = {
  readonly diff: TrustDiff;
  readonly review: Review;
  readonly style: RenderStyle;
  readonly paint: Paint;
  readonly width: number;
};

/** The diff as text, ending in a newline; when asked to be quiet, only what deserves a look. */
export function renderDiffPretty(diff: TrustDiff, style: RenderStyle): string {
  const review = reviewOf(diff);
  const sheet = { diff, review, style, paint: createPaint(style), width: columnsFor(style) };
  if (style.quiet && review.look.length === 0) return '';
  const sections = [
    headline(sheet),
    ...(review.look.length === 0 ? [] : [looks(sheet)]),
    ...(style.quiet ? [] : calm(sheet)),
    ...(weightsOf(diff).alarms === 0 ? [] : [closing(sheet)]),
  ];
  return defused(`${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`);
}

function headline({ diff, paint, width }: Sheet): readonly string[] {
  const { alarms, cautions } = weightsOf(diff);
  const tone: Tone = alarms > 0 ? 'fail' : cautions > 0 ? 'warn' : 'pass';
  const mark = SYMBOLS[tone];
  const [first = '', ...more] = wrap(diffHeadline(diff), { width, first: '  ' });
  return [
    `${paint.tone(tone, paint.bold(mark))} ${first.slice(2)}`,
    ...more,
    ...wrap(`${diff.before} → ${diff.after}`, { width, first: '  ' }).map(paint.dim),
  ];
}

function looks(sheet: Sheet): readonly string[] {
  const { review, paint } = sheet;
  return [
    paint.bold('Look at these'),
    ...groupsOf(review.look).flatMap((group) => ['', ...look(sheet, group)]),
  ];
}

const TONES: Readonly<Record<FindingWeight, Tone>> = { alarm: 'fail', caution: 'warn', good: 'pass' };

/** Which package, what changed, what stands behind it now, what to do, how it got here. */
function look(sheet: Sheet, group: ChangeGroup): readonly string[] {
  const { paint, width, style } = sheet;
  const { first: change, all } = group;
  const { chain, findings } = change;
  const labelled = (label: string, text: string) =>
    wrap(text, { width, first: `    ${pad(label, 6)}`, rest: ' '.repeat(10) });
  const url = all.length === 1 ? compareUrl(change) : undefined;
  const next = nextStep(change);
  const way = `${pathOf(chain, { whole: style.verbose })}${placeWords(sheet, change)}`;
  return [
    ...wrap(groupTitle(sheet, all), { width, first: '  ', rest: '    ' }).map(paint.bold),
    ...findings.flatMap(({ weight, text }) => {
      const [first = '', ...more] = wrap(text, { width, first: '      ' });
      return [`    ${paint.tone(TONES[weight], SYMBOLS[TONES[weight]])} ${first.slice(6)}`, ...more];
    }),
    ...(isWorthStating(change) ? labelled('now', groupStanding(group)) : []),
    // Never broken: a terminal makes a link of it only whole.
    ...(url === undefined ? [] : [`    ${pad('diff', 6)}${url}`]),
    ...(next === undefined ? [] : labelled('next', next)),
    ...labelled('path', all.length === 1 ? way : `${way}, and the others`).map(paint.dim),
  ];
}

/** Every name, or as many as a reader takes in at once. */
function groupTitle({ style }: Sheet, all: readonly PackageChange[]): string {
  const shown = style.verbose ? all : all.slice(0, TOGETHER);
  const left = all.length - shown.length;
  return `${shown.map((change) => unbroken(changeTitle(change))).join(', ')}${left === 0 ? '' : ` and ${left} more`}`;
}

function placeWords({ diff }: Sheet, { line }: PackageChange): string {
  return line === undefined ? '' : ` (${diff.after}:${line})`;
}

function calm(sheet: Sheet): readonly (readonly string[])[] {
  const { review } = sheet;
  return [
    ...told(sheet, {
      title: 'New, with their proof',
      changes: review.fresh,
      groups: newcomersOf,
      telling: newcomerWords,
    }),
    ...told(sheet, {
      title: 'Better proved than before',
      changes: review.better,
      groups: improvementsOf,
      telling: improvementWords,
    }),
    ...listed(sheet, { title: 'Updated by the same signer', changes: review.same }),
    ...listed(sheet, {
      title: 'Updated, and as little says who built them as before',
      changes: review.unproved,
    }),
    ...listed(sheet, { title: 'Removed', changes: review.removed }),
  ];
}

type Section = { readonly title: string; readonly changes: readonly PackageChange[] };
type Telling = {
  readonly groups: (changes: readonly PackageChange[]) => readonly ChangeGroup[];
  readonly telling: (group: ChangeGroup) => string;
};

/** Packages with a sentence: one for all of which the same is told. */
function told(
  sheet: Sheet,
  { title, changes, groups, telling }: Section & Telling,
): readonly (readonly string[])[] {
  if (changes.length === 0) return [];
  const { paint, width } = sheet;
  const shown = cut(sheet, groups(changes)).map((group) => ({ group, named: cut(sheet, group.all) }));
  return [
    [
      heading(sheet, title, changes),
      ...shown.flatMap(({ group, named }) => [
        ...wrap(namesOf(named), { width, first: '  ' }),
        ...wrap(telling(group), { width, first: '      ' }).map(paint.dim),
      ]),
      ...remainder(sheet, changes.length - shown.flatMap(({ named }) => named).length),
    ],
  ];
}

function namesOf(changes: readonly PackageChange[]): string {
  return changes
    .map((change) => unbroken(changeTitle(change).replace(/ \((?:new|removed)\)$/, '')))
    .join(', ');
}

/** Names and versions, one after the other. */
function listed(sheet: Sheet, { title, changes }: Section): readonly (readonly string[])[] {
  if (changes.length === 0) return [];
  const named = cut(sheet, changes);
  return [
    [
      heading(sheet, title, changes),
      ...wrap(namesOf(named), { width: sheet.width, first: '  ' }),
      ...remainder(sheet, changes.length - named.length),
    ],
  ];
}

function heading({ paint }: Sheet, title: string, changes: readonly PackageChange[]): string {
  return `${paint.bold(title)} · ${countOf(changes.length, 'package')}`;
}

function cut<T>({ style }: Sheet, list: readonly T[]): readonly T[] {
  return style.verbose ? list : list.slice(0, SHOWN);
}

function remainder({ paint }: Sheet, left: number): readonly string[] {
  return left === 0 ? [] : [paint.dim(`  … and ${left} more (--verbose lists all)`)];
}

function closing({ width, paint }: Sheet): readonly string[] {
  const text =
    'If a changed signer is right: npmsign lock --accept <package> --reason "<why>" records who said so.';
  return wrap(text, { width }).map(paint.dim);
}
