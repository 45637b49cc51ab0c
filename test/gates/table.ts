/** Writes the gate matrix as tables: one of all ways for every manager, one of what remains open, one of every row. */
import { isAboutEvil, isStopped } from './claims.ts';
import { HOLES, type Hole, holesOf } from './holes.ts';
import type { GateRecord, Row, When } from './record.ts';
import { INTENTS, type Intent } from './ways.ts';

/** Ways that come to the same everywhere, told in one line. */
const LINES: readonly (readonly [string, ...Intent[]])[] = [
  [
    '`npmsign ci`: cold or warm cache, in a workspace folder, production only, scripts ignored, `--sealed`',
    ...(['ci', 'ci-warm', 'ci-member', 'ci-production', 'ci-ignore-scripts', 'ci-sealed'] as const),
  ],
  ['`npmsign ci` and `install`, an evil config dependency', 'ci-config', 'install-config'],
  [
    '`npmsign install`, and with a package, also in a workspace folder',
    ...(['install', 'install-evil', 'install-evil-member'] as const),
  ],
  [
    'frozen install: cold or warm cache, production only',
    ...(['frozen', 'frozen-warm', 'frozen-production'] as const),
  ],
  ['frozen install in a workspace folder', 'frozen-member'],
  ['frozen install, scripts ignored', 'frozen-ignore-scripts'],
  ['frozen install, a script the project does not allow', 'frozen-unreviewed'],
  ['frozen install, an evil config dependency', 'config'],
  ['bare install', 'bare'],
  ['bare install, evil in package.json and not in the lockfile', 'bare-wanted'],
  ['bare install, no lockfile', 'bare-unlocked'],
  ['install one package', 'add'],
  ['install one package in a workspace folder', 'add-member'],
  ['install one package, scripts ignored', 'add-ignore-scripts'],
  ['update to a version that turned evil', 'update'],
  ['dedupe', 'dedupe'],
  ['rebuild', 'rebuild'],
  ['allow a script that was held back', 'trust'],
  ['fetch only', 'fetch'],
  ['run a package that is not installed', 'run'],
  ['the hooks left out by a flag', 'no-hooks'],
];

type Column = { readonly head: string; readonly rows: readonly Row[] };

/** What the README shows: all ways, and what remains open. */
export function gateTables({ rows, versions }: GateRecord): string {
  const evil = rows.filter(isAboutEvil);
  return [
    overview(columnsOf(evil)),
    '',
    legendFor(evil, versions),
    '',
    'What remains open, and what to do instead:',
    '',
    ...HOLES.map((hole) => openItem(hole, evil)),
  ].join('\n');
}

/** Every row with all that was seen. */
export function fullTable({ rows }: GateRecord): string {
  const head = ['manager', 'way', 'set up', 'command', 'gate', 'tarballs', 'ran', 'exit', 'left on disk'];
  const lines = rows.map((row) => [
    row.manager,
    INTENTS[row.intent],
    row.setUp,
    `\`${row.command}\``,
    WORDS[row.when],
    listed(row.tarballs),
    listed(row.ran),
    String(row.exit),
    listed(row.left),
  ]);
  return tableOf(head, lines);
}

const WORDS: Readonly<Record<When, string>> = {
  before: 'before',
  setting: 'before, by npm',
  unpacking: '**fetched only**',
  late: '**late**',
  after: '**after**',
  blind: '**blind**',
  never: '**never**',
};

function columnsOf(rows: readonly Row[]): readonly Column[] {
  const managers = [...new Set(rows.map(({ manager }) => manager))];
  return managers.flatMap((manager) => {
    const own = rows.filter((row) => row.manager === manager);
    const extended = own.filter(({ setUp }) => setUp === 'init --npm-extension');
    const plain = { head: manager, rows: own.filter((row) => !extended.includes(row)) };
    return extended.length === 0 ? [plain] : [plain, { head: `${manager}, extension`, rows: extended }];
  });
}

