/** Renders a report as one self-contained page: the tree coloured by trust, filterable, readable offline. */
import type { Report } from '../model/report.ts';
import { SCRIPT, SCRIPT_HASH, STYLE, STYLE_HASH } from './html-assets.ts';
import { html } from './html-text.ts';
import { TRUST_WORDS, treeHtml } from './html-tree.ts';
import { defused } from './layout.ts';
import { SYMBOLS } from './style.ts';
import {
  coverageOf,
  effectCountsOf,
  headlineOf,
  numberOf,
  policyOf,
  trustOf,
  WORST_FIRST,
} from './summary.ts';

/** Only this very style and script may act, and nothing is ever loaded (CSP level 3). */
const SECURITY = [
  "default-src 'none'",
  `style-src '${STYLE_HASH}'`,
  `script-src '${SCRIPT_HASH}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** The page. Everything is in it as text; without scripts it can be read and unfolded, but not filtered. */
export function renderHtml(report: Report): string {
  const { effect } = report;
  return defused(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${SECURITY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${effect.toUpperCase()} · npmsign · ${html(report.lockfile.path)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1><span class="effect ${effect}">${SYMBOLS[effect]} ${effect.toUpperCase()}</span> ${html(headlineOf(report))}</h1>
${factsHtml(report)}
</header>
${noticesHtml(report)}
${filtersHtml(report)}
<main>
<h2>Packages</h2>
<ul class="tree">
${treeHtml(report)}
</ul>
</main>
<footer>npmsign ${html(report.tool.version)}, judged ${html(report.judgedAt)}</footer>
<script>${SCRIPT}</script>
</body>
</html>
`);
}

function factsHtml({ summary, trust, policy, lockfile }: Report): string {
  const facts: readonly (readonly [string, string])[] = [
    [
      'Packages',
      effectCountsOf(summary)
        .map(({ text }) => text)
        .join(' · ') || 'none',
    ],
    ['Signatures', coverageOf(summary.signatures)],
    ['Provenance', coverageOf(summary.provenance)],
    ['Trust root', trustOf(trust)],
    ['Policy', policyOf(policy)],
    ['Lockfile', `${lockfile.path} (${lockfile.format})`],
  ];
  return `<dl>${facts.map(([label, text]) => `<dt>${label}</dt><dd>${html(text)}</dd>`).join('')}</dl>`;
}

function noticesHtml({ notices }: Report): string {
  if (notices.length === 0) return '';
  const items = notices.map(({ code, message }) => `<li>${html(message)} (${html(code)})</li>`).join('');
  return `<section><h2>Notices</h2><ul>${items}</ul></section>`;
}

function filtersHtml({ summary }: Report): string {
  const effects = WORST_FIRST.map(
    (effect) =>
      `<label><input type="checkbox" name="effect" value="${effect}" checked> <span class="effect ${effect}">` +
      `${SYMBOLS[effect]} ${effect}</span> ${numberOf(summary[effect])}</label>`,
  ).join(' ');
  const trusts = Object.entries(TRUST_WORDS)
    .map(([trust, words]) => `<option value="${trust}">${html(words)}</option>`)
    .join('');
  return `<form id="filters" role="search" aria-label="Filter packages">
<label>Name <input type="search" id="find" autocomplete="off" spellcheck="false"></label>
<fieldset><legend>Effect</legend>${effects}</fieldset>
<label>Trust <select id="trust"><option value="">any</option>${trusts}</select></label>
<button type="button" id="unfold">Unfold all</button> <button type="button" id="fold">Fold all</button>
<output id="count" aria-live="polite"></output>
</form>`;
}
