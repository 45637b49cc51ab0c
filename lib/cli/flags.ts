/** Reads a command line strictly: what is not understood is an error that names the nearest valid flag. */
import { parseArgs } from 'node:util';
import { UsageError } from '../errors.ts';
import { nearest } from '../text/nearest.ts';
import { tame } from '../text/sanitize.ts';
import type { Flag, FlagUse, Invocation } from './command.ts';

type Parsed = { readonly operands: readonly string[]; readonly uses: readonly FlagUse[] };

/** Splits a command line into flags before the command, the command, and what follows it. */
export function commandOf(args: readonly string[], shared: readonly Flag[]): CommandLine {
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    if (arg === '--') break;
    if (!arg.startsWith('-')) return { name: arg, rest: args.toSpliced(index, 1), at: index };
    if (shared.some(({ name, value }) => value !== undefined && arg === `--${name}`)) index++;
  }
  return { rest: args };
}

/** A command line: the command's name, where it stood, and all the rest. */
export type CommandLine =
  | { readonly name: string; readonly rest: readonly string[]; readonly at: number }
  | { readonly name?: never; readonly rest: readonly string[] };

/** Is this switch asked for, in front of a `--`? For the two that work everywhere, whatever else is wrong. */
export function asksFor(args: readonly string[], ...spellings: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end === -1 ? args : args.slice(0, end)).some((arg) => spellings.includes(arg));
}

/** Does this run want everything said, stacks of bugs included? Asked before anything is parsed, since parsing may fail. */
export function wantsVerbose(args: readonly string[], env: Invocation['env']): boolean {
  return asksFor(args, '--verbose') || env[variableOf('verbose')] === '1';
}

/** Understands a command line. Throws `UsageError` with `UNKNOWN_FLAG` or `BAD_FLAG_VALUE`. */
export function parseFlags(args: readonly string[], flags: readonly Flag[]): Parsed {
  const known = new Map(flags.map((flag) => [flag.name, flag]));
  const operands: string[] = [];
  const uses: FlagUse[] = [];
  for (const token of tokensOf(args, flags)) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    const flag = known.get(token.name);
    if (flag === undefined || !spellingsOf(flag).includes(token.rawName))
      throw unknownFlag(token.rawName, flags);
    if (flag.repeatable === undefined && uses.some(({ name }) => name === flag.name)) {
      throw new UsageError('BAD_FLAG_VALUE', `--${flag.name} is given more than once.`);
    }
    uses.push({ name: flag.name, value: givenValue(flag, token) });
  }
  return { operands, uses };
}

/** The value of a flag: from the command line, else from its environment variable. */
export function flagValue({ uses, env }: Omit<Invocation, 'operands'>, name: string): string | undefined {
  const used = uses.find((use) => use.name === name);
  if (used !== undefined) return used.value;
  const value = env[variableOf(name)];
  return value === undefined || value === '' ? undefined : value;
}

/** Is a switch on: on the command line, else by its environment variable? */
export function flagIsOn({ uses, env }: Omit<Invocation, 'operands'>, name: string): boolean {
  if (uses.some((use) => use.name === name)) return true;
  const value = env[variableOf(name)]?.toLowerCase();
  if (value === undefined || ['', '0', 'false', 'no'].includes(value)) return false;
  if (['1', 'true', 'yes'].includes(value)) return true;
  throw new UsageError(
    'BAD_FLAG_VALUE',
    `${variableOf(name)} is ${tame(value, 60)}; it may be true or false.`,
  );
}

/** A whole number within bounds, or `undefined` when the flag is not given. */
export function flagNumber(
  invocation: Omit<Invocation, 'operands'>,
  name: string,
  { from, to }: { readonly from: number; readonly to: number },
): number | undefined {
  const text = flagValue(invocation, name);
  if (text === undefined) return undefined;
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= from && number <= to) return number;
  const said = invocation.uses.some((use) => use.name === name) ? `--${name}` : variableOf(name);
  const message = `${said} is ${tame(text, 60)}; it takes a whole number from ${from} to ${to}.`;
  throw new UsageError('BAD_FLAG_VALUE', message);
}

/** The environment variable that stands in for a shared flag: `NPMSIGN_TRUSTED_ROOT` for `--trusted-root`. */
export function variableOf(name: string): string {
  return `NPMSIGN_${name.replaceAll('-', '_').toUpperCase()}`;
}

type Token = NonNullable<ReturnType<typeof parseArgs>['tokens']>[number];

// Not strict: Node would speak of an unknown option in its own words and without the nearest name.
function tokensOf(args: readonly string[], flags: readonly Flag[]): readonly Token[] {
  const options = Object.fromEntries(
    flags.map(({ name, value, short }) => [
      name,
      {
        type: value === undefined ? 'boolean' : 'string',
        ...(short === undefined ? {} : { short }),
      } as const,
    ]),
  );
  return parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

function spellingsOf({ name, short }: Flag): readonly string[] {
  return short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`];
}

function givenValue(flag: Flag, token: Extract<Token, { kind: 'option' }>): string {
  if (flag.value === undefined) {
    if (token.value === undefined) return '';
    throw new UsageError('BAD_FLAG_VALUE', `--${flag.name} takes no value.`);
  }
  if (token.value === undefined || token.value === '') {
    throw new UsageError('BAD_FLAG_VALUE', `--${flag.name} takes a value: --${flag.name} ${flag.value}.`);
  }
  if (!token.inlineValue && token.value.startsWith('-')) {
    const message = `--${flag.name} takes a value, and ${tame(token.value, 60)} looks like a flag.`;
    throw new UsageError('BAD_FLAG_VALUE', message, {
      hint: `Write --${flag.name}=${tame(token.value, 60)} if it is meant.`,
    });
  }
  return token.value;
}

function unknownFlag(rawName: string, flags: readonly Flag[]): UsageError {
  const name = tame(rawName, 60);
  const close = nearest(rawName.replace(/^-+/, ''), [...flags.map((flag) => flag.name), 'help', 'version']);
  return new UsageError('UNKNOWN_FLAG', `There is no flag ${name} here.`, {
    hint: close === undefined ? 'npmsign --help lists commands and flags.' : `Did you mean --${close}?`,
  });
}
