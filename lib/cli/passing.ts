/** Tells npmsign's own flags from the arguments of the program a command runs. */
import { UsageError } from '../errors.ts';
import { nearest } from '../text/nearest.ts';
import { tame } from '../text/sanitize.ts';
import type { Flag } from './command.ts';

/** Arguments told apart. A flag that both understand is in both. */
export type Shared = { readonly own: readonly string[]; readonly passed: readonly string[] };

/**
 * Takes npmsign's flags out of what follows a command. What follows `--` is passed on untouched, the `--` itself taken away; what is no flag of
 * npmsign's is passed on as it stands: only the program can know. But for one that is a letter away from a flag of npmsign's alone: passed on,
 * a misspelt `--policy` would have another one hold, without a word. Throws `UsageError`.
 */
export function splitPassed(
  args: readonly string[],
  { flags, both }: { readonly flags: readonly Flag[]; readonly both: readonly string[] },
): Shared {
  const end = args.indexOf('--');
  const own: string[] = [];
  const passed: string[] = [];
  const before = end === -1 ? args : args.slice(0, end);
  for (let index = 0; index < before.length; index++) {
    const arg = before[index] ?? '';
    const flag = flags.find(({ name }) => arg === `--${name}` || arg.startsWith(`--${name}=`));
    if (flag === undefined) refuseTypo(arg, flags, both);
    const takesNext = flag?.value !== undefined && arg === `--${flag.name}` && index + 1 < before.length;
    const words = takesNext ? [arg, before[index + 1] ?? ''] : [arg];
    if (flag !== undefined) own.push(...words);
    if (flag === undefined || both.includes(flag.name)) passed.push(...words);
    index += words.length - 1;
  }
  return { own, passed: end === -1 ? passed : [...passed, ...args.slice(end + 1)] };
}

function refuseTypo(arg: string, flags: readonly Flag[], both: readonly string[]): void {
  const [, name] = /^--([^=]+)/.exec(arg) ?? [];
  if (name === undefined) return;
  const alone = flags.map((flag) => flag.name).filter((own) => !both.includes(own));
  const meant = nearest(name, alone, 1);
  if (meant === undefined) return;
  throw new UsageError('UNKNOWN_FLAG', `There is no flag --${tame(name, 60)} here.`, {
    hint: `Did you mean --${meant}? What is meant for the package manager alone stands behind --.`,
  });
}
