/** The style and the script of the HTML report, and the hashes by which the page's security policy admits them. */

/** Colours have words beside them everywhere; both schemes keep a contrast of at least 4.5 to 1. */
export const STYLE = `
:root { color-scheme: light dark; --pass: #176b2c; --fail: #b3121d; --warn: #8a5a00; --unverified: #7a1fa2; --exempt: #0b5f78; --skip: #595959; --line: #b8b8b8; --paper: #ffffff; --ink: #1b1b1b; }
@media (prefers-color-scheme: dark) { :root { --pass: #6fce85; --fail: #ff8f8f; --warn: #f0c060; --unverified: #dba6f7; --exempt: #7ccfe6; --skip: #b0b0b0; --line: #555555; --paper: #16181c; --ink: #ececec; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 75rem; padding: 1rem 1.5rem; background: var(--paper); color: var(--ink); }
h1 { font-size: 1.35rem; } h2 { font-size: 1.1rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; } dt { font-weight: 600; } dd { margin: 0; overflow-wrap: anywhere; }
form { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; padding: .6rem 0; background: var(--paper); border-bottom: 1px solid var(--line); }
fieldset { display: flex; flex-wrap: wrap; gap: .3rem .8rem; border: 1px solid var(--line); margin: 0; padding: .2rem .6rem; }
input, select, button { font: inherit; }
ul.tree, ul.tree ul { list-style: none; padding-left: 1.1rem; } ul.tree { padding-left: 0; }
summary { cursor: pointer; padding: .1rem .2rem; overflow-wrap: anywhere; } summary:focus-visible { outline: 2px solid currentColor; }
details > p, details > pre, details > .checks { margin: .2rem 0 .2rem 1.1rem; }
pre { overflow-x: auto; font-size: .85rem; }
.effect { font-weight: 600; white-space: nowrap; } .pass { color: var(--pass); } .fail { color: var(--fail); } .warn, .knowing { color: var(--warn); } .unverified { color: var(--unverified); } .exempt { color: var(--exempt); } .skip { color: var(--skip); }
.trust { border: 1px solid currentColor; border-radius: .6rem; padding: 0 .5rem; font-size: .8rem; white-space: nowrap; } .provenance { color: var(--pass); } .publish, .signature { color: var(--exempt); } .none { color: var(--skip); } .unknown { color: var(--unverified); } .refuted { color: var(--fail); }
.through > details > summary { opacity: .65; }
[hidden] { display: none !important; }
`;

/** Filters the tree. Reads the page's own attributes only, and writes nothing but visibility and a count. */
export const SCRIPT = `
'use strict';
const form = document.getElementById('filters');
const find = document.getElementById('find');
const trust = document.getElementById('trust');
const count = document.getElementById('count');
const entries = [...document.querySelectorAll('li[data-effect]')];
const below = entries.toReversed ? entries.toReversed() : [...entries].reverse();
function filter() {
  const name = find.value.trim().toLowerCase();
  const effects = new Set([...form.querySelectorAll('[name=effect]:checked')].map((box) => box.value));
  let shown = 0;
  for (const entry of below) {
    const data = entry.dataset;
    const fits = effects.has(data.effect) && (trust.value === '' || trust.value === data.trust) && data.name.includes(name);
    const inside = entry.querySelector(':scope > details > ul:not(.checks) > li:not([hidden])') !== null;
    entry.hidden = !fits && !inside;
    entry.classList.toggle('through', !fits && inside);
    if (fits) shown += 1;
    if (inside && name !== '') entry.firstElementChild.open = true;
  }
  count.textContent = shown + ' of ' + entries.length + ' shown';
}
function unfold(open) {
  for (const entry of entries) entry.firstElementChild.open = open;
}
form.addEventListener('input', filter);
form.addEventListener('submit', (event) => event.preventDefault());
document.getElementById('unfold').addEventListener('click', () => unfold(true));
document.getElementById('fold').addEventListener('click', () => unfold(false));
filter();
`;

/** SHA-256 of {@link STYLE} and {@link SCRIPT}, base64: a test computes them again. */
export const STYLE_HASH = 'sha256-5dBWxHeSpb6yVhiDW5pCjZK3QdW7E7Mp2BRWfgME5ag=';
export const SCRIPT_HASH = 'sha256-Iyux8CJdGr2TYAW20CBzL3NJ4ovLOvCc9U5krRriCQM=';
