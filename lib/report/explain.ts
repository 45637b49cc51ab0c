/** Renders everything known about one package, on one screen: the same report `verify` renders, seen close up. */
import type { Report, Verdict } from '../model/report.ts';
import { nearest } from '../text/nearest.ts';
import { specOf, splitSpec } from '../text/package-id.ts';
import { matchesPackage } from '../text/pattern.ts';
import { checkLines, type Room } from './explain-checks.ts';
import { type Pen, provedLines, toldLines } from './explain-evidence.ts';
import { harmlessText, presentable } from './harmless.ts';
import { clip, defused, shorten, wrap } from './layout.ts';
import { columnsFor, type RenderStyle } from './render-style.ts';
import { createPaint, markOf } from './style.ts';
import { countOf, pathOf, placeOf, titleOf } from './summary.ts';
import { worthKnowing } from './worth-knowing.ts';

/** The lines of one screen. */
const SCREEN = 40;

/** From roomy to tight; the first that fits the screen is taken. */
const ROOMS: readonly (Room & { readonly gaps: boolean })[] = [
  { gaps: true, reasons: 'whole', skips: 'each' },
  { gaps: false, reasons: 'whole', skips: 'each' },
  { gaps: false, reasons: 'whole', skips: 'together' },
  { gaps: false, reasons: 'line', skips: 'together' },
];

/** What `explain` has to say, about which packages; `found` is false when there was nothing to explain. */
export type Explanation = {
  readonly found: boolean;
  readonly text: string;
  readonly verdicts: readonly Verdict[];
};

/**
 * Tells the whole story of the packages a spec names (`name`, `name@version`, `name@range`, an alias, or a lockfile key), one screen
 * each. `found` is false when the lockfile holds none; the text then names the nearest ones.
 */
export function renderExplain(report: Report, packageSpec: string, style: RenderStyle): Explanation {
  const chosen = report.verdicts.filter((verdict) => isNamedBy(verdict, packageSpec));
  if (chosen.length === 0) {
    return { found: false, text: defused(notFound(report, packageSpec)), verdicts: [] };
  }
  const shown = presentable({ ...report, verdicts: chosen }, style);
  const screens = folded(shown.verdicts).map((same) => screen(shown, same, style));
  const text = defused(`${screens.map((lines) => lines.join('\n')).join('\n\n')}\n`);
  return { found: true, text, verdicts: chosen };
}

function isNamedBy({ package: pkg }: Verdict, spec: string): boolean {
  if (pkg.key === spec || matchesPackage(pkg.id, spec)) return true;
  const { name, range } = splitSpec(spec);
  return pkg.alias !== undefined && matchesPackage({ ...pkg.id, name: pkg.alias }, range ? spec : name);
}

/** Entries that differ in nothing but their place are told once. */
function folded(verdicts: readonly Verdict[]): readonly (readonly [Verdict, ...Verdict[]])[] {
  const groups = new Map<string, [Verdict, ...Verdict[]]>();
  for (const verdict of verdicts) {
    const { id, alias, source, integrity } = verdict.package;
    const same = JSON.stringify([id, alias, source, integrity, verdict.outcomes, verdict.evidence]);
    const known = groups.get(same);
    if (known === undefined) groups.set(same, [verdict]);
    else known.push(verdict);
  }
  return [...groups.values()];
}

function screen(
  report: Report,
  same: readonly [Verdict, ...Verdict[]],
  style: RenderStyle,
): readonly string[] {
  const pen = { width: columnsFor(style), paint: createPaint(style) };
  const layouts = (style.verbose ? ROOMS.slice(0, 1) : ROOMS).map((room) => {
    const sections = sectionsOf(report, same, { style, pen, room });
    return sections.flatMap((lines, index) => (index > 0 && room.gaps ? ['', ...lines] : lines));
  });
  const fitting = layouts.find((lines) => lines.length <= SCREEN);
  if (fitting !== undefined || style.verbose) return fitting ?? layouts[0] ?? [];
  const tightest = layouts.at(-1) ?? [];
  const left = countOf(tightest.length - SCREEN + 1, 'more line');
  return [...tightest.slice(0, SCREEN - 1), pen.paint.dim(`  … ${left}: --verbose shows them`)];
}

type Sheet = { readonly style: RenderStyle; readonly pen: Pen; readonly room: Room };

function sectionsOf(
  report: Report,
  same: readonly [Verdict, ...Verdict[]],
  { style, pen, room }: Sheet,
): readonly (readonly string[])[] {
  const [verdict] = same;
  const { evidence, outcomes } = verdict;
  const facts =
    evidence.provenance.status === 'proved' ? worthKnowing(evidence.provenance.value.identity) : [];
  return [
    whereLines(report, same, { style, pen, room }),
    [...provedLines(evidence, pen), ...toldLines(evidence.manifest, pen), ...factLines(facts, pen)],
    checkLines(outcomes, room, pen),
  ];
}

function whereLines(
  report: Report,
  [verdict, ...others]: readonly [Verdict, ...Verdict[]],
  { style, pen }: Sheet,
): readonly string[] {
  const { package: pkg, effect } = verdict;
  const integrity = pkg.integrity === undefined ? 'no integrity' : shorten(pkg.integrity.text, 16);
  const more = others.length === 0 ? '' : ` (and at ${countOf(others.length, 'other place')})`;
  const title = clip(`${markOf(effect)}  ${titleOf(pkg)}`, pen.width);
  return [
    pen.paint.tone(effect, pen.paint.bold(title)),
    ...wrap(`${pkg.source.kind}, ${pkg.use} · ${integrity} · ${placeOf(report, pkg)}`, {
      width: pen.width,
      first: '  ',
    }),
    ...wrap(`${pathOf(pkg.chain, { whole: style.verbose })}${more}`, { width: pen.width, first: '  ' }),
  ];
}

function factLines(facts: readonly string[], { width, paint }: Pen): readonly string[] {
  return facts
    .flatMap((fact) => wrap(`worth knowing: ${fact}`, { width, first: '  ! ', rest: '    ' }))
    .map((line) => paint.tone('warn', line));
}

function notFound(report: Report, packageSpec: string): string {
  const { name } = splitSpec(packageSpec);
  const versions = report.verdicts
    .filter((verdict) => verdict.package.id.name === name)
    .map((verdict) => verdict.package.id);
  const where = `${report.lockfile.path} (${countOf(report.verdicts.length, 'package')})`;
  const lines = [
    `${packageSpec} is not in ${where}.`,
    ...(versions.length > 0
      ? [`It holds ${[...new Set(versions.map(specOf))].join(', ')}.`]
      : nearestNames(report, name)),
  ];
  return `${lines.map(harmlessText).join('\n')}\n`;
}

/** The likely typo first, then names that contain the one asked for. */
function nearestNames(report: Report, name: string): readonly string[] {
  const names = [...new Set(report.verdicts.map((verdict) => verdict.package.id.name))];
  const typo = nearest(name, names);
  const containing = name === '' ? [] : names.filter((known) => known.includes(name)).sort();
  const near = [...new Set([...(typo === undefined ? [] : [typo]), ...containing])].slice(0, 5);
  return near.length === 0 ? [] : [`Nearest: ${near.join(', ')}.`];
}
