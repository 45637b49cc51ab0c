/** `npmsign verify`: judges the project's lockfile under its policy. */
import { UsageError } from '../../errors.ts';
import { render, verify } from '../../index.ts';
import type { Host } from '../../model/host.ts';
import type { Report } from '../../model/report.ts';
import { tame } from '../../text/sanitize.ts';
import type { Command, Invocation } from '../command.ts';
import { exitCodeFor } from '../exit-code.ts';
import { appendStepSummary, writeOutputs } from '../output.ts';
import { createProgress } from '../progress.ts';
import { type SharedOptions, sharedOptionsOf } from '../shared-flags.ts';

/** Judges every package of the lockfile; a bad package is a finding, and the exit code says so. */
export const verifyCommand: Command = {
  operands: '',
  flags: [],
  notes: ['Nothing is installed, and no code of the project or its dependencies runs.'],
  async run(host, invocation) {
    refuseOperands(invocation);
    const options = sharedOptionsOf(invocation);
    const report = await judge(host, options);
    await writeOutputs(host, options.outputs, ({ format }, style) =>
      render(report, format, { ...options, ...style, root: host.cwd }),
    );
    if (options.outputs.some(({ format }) => format === 'github')) {
      await appendStepSummary(host, render(report, 'markdown', { ...options, color: false, root: host.cwd }));
    }
    return exitCodeFor(report.effect);
  },
};

async function judge(host: Host, options: SharedOptions): Promise<Report> {
  const progress = await createProgress(host, options);
  try {
    return await verify(host, { ...options, onProgress: progress.show });
  } finally {
    progress.stop();
  }
}

function refuseOperands({ operands }: Invocation): void {
  const [first] = operands;
  if (first === undefined) return;
  throw new UsageError('BAD_FLAG_VALUE', `npmsign verify takes no arguments; found ${tame(first, 60)}.`, {
    hint: 'npmsign explain <package> tells about one package.',
  });
}
