/** `npmsign bundle`: exports all evidence, to be verified where there is no network. */
import { EXIT, UsageError } from '../../errors.ts';
import { type Exported, exportEvidence } from '../../index.ts';
import type { Host } from '../../model/host.ts';
import { tame } from '../../text/sanitize.ts';
import type { Command, Invocation } from '../command.ts';
import { flagValue } from '../flags.ts';
import { createProgress } from '../progress.ts';
import { sharedOptionsOf } from '../shared-flags.ts';

const USAGE = 'npmsign bundle -o <dir>';

/** Writes a folder that `--evidence` reads back, or says what could not be had and writes nothing. */
export const bundleCommand: Command = {
  operands: '',
  flags: [],
  notes: [
    `${USAGE} writes everything verify would ask registries for, and the trust root as signed metadata; nothing is judged.`,
    'npmsign verify --evidence <dir> then asks nobody, and proves everything again. Exits 3, and writes nothing, when an answer cannot be had.',
  ],
  async run(host, invocation) {
    const directory = directoryOf(invocation);
    const options = sharedOptionsOf({
      ...invocation,
      uses: invocation.uses.filter(isShared),
      env: withoutOutput(invocation),
    });
    const progress = await createProgress(host, options);
    const request = { ...options, directory, onProgress: progress.show };
    const exported = await exportEvidence(host, request).finally(progress.stop);
    for (const { message } of exported.notices) host.err(`npmsign: ${tame(message, 1000)}\n`);
    if (exported.kind === 'incomplete') return refuse(host, directory, exported);
    const { packages, answers, digest } = exported;
    if (!options.quiet) {
      const what = `Evidence of ${counted(packages, 'package')} (${counted(answers, 'answer')})`;
      host.out(`${what} is in ${tame(directory)}; its evidence.json is sha256:${digest}.\n`);
    }
    return EXIT.met;
  },
};

/** `--output`, short `-o`, is where to: there is no report to write. */
function directoryOf(invocation: Invocation): string {
  const [operand] = invocation.operands;
  if (operand !== undefined) {
    const message = `npmsign bundle takes no arguments; found ${tame(operand, 60)}.`;
    throw new UsageError('BAD_FLAG_VALUE', message, { hint: USAGE });
  }
  const named = invocation.uses.filter(({ name }) => name === 'output');
  const directory = flagValue(invocation, 'output');
  if (directory === undefined || named.length > 1) {
    const message = `npmsign bundle writes one folder; ${named.length} are named.`;
    throw new UsageError('BAD_FLAG_VALUE', message, { hint: USAGE });
  }
  if (invocation.uses.some(({ name }) => name === 'format')) {
    throw new UsageError('BAD_FLAG_VALUE', 'npmsign bundle writes evidence, which has no --format.', {
      hint: USAGE,
    });
  }
  return directory;
}

function isShared({ name }: Invocation['uses'][number]): boolean {
  return name !== 'output';
}

function withoutOutput({ env }: Invocation): Invocation['env'] {
  const { NPMSIGN_OUTPUT: _output, NPMSIGN_FORMAT: _format, ...rest } = env;
  return rest;
}

/** A terminal's worth of what is missing. */
const MOST_SHOWN = 20;

function refuse(
  host: Host,
  directory: string,
  { missing }: Extract<Exported, { kind: 'incomplete' }>,
): number {
  for (const one of missing.slice(0, MOST_SHOWN)) host.err(`  ${tame(one, 600)}\n`);
  if (missing.length > MOST_SHOWN) host.err(`  and ${missing.length - MOST_SHOWN} more\n`);
  const what = counted(missing.length, 'answer');
  host.err(`npmsign: ${what} could not be had; ${tame(directory)} is not written.\n`);
  return EXIT.unverified;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
