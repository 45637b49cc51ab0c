/** The gate matrix as it is kept: what was seen for every manager and way, in a file that machines read. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Contestant } from './contestants.ts';
import type { Way } from './ways.ts';

/** When the gate ran. */
export type When =
  /** Before anything was fetched, and nothing came of it. */
  | 'before'
  /** After a tarball was asked for, and before it was unpacked. */
  | 'unpacking'
  /** The command failed, but something had been written or had run. */
  | 'late'
  /** Once the change was made. */
  | 'after'
  /** Not at all: a setting that `init` wrote had the manager itself refuse, before anything was fetched. */
  | 'setting'
  /** It ran, and what was installed is not in what it judged. */
  | 'blind'
  | 'never';

/** What was seen of one way. */
export type Row = {
  /** Such as `npm 12`. */
  readonly manager: string;
  readonly intent: Way['intent'];
  readonly gate: Way['gate'];
  readonly setUp: 'init' | 'init --npm-extension' | 'none';
  readonly command: string;
  readonly when: When;
  /** Names of the packages whose tarballs the registry was asked for. */
  readonly tarballs: readonly string[];
  /** `<package> <script>`, or `<package> bin`. */
  readonly ran: readonly string[];
  readonly exit: number;
  /** `+` new, `~` changed, `-` gone. */
  readonly left: readonly string[];
};

/** The whole of it. */
export type GateRecord = {
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
};

const FILE = fileURLToPath(new URL('../golden/gates.json', import.meta.url));

/** What a row is of, without what was seen. */
export function nameOf(
  { name }: Contestant,
  { intent, gate, args, setUp }: Way,
): Pick<Row, 'intent' | 'gate' | 'setUp' | 'command'> {
  const program = gate === 'npmsign' ? 'npmsign' : name;
  const by = {
    none: 'none',
    npmsign: 'init',
    hook: setUp === undefined ? 'init' : 'init --npm-extension',
  } as const;
  return { intent, gate, setUp: by[gate], command: [program, ...args].join(' ') };
}

/** The record in the repository. */
export function readRecord(): GateRecord {
  return JSON.parse(readFileSync(FILE, 'utf8')); // Our own file, written below.
}

/** The versions that were tried, each with its manager's name. */
export function versionsOf(contestants: readonly Contestant[]): GateRecord['versions'] {
  return Object.fromEntries(
    contestants.map(({ title, name, manager }) => [title, `${name} ${manager.version}`]),
  );
}

/** Keeps a record, one row a line. */
export function writeRecord({ versions, rows }: GateRecord): void {
  const lines = rows.map((row) => `    ${JSON.stringify(row)}`).join(',\n');
  writeFileSync(FILE, `{\n  "versions": ${JSON.stringify(versions)},\n  "rows": [\n${lines}\n  ]\n}\n`);
}
