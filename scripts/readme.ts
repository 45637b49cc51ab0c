/** Writes the README's tables: checks and error codes from the code that defines them, gates from the record of what was seen. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checks } from '../lib/checks/index.ts';
import { readRecord } from '../test/gates/record.ts';
import { gateTables } from '../test/gates/table.ts';

const README = fileURLToPath(new URL('../README.md', import.meta.url));
const ERRORS = fileURLToPath(new URL('../lib/errors.ts', import.meta.url));

/** The README as it should read. */
export function currentReadme(): string {
  const tables = [
    ['gates', gateTables(readRecord())],
    ['checks', checkTable()],
    ['errors', errorTable()],
  ] as const;
  return tables.reduce((text, [name, table]) => withTable(text, name, table), readFileSync(README, 'utf8'));
}

/** Writes it so. */
export function writeReadme(): void {
  writeFileSync(README, currentReadme());
}

function withTable(readme: string, name: string, table: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [before, rest] = [readme.indexOf(start), readme.indexOf(end)];
  if (before === -1 || rest === -1) throw new Error(`README.md has no place for ${name}`);
  return `${readme.slice(0, before + start.length)}\n${table}\n${readme.slice(rest)}`;
}

function checkTable(): string {
  const rows = checks.map(({ id, question, restsOn }) => `| \`${id}\` | ${question} | ${restsOn} |`);
  return ['| check | question | rests on |', '|---|---|---|', ...rows].join('\n');
}

/** Every code of `lib/errors.ts` by the class that carries it, and that class's exit code. */
function errorTable(): string {
  const source = readFileSync(ERRORS, 'utf8');
  const exits: Readonly<Record<string, number>> = { misuse: 2, unverified: 3, bug: 70 };
  const classes = [
    ...source.matchAll(/export class (\w+) extends NpmsignError<(\w+|'BUG')>[\s\S]*?EXIT\.(\w+)/g),
  ];
  const rows = classes.map(([, , type, exit]) => {
    const union =
      type === "'BUG'" ? type : (new RegExp(`export type ${type} =([^;]+);`).exec(source)?.[1] ?? '');
    const codes = [...union.matchAll(/'([A-Z_]+)'/g)].map(([, code]) => `\`${code}\``);
    return `| ${codes.join(' ')} | ${exits[exit ?? '']} |`;
  });
  return ['| error codes | exit |', '|---|---|', ...rows].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeReadme();
