/** Programs for tests: installed once from this machine's registry, run with exactly the environment they are given. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectRoot } from './corpus.ts';

/** What came of it. A killed run has code -1. */
export type RunResult = { readonly code: number; readonly stdout: string; readonly stderr: string };

const CACHE = path.join(projectRoot, 'node_modules/.cache/npmsign-managers');
const STALE_LOCK_MS = 60_000;

/** Runs any program to its end, with exactly that environment, and gives back what it printed. */
export function run(
  program: string,
  args: readonly string[],
  options: {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
    readonly timeoutMs?: number;
    /** Told the process's number once it runs. */
    readonly onStarted?: (pid: number) => void;
  },
): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (child.pid !== undefined) options.onStarted?.(child.pid);
    const printed = { stdout: '', stderr: '' };
    const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 120_000);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      printed.stderr += text;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? -1, ...printed });
    });
  });
}

/** An environment with what a program needs to start, and nothing of the caller's. */
export function cleanEnvironment(): Record<string, string> {
  const kept = ['SystemRoot', 'ComSpec', 'PATHEXT', 'TEMP', 'TMP', 'TMPDIR', 'LANG'];
  return Object.fromEntries(
    [...kept, 'PATH'].flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/**
 * The directory into which `spec` (`name@major`) is installed from the registry this machine uses, once, in `node_modules/.cache`:
 * at once when it is there, otherwise by whoever holds the lock. Its install scripts do not run. Throws, saying why, when it cannot be had.
 */
export async function installed(spec: string, overrides: Overrides = {}): Promise<string> {
  const target = path.join(CACHE, spec);
  const lock = `${target}.lock`;
  mkdirSync(path.dirname(target), { recursive: true });
  while (!existsSync(target)) {
    if (!tookLock(lock)) {
      await sleep(200);
      continue;
    }
    try {
      if (!existsSync(target)) await install({ spec, overrides }, target, lock);
    } finally {
      rmSync(lock, { recursive: true, force: true });
    }
  }
  return target;
}

/** Takes the lock: a directory, because making one either succeeds or finds it there. A lock nobody refreshes is broken. */
function tookLock(lock: string): boolean {
  const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  if (age > STALE_LOCK_MS) rmSync(lock, { recursive: true, force: true });
  try {
    mkdirSync(lock);
    return true;
  } catch (cause) {
    if (existsSync(lock)) return false;
    throw new Error(`The lock ${lock} cannot be made.`, { cause });
  }
}

/** Versions to take of packages further down, as npm's own `overrides`. */
export type Overrides = Readonly<Record<string, string>>;

async function install(
  { spec, overrides }: { readonly spec: string; readonly overrides: Overrides },
  target: string,
  lock: string,
): Promise<void> {
  const partial = `${target}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  writeFileSync(path.join(partial, 'package.json'), `${JSON.stringify({ private: true, overrides })}\n`);
  const alive = setInterval(() => utimesSync(lock, new Date(), new Date()), 5000);
  const args = [
    ownNpmCli(),
    'install',
    spec,
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-package-lock',
  ];
  // The one place that uses the caller's own settings: the machine's registry, proxy and certificates.
  const env = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  try {
    const { code, stderr } = await run(process.execPath, args, { cwd: partial, env });
    if (code !== 0)
      throw new Error(`${spec} could not be installed (npm ended with ${code}):\n${stderr.slice(-800)}`);
    renameSync(partial, target);
  } finally {
    clearInterval(alive);
  }
}

/** `npm-cli.js` of the npm that runs this process, or of the one beside its node. */
export function ownNpmCli(): string {
  const bin = path.dirname(process.execPath);
  const places = [
    process.env['npm_execpath'],
    path.join(bin, '../lib/node_modules/npm/bin/npm-cli.js'),
    path.join(bin, 'node_modules/npm/bin/npm-cli.js'),
  ];
  const found = places.find((place) => place?.endsWith('npm-cli.js') && existsSync(place));
  if (found === undefined) throw new Error(`No npm-cli.js beside ${process.execPath}; run this through npm.`);
  return found;
}