function overview(columns: readonly Column[]): string {
  const lines = LINES.map(([label, ...intents]) => [
    label,
    ...columns.map((column) => cell(column, intents)),
  ]);
  return tableOf(['way', ...columns.map(({ head }) => head)], lines);
}

function cell({ head, rows }: Column, intents: readonly Intent[]): string {
  const words = new Set(rows.filter(({ intent }) => intents.includes(intent)).map(({ when }) => WORDS[when]));
  if (words.size > 1) throw new Error(`${head} does not come to one answer for ${intents.join(', ')}.`);
  return [...words][0] ?? '';
}

function legendFor(evil: readonly Row[], versions: GateRecord['versions']): string {
  const stopped = evil.filter(isStopped).length;
  return [
    '*before*: the registry was asked for no tarball, no script and no command of the package ran, every byte of the project is as it was, and',
    'the command failed. *before, by npm*: the same, by the setting `strict-allow-scripts` that `init` wrote. *fetched only*: as *before*, but for a',
    'tarball. *late*: the command failed, and something had been written or had run. *after*: the command failed once all was done. *never*: nobody',
    'asked. Empty: the manager has no such way, or the extension changes nothing about it.',
    `${evil.length} ways were tried, ${stopped} of them stopped *before*, with ${Object.values(versions).join(', ')}.`,
  ].join('\n');
}

function openItem(hole: Hole, evil: readonly Row[]): string {
  const groups = groupsOf(evil.filter((row) => holesOf(row).includes(hole)));
  const items = [...groups].map(([happens, rows]) => `  - ${namesOf(rows)}: ${happens}`);
  return [`- ${hole.why} Instead: ${hole.instead}.`, ...items].join('\n');
}

/** Rows of one hole that come to the same. */
function groupsOf(rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, readonly Row[]>();
  for (const row of rows) {
    const key = happening(row);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return groups;
}

/** The commands, each once, and under which circumstances. */
function namesOf(rows: readonly Row[]): string {
  const byManager = new Map<string, Set<string>>();
  for (const { manager, command, intent } of rows) {
    const names = byManager.get(manager) ?? new Set();
    byManager.set(manager, names.add(`\`${command}\`${CIRCUMSTANCES[intent] ?? ''}`));
  }
  const byNames = new Map<string, string[]>();
  for (const [manager, names] of byManager) {
    const key = [...names].join(', ');
    byNames.set(key, [...(byNames.get(key) ?? []), manager]);
  }
  return [...byNames].map(([names, managers]) => `${managers.join(', ')}: ${names}`).join('; ');
}

const CIRCUMSTANCES: Readonly<Partial<Record<Intent, string>>> = {
  'frozen-warm': ' with a warm cache',
  'frozen-member': ' in a workspace folder',
  'frozen-unreviewed': ' with a script the project does not allow',
  'bare-wanted': ' with evil in package.json only',
  'bare-unlocked': ' without a lockfile',
  'add-member': ' in a workspace folder',
};

function happening({ when, tarballs, ran, exit, left }: Row): string {
  const scripts = [...new Set(ran.map((mark) => mark.replace(/^\S+ /, '')))];
  const files = left.map((name) => name.slice(1)).filter((name) => !/(^|\/)node_modules(\/|$)/.test(name));
  const things = [
    ...(left.length > files.length ? ['`node_modules`'] : []),
    ...(files.some((name) => name.endsWith('package.json')) ? ['package.json'] : []),
    ...(files.some((name) => !name.endsWith('package.json')) ? ['lockfile'] : []),
  ];
  return [
    `gate ${WORDS[when]}`,
    tarballs.length > 0 ? 'tarball asked for' : 'no tarball',
    scripts.length > 0 ? `${scripts.sort().join(', ')} ran` : 'nothing ran',
    `exit ${exit}`,
    things.length > 0 ? `changed: ${things.join(', ')}` : 'nothing changed',
  ].join('; ');
}

function listed(words: readonly string[]): string {
  return words.length === 0 ? 'none' : words.join(' ');
}

function tableOf(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...lines.map(line)].join('\n');
}
