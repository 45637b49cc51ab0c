/** Makes the commands that stand in front of a package manager: what is npmsign's, what is passed on, and what is said about it. */
import { UsageError } from '../errors.ts';
import { type Gated, type InstallRequest, render } from '../index.ts';
import type { Memory } from '../memory/index.ts';
import type { EndSignal, Host } from '../model/host.ts';
import type { Report } from '../model/report.ts';
import type { Command, Invocation } from './command.ts';
import { exitCodeFor } from './exit-code.ts';
import { flagIsOn, flagValue } from './flags.ts';
import { appendStepSummary, writeOutputs } from './output.ts';
import { createProgress } from './progress.ts';
import { memoryOf, recallingFrom, tellRecalled } from './recalling.ts';
import { type SharedOptions, sharedOptionsOf } from './shared-flags.ts';

/** A library call that judges and installs, and what help says about it. */
export type GateCommand = {
  readonly run: (host: Host, request: InstallRequest) => Promise<Gated>;
  readonly notes: readonly string[];
};

/** Flags that npmsign and the managers both understand, and so both get. */
const BOTH = ['registry', 'offline', 'prefer-offline', 'quiet', 'verbose'] as const;

/** The exit code is npmsign's own when it refuses, and otherwise the manager's. stdout is the manager's: the report goes to stderr. */
export function createGateCommand({ run, notes }: GateCommand): Command {
  return {
    operands: '[arguments of the package manager]',
    flags: [
      {
        name: 'sealed',
        about: 'npm: install offline, from a private cache that holds only the bytes that were verified',
      },
    ],
    passesOn: BOTH,
    notes: [
      ...notes,
      `The manager gets all arguments but npmsign's own flags, and of those ${BOTH.map((name) => `--${name}`).join(', ')}; behind -- it gets everything.`,
      "stdout is the package manager's: the report goes to stderr, or where --output says. The exit code is the manager's once it ran.",
    ],
    async run(host, invocation) {
      refuseLockfile(invocation);
      const options = sharedOptionsOf(invocation);
      const sealed = flagIsOn({ ...invocation, env: {} }, 'sealed');
      const progress = createLateProgress(host, options);
      const { found, evidenceIn: _, ...recalling } = recallingFrom(memoryFor(host, options, sealed));
      const outcome = await run(host, {
        ...options,
        ...recalling,
        args: invocation.passed ?? [],
        sealed,
        onProgress: progress.show,
        async onReport(report) {
          await progress.stop();
          await writeReport(host, options, report);
          tellRecalled(host, options, found());
        },
        onCommand: (command) => host.err(`npmsign: ${command}\n`),
        onNotice: ({ message }) => host.err(`npmsign: ${message}\n`),
      }).finally(progress.stop);
      return exitCodeOf(host, outcome);
    },
  };
}

/** Hard mode proves all anew, and so does a run on carried evidence. */
function memoryFor(host: Host, options: SharedOptions, sealed: boolean): Memory | undefined {
  const isUsed = options.remember && options.evidence === undefined && !sealed;
  return isUsed ? memoryOf(host, options) : undefined;
}

/** The manager installs from its own lockfile, whichever was judged. */
function refuseLockfile(invocation: Invocation): void {
  if (flagValue(invocation, 'lockfile') === undefined) return;
  throw new UsageError(
    'BAD_FLAG_VALUE',
    'The lockfile that is judged is the one the package manager installs.',
    {
      hint: 'Leave --lockfile and NPMSIGN_LOCKFILE out. npmsign verify judges any lockfile.',
    },
  );
}

async function writeReport(host: Host, options: SharedOptions, report: Report): Promise<void> {
  const beside: Host = { ...host, out: host.err };
  await writeOutputs(beside, options.outputs, ({ format }, style) =>
    render(report, format, { ...options, ...style, root: host.cwd }),
  );
  if (options.outputs.some(({ format }) => format === 'github')) {
    await appendStepSummary(host, render(report, 'markdown', { ...options, color: false, root: host.cwd }));
  }
}

function exitCodeOf(host: Host, outcome: Gated): number {
  switch (outcome.kind) {
    case 'ended':
      return outcome.code;
    case 'refused':
      host.err('npmsign: nothing was fetched, and nothing was installed.\n');
      return exitCodeFor(outcome.effect);
    case 'interrupted':
      host.self?.endBy(outcome.signal);
      return 128 + SIGNAL_NUMBERS[outcome.signal];
  }
}

/** The same on every system that has signals. */
const SIGNAL_NUMBERS: Readonly<Record<EndSignal, number>> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/** A progress line that appears with the first progress: until then the terminal is the manager's. */
function createLateProgress(
  host: Host,
  options: SharedOptions,
): { readonly show: NonNullable<InstallRequest['onProgress']>; readonly stop: () => Promise<void> } {
  const state: { line?: ReturnType<typeof createProgress> } = {};
  return {
    show(progress) {
      state.line ??= createProgress(host, options);
      void state.line.then(({ show }) => show(progress));
    },
    async stop() {
      (await state.line)?.stop();
    },
  };
}
