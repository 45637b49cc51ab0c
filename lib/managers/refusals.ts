/** Says which flags of a package manager the strong gate does not pass on, and why. */
import type { ManagerKind } from './manager.ts';

/** What is asked of a manager: install what is locked, or resolve first. */
export type Task = 'ci' | 'install';

/** Why this flag is refused there; `undefined` when it is passed on. */
export function refusalFor(
  flag: string,
  { kind, task }: { readonly kind: ManagerKind; readonly task: Task },
): string | undefined {
  if (isEquivocal(kind, flag)) return 'write it in full, with two dashes';
  if (kind === 'pnpm' && /^--(?:no-)?config\./i.test(flag)) return CONFIGURED;
  return refusalOf(flag, [...REFUSED[kind], ...(task === 'install' ? REFUSED_INSTALL : [])]);
}

/** A flag that is refused, in its full spelling, and why. `--flag=value` refuses that value only. */
type Refusal = readonly [flag: string, why: string];

const ELSEWHERE = 'it would install another project than the one that is judged';
const GLOBALLY = 'what is installed globally has no lockfile to judge';
const UNLOCKED = 'it would install what no lockfile holds';
const UNFROZEN = 'it would let the manager change the lockfile after it was judged';
const CONFIGURED = 'a setting named so is stronger than the flags that keep to the lockfile';
const PROGRAM = 'pnpm would run that program before anything is judged';
const SETTINGS = 'settings of another file could have bun run a scanner that nobody has judged';
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
    ['--pnpmfile', PROGRAM],
    ['--global-pnpmfile', PROGRAM],
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
    ['-c', SETTINGS],
    ['--config', SETTINGS],
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

/**
 * npm and pnpm take `-prefix`, `---prefix` and `-fC` for flags too, and each `no-` for the opposite of what follows; bun takes `-cfile` and
 * `-Eg`.
 */
function isEquivocal(kind: ManagerKind, arg: string): boolean {
  const harmless = HARMLESS_TOGETHER[kind];
  if (harmless === undefined) return false;
  if (/^(?:---|--no-no-)/.test(arg) || (/^--no-/i.test(arg) && !arg.startsWith('--no-'))) return true;
  const name = arg.replace(/=.*$/s, '');
  return /^-[^-]{2,}/.test(name) && !harmless.test(name);
}

/** Several short flags in one, none of which is refused. */
const OF_NPM = /^-(?:ws|iwr|d{2,3}|[DEFOPSdfqrsw]{2,})$/;
const HARMLESS_TOGETHER: Partial<Readonly<Record<ManagerKind, RegExp>>> = {
  npm: OF_NPM,
  pnpm: OF_NPM,
  bun: /^-[DEdfpy]{2,}$/,
};

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
