/** Runs a job as a whole process, so that only a job that finished can look like success. */
import { EXIT, UsageError } from '../errors.ts';
import type { Host } from '../model/host.ts';
import { createAsk } from './ask.ts';
import { errorText } from './error-text.ts';
import { wantsVerbose } from './flags.ts';
import { createOwnProcess } from './signals.ts';
import { isWatched, wantsColor } from './terminal.ts';

/** A process, what it is to do, and where its report goes. */
export type Program = {
  readonly world: NodeJS.Process;
  /** A job whose caller owns stdout reports on stderr. */
  readonly reportTo: 'stdout' | 'stderr';
  readonly job: (host: Host) => Promise<number>;
  /** The program of the thread that proves, where there is one beside this program. */
  readonly prover?: URL;
};

/**
 * Runs the job with the real `Host`. The exit code is 70 until the job gives another: a process that is torn down
 * early, by whatever, has not verified anything. Signals keep their default, which ends the process at once and quietly.
 */
export function runProgram({ world, reportTo, job, prover }: Program): void {
  world.exitCode = EXIT.bug;
  const state = { ended: false };
  const end = (code: number): void => {
    if (state.ended) return;
    state.ended = true;
    world.exitCode = code;
  };
  const crash = (error: unknown): void => {
    const { text, exitCode } = errorText(error, { verbose: wantsVerbose(world.argv, world.env) });
    end(exitCode);
    world.exitCode = exitCode;
    world.stderr.write(text);
  };
  world.on('uncaughtException', crash);
  world.on('exit', () => {
    if (!state.ended) crash(new Error('the run ended before its verdict'));
  });
  // What stderr does not take cannot be told anywhere; the exit code still counts.
  world.stderr.on('error', () => undefined);
  world.stdout.on('error', (cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EPIPE' && cause.code !== 'EOF') crash(unwritable(cause));
  });
  job(hostOf(world, reportTo, prover)).then(end, crash);
}

/** The real world as a `Host`. */
export function hostOf(world: NodeJS.Process, reportTo: Program['reportTo'], prover?: URL): Host {
  const env = { ...world.env };
  const report = world[reportTo];
  const ask = createAsk(world);
  return {
    cwd: world.cwd(),
    env,
    now: new Date(),
    out: (text) => void report.write(text),
    err: (text) => void world.stderr.write(text),
    interactive: isWatched(env, world.stderr),
    ...(ask === undefined ? {} : { ask }),
    color: wantsColor(env, report),
    ...(report.isTTY && report.columns > 0 && { columns: report.columns }),
    execPath: world.execPath,
    platform: world.platform,
    self: createOwnProcess(world, prover),
  };
}

// `npmsign verify | head` closes the pipe early: nobody reads any more, and the exit code still counts. A full disk is another matter:
// somebody will read what is not there.
function unwritable(cause: NodeJS.ErrnoException): UsageError {
  const message = `The report cannot be written to stdout (${cause.code ?? 'unknown reason'}).`;
  return new UsageError('STDOUT_UNWRITABLE', message, { cause });
}
