/** Reads what a person wants a package manager to do, as far as that decides what may be judged. */
import { ManagerError } from '../errors.ts';
import { tame } from '../text/sanitize.ts';
import type { ManagerKind } from './manager.ts';

/** What is asked of a manager: install what is locked, or resolve first. */
export type Task = 'ci' | 'install';

/** A command line, told apart. */
export type Wish = {
  /** All of it, in order. */
  readonly args: readonly string[];
  /** What is neither a flag nor a flag's value. */
  readonly packages: readonly string[];
  /** Each flag with its value, if that is an argument of its own. */
  readonly flags: readonly (readonly string[])[];
};

/** Understands a command line. Throws `ManagerError` `MANAGER_ARGUMENT` for what would have another lockfile installed than is judged. */
export function parseWish(kind: ManagerKind, task: Task, args: readonly string[]): Wish {
  const wish = splitArguments(args, TAKE_VALUES[kind]);
  for (const [flag = ''] of wish.flags) {
    if (isEquivocal(kind, flag)) throw refused(flag, task, 'write it in full, with two dashes');
    const why = refusalOf(flag, [...REFUSED[kind], ...(task === 'install' ? REFUSED_INSTALL : [])]);
    if (why !== undefined) throw refused(flag, task, why);
  }
  // npm ci passes over what is neither; the others would add it, as a package.
  if (task === 'ci' && kind !== 'npm' && wish.packages.length > 0) {
    throw new ManagerError(
      'MANAGER_ARGUMENT',
      `npmsign ci installs what is locked, and ${tame(wish.packages[0] ?? '', 100)} names a package.`,
      {
        hint: 'npmsign install <package> adds one. The value of a flag is written with =, as in --flag=value.',
      },
    );
  }
  return wish;
}

/** Tells flags, their values and packages apart. What follows `--` is packages. */
function splitArguments(args: readonly string[], takeValues: readonly string[]): Wish {
  const packages: string[] = [];
  const flags: string[][] = [];
  const end = args.indexOf('--');
  const before = end === -1 ? args : args.slice(0, end);
  for (let index = 0; index < before.length; index++) {
    const arg = before[index] ?? '';
    if (!isFlag(arg)) {
      packages.push(arg);
      continue;
    }
    const value = before[index + 1];
    const takes = takeValues.includes(arg) && value !== undefined && !isFlag(value);
    flags.push(takes ? [arg, value] : [arg]);
    if (takes) index++;
  }
  return { args, packages: [...packages, ...(end === -1 ? [] : args.slice(end + 1))], flags };
}

function isFlag(arg: string): boolean {
  return arg.startsWith('-') && arg !== '-';
}

/** A flag that is refused, in its full spelling, and why. `--flag=value` refuses that value only. */
type Refusal = readonly [flag: string, why: string];

const ELSEWHERE = 'it would install another project than the one that is judged';
const GLOBALLY = 'what is installed globally has no lockfile to judge';
const UNLOCKED = 'it would install what no lockfile holds';
const UNFROZEN = 'it would let the manager change the lockfile after it was judged';
const LOCK_ONLY = 'it installs nothing: run your package manager for that, then npmsign verify';

const GLOBAL: readonly Refusal[] = [
  ['-g', GLOBALLY],
  ['--global', GLOBALLY],
];

const REFUSED: Readonly<Record<ManagerKind, readonly Refusal[]>> = {
  npm: [
    ...GLOBAL,
    ['--location', GLOBALLY],
    ['--prefix', ELSEWHERE],
    ['-C', ELSEWHERE],
    ['--no-workspaces', ELSEWHERE],
    ['--workspaces=false', ELSEWHERE],
    ['--package-lock-only', LOCK_ONLY],
    ['--no-package-lock', UNLOCKED],
    ['--package-lock=false', UNLOCKED],
  ],
  pnpm: [
    ...GLOBAL,
    ['-C', ELSEWHERE],
    ['--dir', ELSEWHERE],
    ['--prefix', ELSEWHERE],
    ['--lockfile-dir', ELSEWHERE],
    ['--ignore-workspace', ELSEWHERE],
    ['--no-shared-workspace-lockfile', ELSEWHERE],
    ['--lockfile-only', LOCK_ONLY],
    ['--no-lockfile', UNLOCKED],
    ['--no-frozen-lockfile', UNFROZEN],
    ['--frozen-lockfile=false', UNFROZEN],
    ['--fix-lockfile', UNFROZEN],
  ],
  'yarn-classic': [
    ['--cwd', ELSEWHERE],
    ['--no-lockfile', UNLOCKED],
    ['--pure-lockfile', UNFROZEN],
    ['--no-frozen-lockfile', UNFROZEN],
    ['--frozen-lockfile=false', UNFROZEN],
  ],
  'yarn-berry': [
    ['--cwd', ELSEWHERE],
    ['--no-immutable', UNFROZEN],
    ['--immutable=false', UNFROZEN],
    ['--mode=update-lockfile', LOCK_ONLY],
  ],
  bun: [
    ...GLOBAL,
    ['--cwd', ELSEWHERE],
    ['--lockfile-only', LOCK_ONLY],
    ['--no-frozen-lockfile', UNFROZEN],
    ['--frozen-lockfile=false', UNFROZEN],
  ],
};

