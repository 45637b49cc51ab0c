/** Renders a diff as Markdown: a pull request comment as it stands. */
import type { PackageChange, TrustDiff } from '../model/diff.ts';
import {
  type ChangeGroup,
  changeTitle,
  compareUrl,
  diffHeadline,
  effectWords,
  groupsOf,
  isWorthStating,
  nextStep,
  type Review,
  reviewOf,
  standingWords,
  weightsOf,
} from './diff-words.ts';
import { defused } from './layout.ts';
import { code, inert } from './markdown.ts';
import type { RenderStyle } from './render-style.ts';
import { SYMBOLS } from './style.ts';
import { countOf, pathOf } from './summary.ts';

/** GitHub refuses comments longer than 65,536 characters. */
const LIMIT = 60_000;
/** Packages that one list names. */
const SHOWN = 50;

/** The diff as GitHub-flavoured Markdown in which no string from a stranger can mention, link, format or break out. */
export function renderDiffMarkdown(diff: TrustDiff, style: RenderStyle): string {
  const review = reviewOf(diff);
  const sections = [
    head(diff),
    ...groupsOf(review.look).map(look),
    ...(style.quiet ? [] : calm(review)),
    ...(weightsOf(diff).alarms === 0
      ? []
      : [
          'If a changed signer is right, `npmsign lock --accept <package> --reason "<why>"` records who said so.',
        ]),
    `<sub>npmsign ${inert(diff.tool.version)}, ${inert(diff.judgedAt)}, ${code(diff.before)} → ${code(diff.after)}</sub>`,
  ];
  return defused(`${withinLimit(sections).join('\n\n')}\n`);
}

function head(diff: TrustDiff): string {
  const { alarms, cautions } = weightsOf(diff);
  const symbol = SYMBOLS[alarms > 0 ? 'fail' : cautions > 0 ? 'warn' : 'pass'];
  return `## ${symbol} Dependencies: who signs them now\n\n**${inert(diffHeadline(diff))}.**`;
}

const BULLETS = { alarm: '❌', caution: '⚠️', good: '✅' } as const;

/** Which package, what changed, what stands behind it now, what to do, how it got here. */
function look({ first: change, all }: ChangeGroup): string {
  const { after, chain, findings } = change;
  const next = nextStep(change);
  const url = all.length === 1 ? compareUrl(change) : undefined;
  const lines = [
    ...findings.map(({ weight, text }) => `- ${BULLETS[weight]} ${inert(text)}`),
    ...(after === undefined || !isWorthStating(change) ? [] : [`- Now: ${inert(standingWords(after))}`]),
    // The address is one of a known host, with letters that mean nothing to Markdown: see `compareUrl`.
    ...(url === undefined ? [] : [`- Source: [what changed between the two proved commits](${url})`]),
    ...(next === undefined ? [] : [`- **Next:** ${inert(next)}`]),
    `- Path: ${inert(pathOf(chain, { whole: false }))}`,
  ];
  const names = all.slice(0, SHOWN).map((one) => code(changeTitle(one)));
  const left = all.length - names.length;
  return `### ${names.join(', ')}${left === 0 ? '' : ` and ${left} more`}\n\n${lines.join('\n')}`;
}

function calm(review: Review): readonly string[] {
  return [
    ...table('New, with their proof', { changes: review.fresh, telling: newcomer }),
    ...table('Better proved than before', { changes: review.better, telling: improvement }),
    ...folded('Updated by the same signer', review.same),
    ...folded('Updated, and as little says who built them as before', review.unproved),
    ...folded('Removed', review.removed),
  ];
}

function newcomer({ after }: PackageChange): string {
  if (after === undefined) return '';
  const effect = effectWords(after);
  return `${standingWords(after)}${effect === undefined ? '' : `; ${effect}`}`;
}

function improvement({ findings }: PackageChange): string {
  return findings.map(({ text }) => text).join('; ');
}

type Telling = {
  readonly changes: readonly PackageChange[];
  readonly telling: (change: PackageChange) => string;
};

function table(title: string, { changes, telling }: Telling): readonly string[] {
  if (changes.length === 0) return [];
  const rows = changes
    .slice(0, SHOWN)
    .map(
      (change) =>
        `| ${code(changeTitle(change).replace(/ \(new\)$/, ''))} | ${inert(telling(change))} | ${inert(pathOf(change.chain, { whole: false }))} |`,
    );
  return [
    [
      `### ${title} · ${countOf(changes.length, 'package')}`,
      '',
      '| Package | Proof | Path |',
      '|---|---|---|',
      ...rows,
      ...remainder(changes),
    ].join('\n'),
  ];
}

function folded(title: string, changes: readonly PackageChange[]): readonly string[] {
  if (changes.length === 0) return [];
  const items = changes.slice(0, SHOWN).map((change) => {
    const url = compareUrl(change);
    const diff = url === undefined ? '' : ` ([source](${url}))`;
    return `- ${code(changeTitle(change).replace(/ \(removed\)$/, ''))}${diff}`;
  });
  return [
    [
      `<details><summary>${title} · ${countOf(changes.length, 'package')}</summary>`,
      '',
      ...items,
      ...remainder(changes),
      '',
      '</details>',
    ].join('\n'),
  ];
}

function remainder(changes: readonly PackageChange[]): readonly string[] {
  return changes.length <= SHOWN
    ? []
    : ['', `… and ${changes.length - SHOWN} more: \`npmsign diff --verbose\``];
}

/** Whole sections while they fit; a table is never broken. */
function withinLimit(sections: readonly string[]): readonly string[] {
  const kept: string[] = [];
  let length = 0;
  for (const section of sections) {
    length += section.length + 2;
    if (length > LIMIT) return [...kept, '… cut here: `npmsign diff` tells the rest.'];
    kept.push(section);
  }
  return kept;
}
