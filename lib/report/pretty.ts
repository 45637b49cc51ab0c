/** Renders a report for a person at a terminal: the whole run in five seconds, then what to do. */
import type { Effect, Report } from '../model/report.ts';
import { type FindingGroup, foldedGroups, groupsOf, type Place } from './findings.ts';
import { columnsOf, defused, pad, unbroken, wrap } from './layout.ts';
import { columnsFor, type RenderStyle } from './render-style.ts';
import { createPaint, markOf, type Paint } from './style.ts';
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

/** How many packages a group names before it is cut. */
const SHOWN = { fail: 6, unverified: 4, warn: 3 } as const;

/** Everything a section needs besides its own findings. */
type Sheet = {
  readonly report: Report;
  readonly style: RenderStyle;
  readonly paint: Paint;
  readonly width: number;
};

/** The report as text (SPEC 7), ending in a newline. Empty when it is asked to be quiet and nothing stops the install. */
export function renderPretty(report: Report, style: RenderStyle): string {
  const sheet = { report, style, paint: createPaint(style), width: columnsFor(style) };
  const stops = report.effect === 'fail' || report.effect === 'unverified';
  if (style.quiet && !stops) return '';
  const sections = [
    headline(sheet),
    ...(style.quiet ? [] : [facts(sheet)]),
    ...stoppers(sheet),
    ...failures(sheet),
    ...unverified(sheet),
    ...(style.quiet ? [] : [...warnings(sheet), ...exemptions(sheet), ...notices(sheet)]),
  ];
  return defused(`${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`);
}

function headline({ report, paint, width }: Sheet): readonly string[] {
  const mark = markOf(report.effect);
  const indent = ' '.repeat(columnsOf(mark) + 2);
  const [first = '', ...more] = wrap(headlineOf(report), { width, first: indent });
  return [`${paint.tone(report.effect, paint.bold(mark))}${first.slice(columnsOf(mark))}`, ...more];
}

function facts(sheet: Sheet): readonly string[] {
  const { report, paint } = sheet;
  const { summary, lockfile } = report;
  const counts = effectCountsOf(summary);
  const packages = counts.map(({ text }) => unbroken(text)).join(' · ');
  return [
    ...fact(sheet, 'Packages', packages === '' ? 'none' : packages).map((line) =>
      counts.reduce((painted, { effect, text }) => painted.replace(text, paint.tone(effect, text)), line),
    ),
    ...fact(sheet, 'Signatures', coverageOf(summary.signatures)),
    ...fact(sheet, 'Provenance', coverageOf(summary.provenance)),
    ...fact(sheet, 'Trust root', trustOf(report.trust)),
    ...fact(sheet, 'Policy', policyOf(report.policy)),
    ...fact(sheet, 'Lockfile', `${lockfile.path} (${lockfile.format})`),
  ];
}

function fact({ width }: Sheet, label: string, text: string): readonly string[] {
  return wrap(text, { width, first: `  ${pad(label, 12)}`, rest: ' '.repeat(14) });
}

function failures(sheet: Sheet): readonly (readonly string[])[] {
  const { paint, style, width } = sheet;
  const { telling, repeating } = groupsToTell(sheet, 'fail');
  const sections = telling.map((group) => [
    groupHeading(sheet, group),
    ...wrap(questionOf(group.check, style.rules), { width, first: '  ' }).map(paint.dim),
    ...cut(sheet, group, SHOWN.fail).flatMap((place) => ['', ...failure(sheet, place)]),
    ...remainder(sheet, group, SHOWN.fail),
  ]);
  return repeating.length === 0 ? sections : [...sections, likewise(sheet, repeating)];
}

function groupsToTell({ report, style }: Sheet, effect: Effect): ReturnType<typeof foldedGroups> {
  const groups = groupsOf(report, effect, style.rules);
  return style.verbose ? { telling: groups, repeating: [] } : foldedGroups(groups);
}

/** One refuted proof fails every check that reads it: told once, and the others by name. */
function likewise({ paint, width }: Sheet, groups: readonly FindingGroup[]): readonly string[] {
  const names = groups.map(({ check, packages }) => `${check} (${countOf(packages, 'package')})`);
  const effect = groups[0]?.effect ?? 'fail';
  const mark = paint.tone(effect, paint.bold(markOf(effect)));
  return [
    `${mark}  ${paint.bold('likewise')}, for the same reasons`,
    ...wrap(names.join(', '), { width, first: '  ', rest: '  ' }),
  ];
}

/** Which package, what was asked (the heading above), what was found, what to do (STYLE 12). */
function failure(sheet: Sheet, place: Place): readonly string[] {
  const { report, style, paint, width } = sheet;
  const { because, hint } = place.outcome.answer;
  const way = `${pathOf(place.package.chain, { whole: style.verbose })}  (${placeOf(report, place.package)})`;
  const more = place.others === 0 ? '' : ` and at ${countOf(place.others, 'other place')}`;
  const labelled = (label: string, text: string) =>
    wrap(text, { width, first: `    ${pad(label, 6)}`, rest: ' '.repeat(10) });
  return [
    ...wrap(titleOf(place.package), { width, first: '  ', rest: '    ' }).map(paint.bold),
    ...labelled('found', because),
    ...(hint === undefined ? [] : labelled('next', hint)),
    ...labelled('path', `${way}${more}`).map(paint.dim),
  ];
}

