/** Runs the tests: finds the files itself, since Node 20 expands no globs, and fails a run that executed none. */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const LIMIT_MS = 900_000;

const filters = process.argv.slice(2);
const files = testFiles().filter(
  (file) => filters.length === 0 || filters.some((filter) => file.includes(filter)),
);
if (files.length === 0) {
  process.stderr.write(`No test file matches ${filters.join(' ')}.\n`);
  process.exitCode = 1;
} else {
  run(files);
}

/** Every `test/**\/*.test.ts`, as paths from the root with forward slashes, sorted. */
function testFiles(): readonly string[] {
  return readdirSync(join(root, 'test'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((file) => !file.includes('/node_modules/') && !file.includes('/fixtures/'))
    .sort();
}

function run(chosen: readonly string[]): void {
  const flags = [
    '--import=tsx',
    '--test',
    '--test-reporter=spec',
    `--test-concurrency=${availableParallelism()}`,
    `--test-timeout=${LIMIT_MS}`,
  ];
  const child = spawn(process.execPath, [...flags, ...chosen], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const tail = { text: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    process.stdout.write(chunk);
    tail.text = (tail.text + chunk).slice(-200_000);
  });
  child.on('close', (code) => {
    process.exitCode = code === 0 && executed(tail.text) > 0 ? 0 : code || 1;
    if (code === 0 && process.exitCode !== 0) process.stderr.write('No test was executed.\n');
  });
}

/** How many tests Node's closing lines count. */
function executed(output: string): number {
  const count = (name: string) =>
    Number(new RegExp(`^\\S* ?${name} (\\d+)$`, 'm').exec(stripVTControlCharacters(output))?.[1] ?? 0);
  return count('pass') + count('fail');
}
