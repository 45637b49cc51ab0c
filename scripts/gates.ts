/** Tries every way to have evil installed, in real managers, and prints what became of it: `--write` keeps it, `--print` shows what is kept. */
import process from 'node:process';
import { problemsOf } from '../test/gates/claims.ts';
import { type Contestant, contestantOf, TITLES } from '../test/gates/contestants.ts';
import { type Row, readRecord, versionsOf, writeRecord } from '../test/gates/record.ts';
import { fullTable, gateTables } from '../test/gates/table.ts';
import { aGround } from '../test/gates/trials.ts';
import { waysOf } from '../test/gates/ways.ts';
import { writeReadme } from './readme.ts';

const args = process.argv.slice(2);
const flags = args.filter((arg) => arg.startsWith('--'));
const titles = args.filter((arg) => !arg.startsWith('--'));
const unknown = [
  ...flags.filter((flag) => flag !== '--write' && flag !== '--print'),
  ...titles.filter((title) => !TITLES.includes(title)),
];
if (unknown.length > 0) {
  process.stderr.write(
    `Unknown: ${unknown.join(', ')}. Flags: --write, --print. Managers: ${TITLES.join(', ')}.\n`,
  );
  process.exitCode = 2;
} else if (flags.includes('--print')) {
  process.stdout.write(`${fullTable(readRecord())}\n`);
} else {
  process.exitCode = await tryAll(titles.length === 0 ? TITLES : titles);
}

async function tryAll(wanted: readonly string[]): Promise<number> {
  const contestants: Contestant[] = [];
  for (const title of wanted) contestants.push(await contestantOf(title));
  const rows = await rowsOf(contestants);
  const kept = readRecord();
  const others = kept.rows.filter(({ manager }) => !wanted.includes(manager));
  const all = TITLES.flatMap((title) => [...others, ...rows].filter(({ manager }) => manager === title));
  const versions = { ...kept.versions, ...versionsOf(contestants) };
  const known = TITLES.flatMap((title) => (title in versions ? [[title, versions[title] ?? '']] : []));
  const record = { versions: Object.fromEntries(known), rows: all };
  process.stdout.write(`${gateTables(record)}\n`);
  const problems = [
    ...rows.flatMap(problemsOf),
    ...(flags.includes('--write') ? [] : changesIn(rows, kept.rows)),
  ];
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (problems.length > 0) return 1;
  if (flags.includes('--write')) {
    writeRecord(record);
    writeReadme();
  }
  return 0;
}

async function rowsOf(contestants: readonly Contestant[]): Promise<readonly Row[]> {
  const entries = contestants.map((contestant) => [contestant, waysOf(contestant)] as const);
  const ground = await aGround(entries);
  const rows: Row[] = [];
  try {
    for (const [contestant, ways] of entries) {
      for (const way of ways) {
        const { row } = await ground.attempt(contestant, way);
        rows.push(row);
        process.stderr.write(`${row.manager}  ${row.command}  ${row.intent}: ${row.when}\n`);
      }
    }
  } finally {
    await ground.close();
  }
  return rows;
}

/** What is seen now and is not what is kept. */
function changesIn(rows: readonly Row[], kept: readonly Row[]): readonly string[] {
  const known = new Set(kept.map((row) => JSON.stringify(row)));
  return rows
    .filter((row) => !known.has(JSON.stringify(row)))
    .map((row) => `not as it is kept, --write keeps it: ${JSON.stringify(row)}`);
}
