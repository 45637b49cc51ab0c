/** Prints every family of the corpus with what was expected and what npmsign said. `--all` lists every case. */
import { corpusDirectory, corpusMissing } from '../test/support/corpus.ts';
import { corpusRows, holds, type Row } from '../test/support/corpus-run/index.ts';

const corpus = corpusDirectory();
if (corpus === undefined) {
  process.stderr.write(`${corpusMissing}\n`);
  process.exitCode = 3;
} else {
  const rows = await corpusRows(corpus);
  const wrong = rows.filter((row) => !holds(row));
  if (process.argv.includes('--all')) process.stdout.write(`${rows.map(lineOf).join('\n')}\n\n`);
  process.stdout.write(`${table(rows)}\n`);
  for (const row of wrong) process.stdout.write(`WRONG ${lineOf(row)}\n`);
  process.stdout.write(`${rows.length - wrong.length} as expected, ${wrong.length} not\n`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}

function lineOf({ family, id, expected, got, because, differences }: Row): string {
  const identity = (differences ?? []).map((difference) => `\n      ${difference}`).join('');
  return `${family}/${id}: expected ${expected}, said ${got} (${because})${identity}`;
}

function table(rows: readonly Row[]): string {
  const families = [...new Set(rows.map(({ family }) => family))];
  const lines = families.map((family) => {
    const own = rows.filter((row) => row.family === family);
    const count = (expected: Row['expected'], got: Row['got']): number =>
      own.filter((row) => row.expected === expected && row.got === got).length;
    const cells = [
      own.length,
      count('pass', 'pass'),
      count('fail', 'fail'),
      `${count('implementation-defined', 'pass')}/${count('implementation-defined', 'fail')}`,
      own.filter((row) => !holds(row)).length,
    ];
    return `${family.padEnd(22)}${cells.map((cell) => String(cell).padStart(14)).join('')}`;
  });
  const head = ['cases', 'accepted', 'refused', 'free: yes/no', 'wrong']
    .map((cell) => cell.padStart(14))
    .join('');
  return [`${'family'.padEnd(22)}${head}`, ...lines].join('\n');
}
