/** `npmsign diff`: tells what changed in trust between two lockfiles. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { EXIT, UsageError } from '../../errors.ts';
import { type DiffRequest, diff, renderDiff } from '../../index.ts';
import type { Host } from '../../model/host.ts';
import type { Command, Invocation } from '../command.ts';
import { flagIsOn } from '../flags.ts';
import { noticeTeller, writeOutputs } from '../output.ts';
import { createProgress } from '../progress.ts';
import { type Output, requireFormats, sharedOptionsOf } from '../shared-flags.ts';

/** What a lockfile is compared with unless something else is named. */
const USUAL = 'HEAD';

/** Tells a reviewer who signs now, and who did before. It informs: only with `--strict` is bad news a failure. */
export const diffCommand: Command = {
  operands: '[git-ref|file]',
  flags: [
    {
      name: 'strict',
      about: 'exit 1 when proof was lost, a signer changed, or something new runs at install',
    },
  ],
  notes: [
    `Compares the lockfile with the one at a git revision, ${USUAL} unless another is named, or with another file.`,
    '--format markdown is a pull request comment as it stands. Nothing is installed, and no code of the project runs.',
  ],
  async run(host, invocation) {
    const options = sharedOptionsOf(invocation);
    requireFormats(options.outputs, ['pretty', 'markdown', 'json']);
    const against = await againstOf(host, invocation);
    const progress = await createProgress(host, options);
    const request = { ...options, against, onProgress: progress.show };
    const onNotice = noticeTeller(host, options);
    const found = await diff(host, { ...request, onNotice }).finally(progress.stop);
    await writeOutputs(host, options.outputs, (output, style) =>
      renderDiff(found, formatOf(output), { ...options, ...style }),
    );
    const alarms = found.changes.some(({ findings }) => findings.some(({ weight }) => weight === 'alarm'));
    return alarms && flagIsOn({ ...invocation, env: {} }, 'strict') ? EXIT.violated : EXIT.met;
  },
};

function formatOf({ format }: Output): 'pretty' | 'markdown' | 'json' {
  return format === 'markdown' || format === 'json' ? format : 'pretty';
}

/** A file where there is one of that name, and a revision otherwise. */
async function againstOf({ cwd }: Host, { operands }: Invocation): Promise<DiffRequest['against']> {
  const [named = USUAL, second] = operands;
  if (second !== undefined) {
    throw new UsageError(
      'BAD_FLAG_VALUE',
      `npmsign diff takes one git revision or file; found ${operands.length}.`,
      {
        hint: 'To compare two files: npmsign diff <old> --lockfile <new>.',
      },
    );
  }
  const isFile = await stat(resolve(cwd, named)).then(
    (stats) => stats.isFile(),
    () => false,
  );
  return isFile ? { file: named } : { revision: named };
}
