/** Runs package managers, without a shell and by absolute path. */
import { execFile, spawn } from 'node:child_process';
import { ManagerError } from '../errors.ts';
import { tame } from '../text/sanitize.ts';
import type { Program } from './manager.ts';
import type { Watch } from './watch.ts';

/** One run of a program. */
export type Call = {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
};

/** How a run ended: with an exit code, or by a signal. */
export type Ending =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals };

/**
 * Runs a manager to its end, with our terminal. What it prints as its result goes to stdout, or for a step that only prepares the run to
 * stderr. Signals we get are passed on to it.
 */
export function runManager(
  program: Program,
  { args, cwd, env, prints, watch }: Call & { readonly prints: 'result' | 'notes'; readonly watch: Watch },
): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const stdout = prints === 'result' ? 'inherit' : 2;
    const child = spawn(program.file, [...program.first, ...args], {
      cwd,
      env: { ...env },
      stdio: ['inherit', stdout, 'inherit'],
    });
    const done = watch.passTo((signal) => void child.kill(signal));
    child.once('error', (cause) => {
      done();
      reject(notStarted(program, cause));
    });
    child.once('close', (code, signal) => {
      done();
      resolve(signal === null ? { kind: 'exit', code: code ?? 1 } : { kind: 'signal', signal });
    });
  });
}

/** How long a program may take to tell its version, and how much it may say. */
const PATIENCE = 60_000;
const LONGEST = 64 * 1024;

/** What a program prints on stdout; empty where it fails. Throws `ManagerError` when it cannot be started. */
export function askProgram(program: Program, { args, cwd, env }: Call): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env: { ...env }, timeout: PATIENCE, maxBuffer: LONGEST, windowsHide: true };
    const child = execFile(program.file, [...program.first, ...args], options, (error, out) => {
      if (error !== null && typeof error.code === 'string') reject(notStarted(program, error));
      else resolve(error === null ? out : '');
    });
    child.stdin?.end();
  });
}

function notStarted({ file }: Program, cause: Error): ManagerError {
  return new ManagerError('MANAGER_MISSING', `${tame(file, 200)} cannot be started.`, { cause });
}
