/** Renders a report as Markdown for a pull request comment or a step summary. */
import type { Effect, Report } from '../model/report.ts';
import { type FindingGroup, groupsOf, type Place } from './findings.ts';
import { clip, defused } from './layout.ts';
import type { RenderStyle } from './render-style.ts';
import { SYMBOLS } from './style.ts';
import {
  countOf,
  coverageOf,
  effectCountsOf,
  headlineOf,
  pathOf,
  placeOf,
  policyOf,
  questionOf,
  titleOf,
  trustOf,
  waiverOf,
} from './summary.ts';

/** GitHub refuses comments longer than 65,536 characters. */
const LIMIT = 60_000;
/** Rows of one table, characters of all its rows, and characters of one cell before escapes. */
const ROWS = 20;
const TABLE = 12_000;
const CELL = 240;

/** What Markdown, GitHub or GitLab would take for something else than text. */
const MEANINGFUL = /[\\`*_[\]<>|&$~"@#]|:\/\/|\bwww\.|[!%^](?=\w)|:(?=[\w+-]+:)|(?<=\bgh)-(?=\d)/gi;

/** What each kind of group is called. */
const HEADINGS: Readonly<Record<Exclude<Effect, 'pass'>, string>> = {
  fail: 'Fail',
  unverified: 'Unverified',
  warn: 'Warn',
  exempt: 'Exempt',
};

/** The report as GitHub-flavoured Markdown in which no string from a stranger can mention, link, format or break out. */
export function renderMarkdown(report: Report, style: RenderStyle): string {
  const stops: readonly Exclude<Effect, 'pass'>[] = ['fail', 'unverified'];
  const sections = [
    head(report),
    ...stops.flatMap((effect) =>
      groupsOf(report, effect, style.rules).map((group) => open(report, group, style)),
    ),
    ...(style.quiet
      ? []
      : [...folded(report, 'warn', style), ...folded(report, 'exempt', style), ...notices(report)]),
    foot(report),
  ];
  return defused(`${withinLimit(sections).join('\n\n')}\n`);
}

function head(report: Report): string {
  const { summary, effect } = report;
  const counts = effectCountsOf(summary)
    .map(({ text }) => text)
    .join(' · ');
  return [
    `## ${SYMBOLS[effect]} npmsign: ${effect.toUpperCase()}`,
    '',
    `**${inert(headlineOf(report))}**`,
    '',
    '| | |',
    '|---|---|',
    `| Packages | ${counts === '' ? 'none' : counts} |`,
    `| Signatures | ${coverageOf(summary.signatures)} |`,
    `| Provenance | ${coverageOf(summary.provenance)} |`,
    `| Trust root | ${inert(trustOf(report.trust))} |`,
    `| Policy | ${inert(policyOf(report.policy))} |`,
    `| Lockfile | ${code(report.lockfile.path)} (${inert(report.lockfile.format)}) |`,
  ].join('\n');
}

function open(report: Report, group: FindingGroup, style: RenderStyle): string {
  return [`### ${headingOf(group)}`, '', ...tableOf(report, group, style)].join('\n');
}

function folded(report: Report, effect: 'warn' | 'exempt', style: RenderStyle): readonly string[] {
  return groupsOf(report, effect, style.rules).map((group) =>
    [
      `<details><summary>${headingOf(group)}</summary>`,
      '',
      ...tableOf(report, group, style),
      '',
      '</details>',
    ].join('\n'),
  );
}

function headingOf({ effect, check, packages }: FindingGroup): string {
  const word = effect === 'pass' ? 'Pass' : HEADINGS[effect];
  return `${SYMBOLS[effect]} ${word}: <code>${check}</code> · ${countOf(packages, 'package')}`;
}

function tableOf(report: Report, group: FindingGroup, style: RenderStyle): readonly string[] {
  const rows = rowsWithin(group.places.slice(0, ROWS).map((place) => row(report, place)));
  const left = group.places.length - rows.length;
  const question = questionOf(group.check, style.rules);
  return [
    ...(question === group.check ? [] : [inert(question), '']),
    '| Package | Found | Next step | Path |',
    '|---|---|---|---|',
    ...rows,
    ...(left === 0 ? [] : ['', `… and ${left} more: <code>npmsign explain &lt;package&gt;</code>`]),
  ];
}

/** As many rows as a table may hold, and never none. */
function rowsWithin(rows: readonly string[]): readonly string[] {
  let length = 0;
  return rows.filter((text, index) => {
    length += text.length;
    return index === 0 || length <= TABLE;
  });
}

function row(report: Report, { package: pkg, outcome, others }: Place): string {
  const { answer, exemption } = outcome;
  const next = exemption === undefined ? (answer.hint ?? '') : waiverOf(exemption);
  const way = `${pathOf(pkg.chain, { whole: false })} (${placeOf(report, pkg)})`;
  const more = others === 0 ? '' : ` and at ${countOf(others, 'other place')}`;
  return `| ${code(titleOf(pkg))} | ${inert(answer.because)} | ${inert(next)} | ${inert(`${way}${more}`)} |`;
}

function notices(report: Report): readonly string[] {
  if (report.notices.length === 0) return [];
  return [report.notices.map(({ code: name, message }) => `- ${inert(message)} (${code(name)})`).join('\n')];
}

function foot(report: Report): string {
  return `<sub>npmsign ${inert(report.tool.version)}, ${inert(report.judgedAt)}</sub>`;
}

/** Whole sections while they fit; a table is never broken. */
function withinLimit(sections: readonly string[]): readonly string[] {
  const kept: string[] = [];
  let length = 0;
  for (const section of sections) {
    length += section.length + 2;
    if (length > LIMIT) return [...kept, '… cut here: `npmsign verify` tells the rest.'];
    kept.push(section);
  }
  return kept;
}

/** Text in which no character has a meaning to Markdown, and nothing becomes a mention, a reference, an emoji or a link. */
export function inert(text: string): string {
  return clip(text, CELL).replace(MEANINGFUL, (found) => {
    // Mentions, references and emoji are made from the rendered text, so an entity does not stop them: an element in between does.
    if (/^[@#!%^:-]$/.test(found)) return `<span>${found}</span>`;
    return inertSyntax(found);
  });
}

/** As code: no mention, reference or emoji is looked for there, but Markdown still is. */
export function code(text: string): string {
  return `<code>${clip(text, CELL).replace(MEANINGFUL, inertSyntax)}</code>`;
}

function inertSyntax(found: string): string {
  return [...found].map((character) => (/[a-z]/i.test(character) ? character : entityOf(character))).join('');
}

function entityOf(character: string): string {
  return `&#${character.charCodeAt(0)};`;
}
