/** Says which commands of a package manager install what was judged, and nothing else. */
import { ManagerError } from '../errors.ts';
import { parseWish, type Task, type Wish } from './arguments.ts';
import type { ManagerKind } from './manager.ts';

/** One command. */
export type Step = {
  readonly args: readonly string[];
  /** Where it runs: where npmsign was called, or in the project's root. */
  readonly from: 'here' | 'root';
  /** Variables it needs besides the ordinary ones. */
  readonly env?: Readonly<Record<string, string>>;
  /** It runs with npmsign's plugin for yarn, without which yarn fetches what it resolves. */
  readonly plugin?: 'yarn-resolve';
};

/** What is run, in order: first what only resolves, which yarn 1 cannot, then what installs from the lockfile. */
export type Plan = { readonly resolve?: Step; readonly install: Step };

/** What is asked for, in which project. */
export type PlanRequest = {
  readonly kind: ManagerKind;
  readonly task: Task;
  readonly args: readonly string[];
  /** Absolute path. */
  readonly root: string;
};

/** The plan for a command line. Throws `ManagerError` `MANAGER_ARGUMENT` for what cannot be judged before it is installed. */
export function planOf({ kind, task, args, root }: PlanRequest): Plan {
  const wish = parseWish(kind, task, args);
  // Which folder a nested one belongs to, bun and yarn 1 decide by rules of their own: in the root there is nothing to decide.
  const from = kind === 'bun' || kind === 'yarn-classic' ? 'root' : 'here';
  if (task === 'ci') return { install: { args: FROZEN[kind](wish.args, root), from } };
  const resolve = RESOLVE[kind](wish);
  const carried = carriedOver(kind, wish);
  return {
    ...(resolve === undefined ? {} : { resolve }),
    install: { args: FROZEN[kind](carried, root), from: 'root' },
  };
}

/** Our flags come last, so that none of the person's takes them back, and in front of a `--`, behind which they would be packages. */
export function withFlags(args: readonly string[], flags: readonly string[]): readonly string[] {
  const end = args.indexOf('--');
  return end === -1 ? [...args, ...flags] : args.toSpliced(end, 0, ...flags);
}

/** The install from the lockfile that changes nothing in it. */
const FROZEN: Readonly<Record<ManagerKind, (args: readonly string[], root: string) => readonly string[]>> = {
  npm: (args) => ['ci', ...args],
  // Settings may put the lockfile elsewhere, or give every workspace its own. The flags name the one that was judged.
  pnpm: (args, root) => [
    'install',
    ...withFlags(args, ['--frozen-lockfile', `--lockfile-dir=${root}`, '--shared-workspace-lockfile']),
  ],
  'yarn-classic': (args) => ['install', ...withFlags(args, ['--frozen-lockfile'])],
  'yarn-berry': (args) => ['install', ...withFlags(args, ['--immutable'])],
  bun: (args) => ['install', ...withFlags(args, ['--frozen-lockfile'])],
};

/** The command that writes lockfile and manifests, fetches no package and runs no script. */
const RESOLVE: Readonly<Record<ManagerKind, (wish: Wish) => Step | undefined>> = {
  // Ours in front: npm would take them for the value of a last flag that lacks one. So the person's must not take them back.
  npm: ({ args }) => ({
    args: ['install', '--package-lock-only', '--ignore-scripts', ...withoutOpposites(args)],
    from: 'here',
  }),
  pnpm: (wish) => ({
    args: [verbFor(wish), ...withFlags(wish.args, ['--lockfile-only', '--ignore-scripts'])],
    from: 'here',
  }),
  'yarn-classic': ({ packages }) => {
    if (packages.length === 0) return undefined;
    throw new ManagerError('MANAGER_ARGUMENT', 'yarn 1 cannot add a package without fetching it.', {
      hint: 'Add it with yarn add --ignore-scripts, run npmsign verify, then yarn install --frozen-lockfile --force.',
    });
  },
  'yarn-berry': (wish) => ({
    args: [verbFor(wish), ...withFlags(withoutMode(wish.args), ['--mode=update-lockfile'])],
    from: 'here',
    // In CI yarn would refuse to change the lockfile.
    env: { YARN_ENABLE_IMMUTABLE_INSTALLS: 'false', YARN_ENABLE_SCRIPTS: 'false' },
    plugin: 'yarn-resolve',
  }),
  bun: (wish) => ({
    args: [verbFor(wish), ...withFlags(wish.args, ['--lockfile-only', '--ignore-scripts'])],
    from: 'here',
  }),
};

/** Without all that npm could read as a word against ours, abbreviated or with its value apart. */
function withoutOpposites(args: readonly string[]): readonly string[] {
  const isOpposite = (arg = ''): boolean => /^--(?:no-)?(?:ignore|package)/.test(arg);
  const isValue = (arg: string): boolean => arg === 'true' || arg === 'false';
  return args.filter((arg, index) => !isOpposite(arg) && !(isValue(arg) && isOpposite(args[index - 1])));
}

function verbFor({ packages }: Wish): string {
  return packages.length === 0 ? 'install' : 'add';
}

/** yarn takes one mode. How things are built is no matter while nothing is. */
function withoutMode(args: readonly string[]): readonly string[] {
  return args.filter((arg, index) => !/^--mode(?:=|$)/.test(arg) && args[index - 1] !== '--mode');
}

/** The person's flags that also speak about the install which follows: of `install lodash -D` none. */
function carriedOver(kind: ManagerKind, { args, packages, flags }: Wish): readonly string[] {
  if (kind === 'npm') return forNpmCi(args);
  if (packages.length === 0) return flags.flat();
  return flags
    .filter(([flag = '']) => CARRIED.some((name) => flag === name || flag.startsWith(`${name}=`)))
    .flat();
}

/** npm ci passes over packages, so what might be a flag's value stays. A chosen workspace would be all that it leaves installed. */
function forNpmCi(args: readonly string[]): readonly string[] {
  const isFlag = (arg = ''): boolean => arg.startsWith('-');
  return args.filter((arg, index) => {
    const before = args[index - 1];
    if (isFlag(arg)) return arg !== '--' && !selectsWorkspace(arg);
    return isFlag(before) && !(before !== undefined && selectsWorkspace(before));
  });
}

function selectsWorkspace(flag: string): boolean {
  const name = flag.replace(/=.*$/s, '');
  return ['-w', '--workspace', '-ws', '--workspaces', '-iwr', '--include-workspace-root'].includes(name);
}

/** Flags that mean the same to `add` and to `install` of pnpm, yarn 2 or later, and bun. */
const CARRIED = [
  ...[
    '--ignore-scripts',
    '--offline',
    '--prefer-offline',
    '--registry',
    '--silent',
    '-s',
    '--quiet',
    '--json',
  ],
  ...['--verbose', '--reporter', '--loglevel', '--store-dir', '--virtual-store-dir', '--modules-dir'],
  ...['--cache-dir', '--network-concurrency', '--child-concurrency', '--concurrent-scripts', '--node-linker'],
  ...[
    '--linker',
    '--backend',
    '--no-progress',
    '--no-summary',
    '--color',
    '--no-color',
    '--mode',
    '--ca',
    '--cafile',
  ],
  ...['--inline-builds', '--no-optional', '--force', '--ignore-pnpmfile', '-c', '--config'],
] as const;
