/** Turns a command line into one command and its exit code; the only place where errors end. */
import { EXIT, UsageError } from '../errors.ts';
import type { Host } from '../model/host.ts';
import { nearest } from '../text/nearest.ts';
import { tame } from '../text/sanitize.ts';
import { VERSION } from '../version.ts';
import type { Command, CommandEntry, Invocation } from './command.ts';
import { errorText } from './error-text.ts';
import { asksFor, commandOf, parseFlags, wantsVerbose } from './flags.ts';
import { commandHelp, overviewHelp } from './help.ts';
import { splitPassed } from './passing.ts';
import { SHARED_FLAGS } from './shared-flags.ts';

export { hostOf, runProgram } from './program.ts';
export { PROVER } from './thread.ts';

/** Every command, in the order help lists them. Each is loaded when it is called. */
const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'verify',
    summary: "judge the project's lockfile under its policy",
    load: async () => (await import('./commands/verify.ts')).verifyCommand,
  },
  {
    name: 'ci',
    summary: 'verify the lockfile, then let the package manager install what it holds',
    load: async () => (await import('./commands/ci.ts')).ciCommand,
  },
  {
    name: 'install',
    summary: 'resolve without fetching, verify, then install; takes the arguments of the package manager',
    load: async () => (await import('./commands/install.ts')).installCommand,
  },
  {
    name: 'init',
    summary: 'set the project up, so that its package manager asks npmsign before it installs',
    load: async () => (await import('./commands/init.ts')).initCommand,
  },
  {
    name: 'sign',
    summary: 'sign a tarball, or inside postpack what npm packed',
    load: async () => (await import('./commands/sign.ts')).signCommand,
  },
  {
    name: 'publish',
    summary: 'pack, sign, publish that very tarball, and check what the registry serves',
    load: async () => (await import('./commands/publish.ts')).publishCommand,
  },
  {
    name: 'lock',
    summary: 'record who signs every package in npmsign.lock.json',
    load: async () => (await import('./commands/lock.ts')).lockCommand,
  },
  {
    name: 'diff',
    summary: 'tell what changed in trust between two lockfiles',
    load: async () => (await import('./commands/diff.ts')).diffCommand,
  },
  {
    name: 'bundle',
    summary: 'export all evidence, to be verified where there is no network',
    load: async () => (await import('./commands/bundle.ts')).bundleCommand,
  },
  {
    name: 'verify-bundle',
    summary: 'verify one Sigstore bundle',
    load: async () => (await import('./commands/verify-bundle.ts')).verifyBundleCommand,
  },
  {
    name: 'explain',
    summary: 'tell everything known about one package',
    load: async () => (await import('./commands/explain.ts')).explainCommand,
  },
];

/** Runs a command line, without `node` and the script in front, and resolves to the exit code (SPEC 2). Never rejects. */
export async function main(argv: readonly string[], host: Host): Promise<number> {
  try {
    return await dispatch(argv, host);
  } catch (error) {
    const { text, exitCode } = errorText(error, { verbose: wantsVerbose(argv, host.env) });
    host.err(text);
    return exitCode;
  }
}

async function dispatch(argv: readonly string[], host: Host): Promise<number> {
  if (asksFor(argv, '--version', '-v')) {
    host.out(`${VERSION}\n`);
    return EXIT.met;
  }
  const line = commandOf(argv, SHARED_FLAGS);
  const { name, rest } = line;
  const wantsHelp = asksFor(rest, '--help', '-h');
  if (name === undefined) return withoutCommand(host, rest, wantsHelp);
  const entry = COMMANDS.find((command) => command.name === name);
  if (entry === undefined) throw unknownCommand(name);
  const command = await entry.load();
  if (wantsHelp) {
    host.out(commandHelp(entry, command));
    return EXIT.met;
  }
  return command.run(host, { ...understood(command, line), env: host.env });
}

/** What a command that runs another program passes on stands behind its name; in front of it all is npmsign's. */
function understood(command: Command, { rest, at }: { rest: readonly string[]; at: number }): Understood {
  const flags = [...command.flags, ...SHARED_FLAGS];
  if (command.passesOn === undefined) return parseFlags(rest, flags);
  const { own, passed } = splitPassed(rest.slice(at), { flags, both: command.passesOn });
  return { ...parseFlags([...rest.slice(0, at), ...own], flags), passed };
}

type Understood = Omit<Invocation, 'env'>;

/** Asking for nothing is asked wrongly; asking for help is not. */
function withoutCommand(host: Host, rest: readonly string[], wantsHelp: boolean): number {
  if (wantsHelp) {
    host.out(overviewHelp(COMMANDS));
    return EXIT.met;
  }
  parseFlags(rest, SHARED_FLAGS);
  host.err(overviewHelp(COMMANDS));
  return EXIT.misuse;
}

function unknownCommand(name: string): UsageError {
  const names = COMMANDS.map((command) => command.name);
  const close = nearest(name, names);
  return new UsageError('UNKNOWN_COMMAND', `There is no command ${tame(name, 60)}.`, {
    hint: close === undefined ? `Commands are ${names.join(', ')}.` : `Did you mean ${close}?`,
  });
}
