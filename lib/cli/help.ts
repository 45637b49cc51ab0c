/** Writes the help from the same definitions the parser reads. */
import type { Command, CommandEntry, Flag } from './command.ts';
import { SHARED_FLAGS } from './shared-flags.ts';

const EVERYWHERE: readonly Flag[] = [
  { name: 'help', about: 'print help' },
  { name: 'version', about: 'print the version' },
];

/** The overview: commands, shared flags, environment, exit codes. */
export function overviewHelp(commands: readonly CommandEntry[]): string {
  return paragraphs([
    ['npmsign: may this project install these packages, under this policy?'],
    ['Usage: npmsign <command> [flags]'],
    ['Commands', ...columns(commands.map(({ name, summary }) => [name, summary]))],
    ['Flags of every command', ...flagLines([...SHARED_FLAGS, ...EVERYWHERE])],
    ['Environment', ...columns(ENVIRONMENT)],
    ['Exit codes', ...columns(EXIT_CODES)],
  ]);
}

/** One command: usage, notes, its own flags, and the shared ones. */
export function commandHelp({ name, summary }: CommandEntry, command: Command): string {
  const own = command.flags.length === 0 ? [] : [['Flags', ...flagLines(command.flags)]];
  return paragraphs([
    [`npmsign ${name}: ${summary}`],
    [`Usage: npmsign ${[name, '[flags]', command.operands].filter((part) => part !== '').join(' ')}`],
    ...(command.notes.length === 0 ? [] : [command.notes]),
    ...own,
    ['Flags of every command', ...flagLines([...SHARED_FLAGS, ...EVERYWHERE])],
  ]);
}

const ENVIRONMENT = [
  [
    'NPMSIGN_…',
    'stands in for a flag: NPMSIGN_TRUSTED_ROOT for --trusted-root, NPMSIGN_OFFLINE=1 for --offline',
  ],
  ['NO_COLOR', 'no colour'],
  ['FORCE_COLOR', 'colour even where stdout is not a terminal'],
  ['CI', 'no progress'],
] as const;

const EXIT_CODES = [
  ['0', 'policy met'],
  ['1', 'policy violated'],
  ['2', 'asked wrongly: usage, policy file, lockfile'],
  ['3', 'nothing violated, but something required could not be verified'],
  ['70', 'a bug in npmsign'],
] as const;

function paragraphs(parts: readonly (readonly string[])[]): string {
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function flagLines(flags: readonly Flag[]): readonly string[] {
  return columns(
    flags.map(({ name, short, value, about }) => [
      `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`,
      about,
    ]),
  );
}

function columns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`);
}
