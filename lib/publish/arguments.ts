/** Reads the arguments of npmsign publish: what is published, and what npm is told (pure). */
import { UsageError } from '../errors.ts';
import { tame } from '../text/sanitize.ts';

/** A command line, understood. */
export type PublishWish = {
  /** As given; absent: the package of this folder, which is packed first. */
  readonly tarball?: string;
  /** For npm's publish, in their order. */
  readonly flags: readonly string[];
  readonly access?: string;
  readonly isRehearsal: boolean;
  readonly runsScripts: boolean;
};

/** Flags of npm's publish whose value is the next argument. */
const TAKE_VALUES = [
  '--tag',
  '--access',
  '--otp',
  '--registry',
  '--cache',
  '--loglevel',
  '--userconfig',
  '--auth-type',
];

const REFUSED: readonly (readonly [flag: RegExp, hint: string])[] = [
  [/^--provenance(?:-file)?(?:=|$)/, 'Leave it out: npmsign publish makes the provenance and hands it over.'],
  [
    /^(?:-w|--workspaces?|-ws|-r|--recursive|--filter|-F)(?:=|$)/,
    'Run npmsign publish in the folder of the package.',
  ],
  [/^(?:-C|--prefix|--dir|--cwd)(?:=|$)/, 'Run npmsign publish in the folder of the package.'],
];

/** Parses them. Throws `UsageError`. */
export function parsePublishArguments(args: readonly string[]): PublishWish {
  const operands: string[] = [];
  const flags: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    const hint = REFUSED.find(([flag]) => flag.test(arg))?.[1];
    if (hint !== undefined) {
      throw new UsageError('BAD_FLAG_VALUE', `npmsign publish does not take ${tame(arg, 60)}.`, { hint });
    }
    if (!arg.startsWith('-')) operands.push(arg);
    else if (TAKE_VALUES.includes(arg) && index + 1 < args.length)
      flags.push(`${arg}=${args[++index] ?? ''}`);
    else flags.push(arg);
  }
  const [tarball, second] = operands;
  if (second !== undefined || (tarball !== undefined && !/\.(?:tgz|tar\.gz)$/.test(tarball))) {
    const found = operands.map((operand) => tame(operand, 60)).join(' ');
    throw new UsageError('BAD_FLAG_VALUE', `npmsign publish takes one tarball or none; found ${found}.`, {
      hint: 'Without one, the package of this folder is packed and published.',
    });
  }
  const access = valueIn(flags, '--access');
  return {
    flags,
    ...(tarball === undefined ? {} : { tarball }),
    ...(access === undefined ? {} : { access }),
    isRehearsal: isOn(flags, '--dry-run'),
    runsScripts: !isOn(flags, '--ignore-scripts'),
  };
}

function valueIn(flags: readonly string[], name: string): string | undefined {
  return flags.findLast((flag) => flag.startsWith(`${name}=`))?.slice(name.length + 1);
}

function isOn(flags: readonly string[], name: string): boolean {
  return flags.includes(name) || ['true', '1'].includes(valueIn(flags, name) ?? '');
}
