/** Puts rendered text where it was asked for: stdout, a file, or the step summary of a workflow. */
import { randomUUID } from 'node:crypto';
import { appendFile, lstat, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import type { RenderStyle } from '../index.ts';
import type { Host } from '../model/host.ts';
import type { Notice } from '../model/report.ts';
import { tame } from '../text/sanitize.ts';
import type { Output } from './shared-flags.ts';

/** Renders each output and writes it, files first. Colour goes to stdout only. Throws `UsageError` for a file that cannot be written. */
export async function writeOutputs(
  host: Host,
  outputs: readonly Output[],
  textOf: (output: Output, style: TerminalStyle) => string,
): Promise<void> {
  for (const output of outputs) {
    if (output.file !== undefined)
      await writeWhole(resolve(host.cwd, output.file), textOf(output, { color: false }));
  }
  for (const output of outputs) {
    if (output.file === undefined) host.out(textOf(output, terminalStyle(host)));
  }
}

/** How text is laid out for whoever reads it. */
export type TerminalStyle = Pick<RenderStyle, 'color' | 'width'>;

/** Wide text is hard to read, and text wider than its terminal is broken by it: the columns of a narrow one are kept to. */
export function terminalStyle({ color, columns }: Host): TerminalStyle {
  return { color, ...(columns !== undefined && columns < WIDEST && { width: columns }) };
}

const WIDEST = 100;

/** Tells notices of a run whose report has no place for them: on stderr, and nothing when it is to be quiet. */
export function noticeTeller(host: Host, { quiet }: { readonly quiet: boolean }): (notice: Notice) => void {
  return ({ message }) => {
    if (!quiet) host.err(`npmsign: ${message}.\n`);
  };
}

/** Appends to the step summary GitHub shows under a run, where there is one. A summary that cannot be written changes no verdict. */
export async function appendStepSummary(host: Host, text: string): Promise<void> {
  const file = host.env['GITHUB_STEP_SUMMARY'];
  if (file === undefined || file === '') return;
  try {
    await appendFile(file, text);
  } catch (cause) {
    host.err(`npmsign: the step summary cannot be written (${reasonOf(cause)}).\n`);
  }
}

// Atomic: a reader sees the old file or the new one. A rename would replace a device, pipe or link instead of writing to it,
// so only an ordinary file gives way.
async function writeWhole(path: string, text: string): Promise<void> {
  const partial = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  try {
    const stats = await lstat(path).catch(absentOrThrow);
    if (stats !== undefined && !stats.isFile()) throw new UsageError('BAD_FLAG_VALUE', notAFile(path));
    await writeFile(partial, text, { flag: 'wx' });
    await rename(partial, path);
  } catch (cause) {
    await rm(partial, { force: true });
    if (cause instanceof UsageError) throw cause;
    const message = `--output ${tame(path)} cannot be written (${reasonOf(cause)}).`;
    throw new UsageError('BAD_FLAG_VALUE', message, {
      cause,
      hint: 'Name a file in a directory that exists.',
    });
  }
}

function notAFile(path: string): string {
  return `--output ${tame(path)} is there and is not an ordinary file.`;
}

function absentOrThrow(error: unknown): undefined {
  if (reasonOf(error) === 'ENOENT') return undefined;
  throw error;
}

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
}
