/** Runs every row of the attack list and prints them as one table: effect, deciding check, and what became of the canary. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { type Row, tableLine } from '../test/attacks/rows.ts';

const FAMILIES = ['replays', 'tampering', 'remembered', 'not-attacks', 'trouble'];
/** What ATTACKS.md lists: a family's letter, and how many rows it has. */
const WANTED = new Map([
  ['A', 9],
  ['T', 18],
  ['N', 9],
  ['U', 6],
]);

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'npmsign-attacks-'));
const collected = join(folder, 'rows.jsonl');
writeFileSync(collected, '');
try {
  const code = await runTests();
  const rows = readRows();
  const missing = missingFrom(rows);
  process.stdout.write(`\n${table(rows)}\n\n`);
  process.stdout.write(`${new Set(rows.map(({ id }) => id)).size} rows of the list, ${rows.length} cases, `);
  process.stdout.write(missing.length === 0 ? 'none missing\n' : `missing: ${missing.join(', ')}\n`);
  process.exitCode = code === 0 && missing.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Runs the families; what they print goes to stderr, so that stdout holds the table alone. */
function runTests(): Promise<number> {
  const files = FAMILIES.map((family) => `test/attacks/${family}.test.ts`);
  const flags = [
    '--import=tsx',
    '--test',
    '--test-reporter=spec',
    `--test-concurrency=${availableParallelism()}`,
  ];
  const env = { ...process.env, NPMSIGN_ATTACKS_TABLE: collected };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...flags, ...files], { cwd: root, env, stdio: ['ignore', 2, 2] });
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

/** In the order of the list: A, T, N, U, and within a family by number. */
function readRows(): readonly Row[] {
  const lines = readFileSync(collected, 'utf8').split('\n');
  // Each line was written by `record` of test/attacks/rows.ts.
  const rows = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Row);
  const families = [...WANTED.keys()];
  const place = ({ id }: Row): number => families.indexOf(id.charAt(0)) * 100 + Number(id.slice(1));
  return rows.sort((a, b) => place(a) - place(b));
}

function missingFrom(rows: readonly Row[]): readonly string[] {
  const found = new Set(rows.map(({ id }) => id));
  const wanted = [...WANTED].flatMap(([letter, count]) =>
    Array.from({ length: count }, (_, n) => `${letter}${String(n + 1).padStart(2, '0')}`),
  );
  return wanted.filter((id) => !found.has(id));
}

function table(rows: readonly Row[]): string {
  const head: Row = {
    id: 'id',
    column: 'under',
    effect: 'effect',
    decidedBy: 'decided by',
    without: 'without it',
    canary: 'canary',
    what: 'what',
  };
  return [head, ...rows].map(tableLine).join('\n');
}