function unverified(sheet: Sheet): readonly (readonly string[])[] {
  const { telling, repeating } = groupsToTell(sheet, 'unverified');
  const { paint, style, width } = sheet;
  const sections = telling.map((group, index) => {
    const question = `${questionOf(group.check, style.rules)} That could not be found out.`;
    const meaning = 'This is no violation, but it stops the install until it can be verified.';
    return [
      groupHeading(sheet, group),
      ...wrap(index === 0 ? `${question} ${meaning}` : question, { width, first: '  ' }).map(paint.dim),
      ...byReason(group.places).flatMap((same) => openQuestion(sheet, same)),
    ];
  });
  return repeating.length === 0 ? sections : [...sections, likewise(sheet, repeating)];
}

/** A registry that is down concerns every package: the reason is told once, with the packages it keeps open. */
function openQuestion({ paint, width, style }: Sheet, same: readonly [Place, ...Place[]]): readonly string[] {
  const { because, hint } = same[0].outcome.answer;
  const shown = style.verbose ? same : same.slice(0, SHOWN.unverified);
  const names = shown.map(({ package: pkg, others }) =>
    others === 0 ? titleOf(pkg) : `${titleOf(pkg)} (and ${countOf(others, 'other place')})`,
  );
  const left = same.length - shown.length;
  const who = left === 0 ? names.join(', ') : `${names.join(', ')} and ${left} more`;
  return [
    ...wrap(`${who}: ${because}`, { width, first: '  ', rest: '    ' }),
    ...(hint === undefined
      ? []
      : wrap(hint, { width, first: `    ${pad('next', 6)}`, rest: ' '.repeat(10) })),
  ].map((line, index) => (index === 0 ? line : paint.dim(line)));
}

/** Places of one reason together, in the order met. */
function byReason(places: readonly Place[]): readonly (readonly [Place, ...Place[]])[] {
  const reasons = new Map<string, [Place, ...Place[]]>();
  for (const place of places) {
    const { because, hint } = place.outcome.answer;
    const known = reasons.get(`${because} ${hint ?? ''}`);
    if (known === undefined) reasons.set(`${because} ${hint ?? ''}`, [place]);
    else known.push(place);
  }
  return [...reasons.values()];
}

function groupHeading({ paint }: Sheet, { check, effect, packages }: FindingGroup): string {
  const mark = paint.tone(effect, paint.bold(markOf(effect)));
  return `${mark}  ${paint.bold(check)} · ${countOf(packages, 'package')}`;
}

function warnings(sheet: Sheet): readonly (readonly string[])[] {
  return listed(sheet, 'warn', ({ outcome }) => outcome.answer.because);
}

function exemptions(sheet: Sheet): readonly (readonly string[])[] {
  if (!sheet.style.verbose) return [];
  return listed(sheet, 'exempt', ({ outcome }) =>
    outcome.exemption === undefined ? outcome.answer.because : waiverOf(outcome.exemption),
  );
}

/** Brief: names alone, unless there is only one to tell about. Verbose: each with its reason. */
function listed(
  sheet: Sheet,
  effect: Extract<Effect, 'warn' | 'exempt'>,
  reasonOf: (place: Place) => string,
): readonly (readonly string[])[] {
  const { style, width } = sheet;
  return groupsOf(sheet.report, effect, style.rules).map((group) => {
    const reasoned = style.verbose || group.places.length === 1;
    const names = group.places.slice(0, SHOWN.warn).map((place) => titleOf(place.package));
    const left = group.places.length - names.length;
    const texts = reasoned
      ? group.places.map((place) => `${titleOf(place.package)}: ${reasonOf(place)}`)
      : [`${names.join(', ')}${left === 0 ? '' : ` … and ${left} more`}`];
    const lines = texts.flatMap((text) => wrap(text, { width, first: '  ', rest: '    ' }));
    return [groupHeading(sheet, group), ...lines];
  });
}

/** What stops the install and is not about one package. */
function stoppers({ report, paint, width }: Sheet): readonly (readonly string[])[] {
  return report.notices.flatMap(({ code, message, effect }) => {
    if (effect === undefined) return [];
    const mark = markOf(effect);
    const [first = '', ...more] = wrap(`${message} (${code})`, { width, first: `${mark}  `, rest: '  ' });
    return [[`${paint.tone(effect, paint.bold(mark))}${first.slice(mark.length)}`, ...more]];
  });
}

function notices({ report, paint, width }: Sheet): readonly (readonly string[])[] {
  const lines = report.notices
    .filter(({ effect }) => effect === undefined)
    .flatMap(({ code, message }) => wrap(`${message} (${code})`, { width, first: 'i NOTICE  ', rest: '  ' }));
  return lines.length === 0 ? [] : [lines.map(paint.dim)];
}

function cut({ style }: Sheet, group: FindingGroup, shown: number): readonly Place[] {
  return style.verbose ? group.places : group.places.slice(0, shown);
}

function remainder(sheet: Sheet, group: FindingGroup, shown: number): readonly string[] {
  const left = group.places.length - cut(sheet, group, shown).length;
  if (left === 0) return [];
  const more = `… and ${left} more (npmsign explain <package>, or --format json)`;
  return ['', ...wrap(more, { width: sheet.width, first: '  ' }).map(sheet.paint.dim)];
}
