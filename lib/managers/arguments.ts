/** Reads what a person wants a package manager to do, as far as that decides what may be judged. */
import { ManagerError } from '../errors.ts';
import { tame } from '../text/sanitize.ts';
import type { ManagerKind } from './manager.ts';
import { refusalFor, type Task } from './refusals.ts';

export type { Task } from './refusals.ts';

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
    const why = refusalFor(flag, { kind, task });
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
