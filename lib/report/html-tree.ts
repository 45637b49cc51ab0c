/** Renders packages as a tree of unfoldable entries, each coloured and worded by what was proved about it. */
import type { Evidence } from '../model/evidence.ts';
import type { Outcome, Report, Verdict } from '../model/report.ts';
import { provedLines, toldLines } from './explain-evidence.ts';
import { html } from './html-text.ts';
import { createPaint, SYMBOLS, toneOf } from './style.ts';
import { pathOf, placeOf, titleOf, waiverOf } from './summary.ts';
import { worthKnowing } from './worth-knowing.ts';

/** How much is proved about a package, in words. */
export const TRUST_WORDS = {
  provenance: 'provenance proved',
  publish: 'publish logged',
  signature: 'signed by the registry',
  none: 'nothing proved',
  unknown: 'could not find out',
  refuted: 'refuted',
} as const;

type Trust = keyof typeof TRUST_WORDS;

/** A package and what is shown beneath it. */
type Branch = { readonly verdict: Verdict; readonly children: Branch[]; stops: boolean };

/** Entries deeper than this are shown at this depth: browsers stop nesting at some point, and a lockfile can be hostile. */
const DEEPEST = 40;

/** Evidence is laid out as in `explain`, without colour. */
const PEN = { width: 110, paint: createPaint({ color: false }) };

/** The whole tree as list items. What stops the install is unfolded. */
export function treeHtml(report: Report): string {
  return branchesOf(report.verdicts)
    .map((branch) => branchHtml(report, branch))
    .join('\n');
}

/** Hangs each package beneath the nearest package of its chain. */
function branchesOf(verdicts: readonly Verdict[]): readonly Branch[] {
  const roots: Branch[] = [];
  const byChain = new Map<string, Branch>();
  const byDepth = [...verdicts].sort((a, b) => a.package.chain.length - b.package.chain.length);
  for (const verdict of byDepth) {
    const branch: Branch = { verdict, children: [], stops: false };
    const ancestors = ancestorsOf(verdict.package.chain, byChain);
    (ancestors[0]?.children ?? roots).push(branch);
    const chain = keyOf(verdict.package.chain);
    if (verdict.package.chain.length <= DEEPEST && !byChain.has(chain)) byChain.set(chain, branch);
    if (verdict.effect !== 'fail' && verdict.effect !== 'unverified') continue;
    for (const stopped of [branch, ...ancestors]) stopped.stops = true;
  }
  return roots;
}

/** The packages on the way, nearest first. */
function ancestorsOf(chain: readonly string[], byChain: ReadonlyMap<string, Branch>): readonly Branch[] {
  const found: Branch[] = [];
  for (let length = Math.min(chain.length - 1, DEEPEST); length > 0; length--) {
    const branch = byChain.get(keyOf(chain.slice(0, length)));
    if (branch !== undefined) found.push(branch);
  }
  return found;
}

function keyOf(chain: readonly string[]): string {
  return JSON.stringify(chain);
}

function branchHtml(report: Report, { verdict, children, stops }: Branch): string {
  const { package: pkg, evidence, effect } = verdict;
  const trust = trustOf(evidence);
  const title = html(titleOf(pkg));
  const nested =
    children.length === 0
      ? ''
      : `<ul>\n${children.map((child) => branchHtml(report, child)).join('\n')}\n</ul>`;
  return (
    `<li data-effect="${effect}" data-trust="${trust}" data-name="${html(titleOf(pkg).toLowerCase())}">` +
    `<details${stops ? ' open' : ''}><summary><span class="effect ${effect}">${SYMBOLS[effect]} ${effect}</span> ` +
    `<b>${title}</b> <span class="trust ${trust}">${TRUST_WORDS[trust]}</span></summary>` +
    `${factsHtml(report, verdict)}${nested}</details></li>`
  );
}

function factsHtml(report: Report, { package: pkg, evidence, outcomes }: Verdict): string {
  const facts =
    evidence.provenance.status === 'proved' ? worthKnowing(evidence.provenance.value.identity) : [];
  const where = `${pkg.source.kind} · ${placeOf(report, pkg)} · ${pathOf(pkg.chain, { whole: false })}`;
  const lines = [...provedLines(evidence, PEN), ...toldLines(evidence.manifest, PEN)].join('\n');
  return (
    `<p>${html(where)}</p><pre>${html(lines)}</pre>` +
    facts.map((fact) => `<p class="knowing">! worth knowing: ${html(fact)}</p>`).join('') +
    `<ul class="checks">${outcomesHtml(outcomes)}</ul>`
  );
}

/** What passes is named on one line; the rest is told in full. */
function outcomesHtml(outcomes: readonly Outcome[]): string {
  const passing = outcomes.filter((outcome) => outcome.effect === 'pass').map((outcome) => outcome.check);
  const rest = outcomes.filter((outcome) => outcome.effect !== 'pass').map(outcomeHtml);
  const line =
    passing.length === 0
      ? ''
      : `<li><span class="effect pass">${SYMBOLS.pass} pass</span> ${passing.join(', ')}</li>`;
  return rest.join('') + line;
}

function outcomeHtml(outcome: Outcome): string {
  const { check, answer, exemption, level, decidedBy } = outcome;
  const tone = toneOf(outcome);
  const next = exemption === undefined ? answer.hint : waiverOf(exemption);
  const decided = decidedBy === undefined ? level : `${level}, ${decidedBy}`;
  return (
    `<li><span class="effect ${tone}">${SYMBOLS[tone]} ${tone}</span> <b>${check}</b>: ${html(answer.because)} ` +
    `[${html(decided)}]${next === undefined ? '' : `<br>${html(next)}`}</li>`
  );
}

/** Anything refuted outweighs whatever else is proved. */
function trustOf({ signature, publish, provenance }: Evidence): Trust {
  const statuses = [signature.status, publish.status, provenance.status];
  if (statuses.includes('refuted')) return 'refuted';
  if (provenance.status === 'proved') return 'provenance';
  if (publish.status === 'proved') return 'publish';
  if (signature.status === 'proved') return 'signature';
  return statuses.includes('unavailable') ? 'unknown' : 'none';
}