const REFUSED_INSTALL: readonly Refusal[] = [
  ['--no-save', UNLOCKED],
  ['--save=false', UNLOCKED],
  ['--frozen-lockfile', 'npmsign ci installs what is locked'],
  ['--immutable', 'npmsign ci installs what is locked'],
];

/** npm and pnpm take `-prefix`, `---prefix` and `-fC` for flags too, and each `no-` for the opposite of what follows. */
function isEquivocal(kind: ManagerKind, arg: string): boolean {
  if (kind !== 'npm' && kind !== 'pnpm') return false;
  if (/^(?:---|--no-no-)/.test(arg) || (/^--no-/i.test(arg) && !arg.startsWith('--no-'))) return true;
  const name = arg.replace(/=.*$/s, '');
  return /^-[^-]{2,}/.test(name) && !/^-(?:ws|iwr|d{2,3}|[DEFOPSdfqrsw]{2,})$/.test(name);
}

/** npm also takes the beginning of a flag for the flag. */
const SHORTEST_ABBREVIATION = 6;

function refusalOf(arg: string, refusals: readonly Refusal[]): string | undefined {
  const name = arg.replace(/=.*$/s, '');
  const found = refusals.find(([flag]) => {
    if (flag.includes('=')) return arg === flag;
    const abbreviates = name.length >= SHORTEST_ABBREVIATION && flag.startsWith(name);
    return name === flag || abbreviates;
  });
  return found?.[1];
}

function refused(flag: string, task: Task, why: string): ManagerError {
  return new ManagerError('MANAGER_ARGUMENT', `npmsign ${task} does not take ${tame(flag, 60)}: ${why}.`);
}

/** The flags whose value is the next argument, unless it is written with `=`. An unknown one's value is taken for a package. */
const TAKE_VALUES: Readonly<Record<ManagerKind, readonly string[]>> = {
  npm: [
    ...['-w', '--workspace', '--omit', '--include', '--registry', '--cache', '--loglevel', '--tag', '-C'],
    ...[
      '--prefix',
      '--userconfig',
      '--globalconfig',
      '--install-strategy',
      '--save-prefix',
      '--script-shell',
    ],
    ...['--cpu', '--os', '--libc', '--before', '--min-release-age', '--scope', '--otp', '--location'],
    ...['--ca', '--cafile', '--proxy', '--https-proxy', '--noproxy', '--node-options', '--only', '--also'],
    ...['--fetch-retries', '--fetch-retry-factor', '--fetch-retry-maxtimeout', '--fetch-retry-mintimeout'],
    ...['--fetch-timeout', '--maxsockets', '--local-address', '--replace-registry-host', '--allow-scripts'],
    ...[
      '--audit-level',
      '--depth',
      '--git',
      '--umask',
      '--lockfile-version',
      '--allow-git',
      '--allow-remote',
    ],
  ],
  pnpm: [
    ...['-F', '--filter', '--filter-prod', '-C', '--dir', '--registry', '--reporter', '--loglevel', '--tag'],
    ...['--store-dir', '--virtual-store-dir', '--modules-dir', '--lockfile-dir', '--network-concurrency'],
    ...['--child-concurrency', '--workspace-concurrency', '--node-linker', '--package-import-method'],
    ...[
      '--public-hoist-pattern',
      '--hoist-pattern',
      '--save-prefix',
      '--allow-build',
      '--cpu',
      '--os',
      '--libc',
    ],
    ...[
      '--changed-files-ignore-pattern',
      '--test-pattern',
      '--save-catalog-name',
      '--cache-dir',
      '--state-dir',
    ],
  ],
  'yarn-classic': [
    ...['--registry', '--cache-folder', '--modules-folder', '--network-timeout', '--network-concurrency'],
    ...[
      '--mutex',
      '--proxy',
      '--https-proxy',
      '--preferred-cache-folder',
      '--global-folder',
      '--link-folder',
    ],
    ...['--otp', '--cwd', '--use-yarnrc'],
  ],
  'yarn-berry': ['--mode'],
  bun: [
    ...[
      '--registry',
      '--cache-dir',
      '--backend',
      '-c',
      '--config',
      '--cwd',
      '--omit',
      '--linker',
      '-F',
      '--filter',
    ],
    ...['--network-concurrency', '--concurrent-scripts', '--ca', '--cafile', '--cpu', '--os'],
    ...['--minimum-release-age'],
  ],
};
