/** Renders a diff as Markdown: a pull request comment as it stands. */
import type { PackageChange, TrustDiff } from '../model/diff.ts';
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
import { defused } from './layout.ts';
import { code, inert } from './markdown.ts';
import type { RenderStyle } from './render-style.ts';
import { SYMBOLS } from './style.ts';
import { countOf, pathOf } from './summary.ts';

/** GitHub refuses comments longer than 65,536 characters. */
const LIMIT = 60_000;
/** Packages that one list names. */
const SHOWN = 50;
/** What to look at that is told in full; the rest is folded, in one line each. */
const LOOKED = 30;

/** The diff as GitHub-flavoured Markdown in which no string from a stranger can mention, link, format or break out. */
export function renderDiffMarkdown(diff: TrustDiff, style: RenderStyle): string {
  const review = reviewOf(diff);
  const looks = groupsOf(review.look);
  const sections = [
    head(diff),
    ...looks.slice(0, LOOKED).map(look),
    ...furtherLooks(looks.slice(LOOKED)),
    ...(style.quiet ? [] : calm(review)),
  ];
  const last = [
    ...(weightsOf(diff).alarms === 0
      ? []
      : [
          'If a changed signer is right, `npmsign lock --accept <package> --reason "<why>"` records who said so.',
        ]),
    `<sub>npmsign ${inert(diff.tool.version)}, ${inert(diff.judgedAt)}, ${code(diff.before)} → ${code(diff.after)}</sub>`,
  ];
  return defused(`${withinLimit(sections, last).join('\n\n')}\n`);
}

function head(diff: TrustDiff): string {
  const { alarms, cautions } = weightsOf(diff);
  const symbol = SYMBOLS[alarms > 0 ? 'fail' : cautions > 0 ? 'warn' : 'pass'];
  return `## ${symbol} Dependencies: who signs them now\n\n**${inert(diffHeadline(diff))}.**`;
}

const BULLETS = { alarm: '❌', caution: '⚠️', good: '✅' } as const;

/** Which package, what changed, what stands behind it now, what to do, how it got here. */
function look(group: ChangeGroup): string {
  const { first: change, all } = group;
  const { chain, findings } = change;
  const next = nextStep(change);
  const url = all.length === 1 ? compareUrl(change) : undefined;
  const lines = [
    ...findings.map(({ weight, text }) => `- ${BULLETS[weight]} ${inert(text)}`),
    ...(isWorthStating(change) ? [`- Now: ${inert(groupStanding(group))}`] : []),
    // The address is one of a known host, with letters that mean nothing to Markdown: see `compareUrl`.
    ...(url === undefined ? [] : [`- Source: [what changed between the two proved commits](${url})`]),
    ...(next === undefined ? [] : [`- **Next:** ${inert(next)}`]),
    `- Path: ${inert(pathOf(chain, { whole: false }))}${othersWords(all)}`,
  ];
  const names = all.slice(0, SHOWN).map((one) => code(changeTitle(one)));
  const left = all.length - names.length;
  return `### ${names.join(', ')}${left === 0 ? '' : ` and ${left} more`}\n\n${lines.join('\n')}`;
}

/** Folded, but never left out: a comment that hides an alarm is worse than none. */
function furtherLooks(groups: readonly ChangeGroup[]): readonly string[] {
  if (groups.length === 0) return [];
  const items = groups.slice(0, SHOWN).map(({ first, all }) => {
    const [worst] = first.findings;
    const words = worst === undefined ? '' : ` ${BULLETS[worst.weight]} ${inert(worst.text)}`;
    return `- ${code(changeTitle(first))}${othersWords(all)}:${words}`;
  });
  return [
    [
      `<details><summary>⚠️ More to look at · ${countOf(groups.flatMap(({ all }) => all).length, 'package')}</summary>`,
      '',
      ...items,
      ...remainder(groups.length - items.length),
      '',
      '</details>',
    ].join('\n'),
  ];
}

function othersWords(all: readonly PackageChange[]): string {
  return all.length === 1 ? '' : `, and ${countOf(all.length - 1, 'other')}`;
}

function calm(review: Review): readonly string[] {
  return [
    ...table('New, with their proof', {
      changes: review.fresh,
      groups: newcomersOf,
      telling: newcomerWords,
    }),
    ...table('Better proved than before', {
      changes: review.better,
      groups: improvementsOf,
      telling: improvementWords,
    }),
    ...folded('Updated by the same signer', review.same),
    ...folded('Updated, and as little says who built them as before', review.unproved),
    ...folded('Removed', review.removed),
  ];
}

type Telling = {
  readonly changes: readonly PackageChange[];
  readonly groups: (changes: readonly PackageChange[]) => readonly ChangeGroup[];
  readonly telling: (group: ChangeGroup) => string;
};

/** A row for all of which the same is told. */
function table(title: string, { changes, groups, telling }: Telling): readonly string[] {
  if (changes.length === 0) return [];
  const shown = groups(changes)
    .slice(0, SHOWN)
    .map((group) => ({ group, named: group.all.slice(0, SHOWN) }));
  const rows = shown.map(({ group, named }) => {
    const names = named.map((change) => code(changeTitle(change).replace(/ \(new\)$/, '')));
    const path = `${inert(pathOf(group.first.chain, { whole: false }))}${othersWords(group.all)}`;
    return `| ${names.join(', ')} | ${inert(telling(group))} | ${path} |`;
  });
  return [
    [
      `### ${title} · ${countOf(changes.length, 'package')}`,
      '',
      '| Package | Proof | Path |',
      '|---|---|---|',
      ...rows,
      ...remainder(changes.length - shown.flatMap(({ named }) => named).length),
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
      ...remainder(changes.length - items.length),
      '',
      '</details>',
    ].join('\n'),
  ];
}

function remainder(left: number): readonly string[] {
  return left === 0 ? [] : ['', `… and ${left} more: \`npmsign diff --verbose\``];
}

/** Whole sections while they fit, and always the last ones; a table is never broken. */
function withinLimit(sections: readonly string[], last: readonly string[]): readonly string[] {
  const kept: string[] = [];
  let length = last.join('\n\n').length;
  for (const section of sections) {
    length += section.length + 2;
    if (length > LIMIT) return [...kept, '… cut here: `npmsign diff` tells the rest.', ...last];
    kept.push(section);
  }
  return [...kept, ...last];
}
