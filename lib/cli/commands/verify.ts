/** `npmsign verify`: judges the project's lockfile under its policy. */
import { EXIT, UsageError } from '../../errors.ts';
import type { Memory } from '../../memory/index.ts';
import type { Host } from '../../model/host.ts';
import type { Report } from '../../model/report.ts';
import type { VerifyRequest } from '../../model/request.ts';
import { tame } from '../../text/sanitize.ts';
import type { Command, Invocation } from '../command.ts';
import { exitCodeFor } from '../exit-code.ts';
import { flagIsOn, flagValue } from '../flags.ts';
import { appendStepSummary, writeOutputs } from '../output.ts';
import { createProgress } from '../progress.ts';
import { renderPublished } from '../published-text.ts';
import { memoryOf, recallingFrom, tellRecalled } from '../recalling.ts';
import { requireFormats, type SharedOptions, sharedOptionsOf } from '../shared-flags.ts';

/** Judges every package of the lockfile; a bad package is a finding, and the exit code says so. */
export const verifyCommand: Command = {
  operands: '',
  flags: [
    {
      name: 'installed',
      about: 'also compare node_modules with the verified tarballs, file by file',
    },
    {
      name: 'require-gate',
      about: 'fail unless a gate has opened for this lockfile in this checkout',
    },
    {
      name: 'published',
      value: '<name@version>',
      about: 'check that the registry serves what was signed under this name; no lockfile is judged',
    },
    {
      name: 'suggest',
      about: 'propose the smallest policy edit that would let this pass; nothing is changed',
    },
  ],
  notes: ['Nothing is installed, and no code of the project or its dependencies runs.'],
  async run(host, invocation) {
    refuseOperands(invocation);
    const options = sharedOptionsOf(invocation);
    const published = flagValue({ ...invocation, env: {} }, 'published');
    if (published !== undefined) return judgePublished(host, options, published);
    const isOn = (name: string): boolean => flagIsOn({ ...invocation, env: {} }, name);
    const extras = { installed: isOn('installed'), requireGate: isOn('require-gate') };
    const isPlain = !extras.installed && !extras.requireGate && !isOn('suggest');
    const memory = isPlain && isMemorable(options) ? memoryOf(host, options) : undefined;
    if (memory?.last !== undefined) return retell(host, options, memory.last);
    const { render } = await import('../../verify/index.ts');
    const { found, evidenceIn, ...recalling } = recallingFrom(memory);
    const report = await judge(host, { ...options, ...extras, ...recalling });
    const told: string[] = [];
    await writeOutputs(host, options.outputs, ({ format }, style) => {
      const text = render(report, format, { ...options, ...style, root: host.cwd });
      told.push(text);
      return text;
    });
    if (options.outputs.some(({ format }) => format === 'github')) {
      await appendStepSummary(host, render(report, 'markdown', { ...options, color: false, root: host.cwd }));
    }
    if (isOn('suggest')) await propose(host, { options, report });
    tellRecalled(host, options, found());
    const exitCode = exitCodeFor(report.effect);
    if (exitCode === EXIT.met) {
      memory?.remember({ text: told.join(''), exitCode, evidence: evidenceIn(report) });
    }
    return exitCode;
  },
};

/** What a person reads on a terminal is told again; what a program or another page gets is made anew. */
function isMemorable({ remember, evidence, outputs }: SharedOptions): boolean {
  return (
    remember &&
    evidence === undefined &&
    outputs.every(({ format, file }) => format === 'pretty' && file === undefined)
  );
}

function retell(host: Host, { quiet }: SharedOptions, last: NonNullable<Memory['last']>): number {
  host.out(last.text);
  const since = `unchanged since it was judged at ${last.judgedAt}`;
  if (!quiet) host.err(`npmsign: ${since}; --no-remember judges it again.\n`);
  return last.exitCode;
}

/** `json` is the check itself; every other format would be of a lockfile. */
async function judgePublished(host: Host, options: SharedOptions, spec: string): Promise<number> {
  requireFormats(options.outputs, ['pretty', 'json']);
  if (options.evidence !== undefined) {
    throw new UsageError('BAD_FLAG_VALUE', '--published asks the registry; --evidence asks nobody.');
  }
  const { verifyPublished } = await import('../../index.ts');
  const check = await verifyPublished(host, spec, options);
  await writeOutputs(host, options.outputs, ({ format }) =>
    format === 'json' ? `${JSON.stringify({ schema: 1, ...check }, null, 2)}\n` : renderPublished(check),
  );
  return exitCodeFor(check.effect);
}

async function judge(
  host: Host,
  options: SharedOptions &
    Pick<VerifyRequest, 'onGrounds' | 'recall'> & {
      readonly requireGate: boolean;
      readonly installed: boolean;
    },
): Promise<Report> {
  const { verify } = await import('../../verify/index.ts');
  const progress = await createProgress(host, options);
  try {
    return await verify(host, { ...options, onProgress: progress.show });
  } finally {
    progress.stop();
  }
}

/** Beside a text report on stdout; beside anything else on stderr, so that stdout stays one document. */
async function propose(
  host: Host,
  { options, report }: { readonly options: SharedOptions; readonly report: Report },
): Promise<void> {
  const { suggest } = await import('../../verify/index.ts');
  const isText = options.outputs.some(({ format, file }) => format === 'pretty' && file === undefined);
  (isText ? host.out : host.err)(suggest(report));
}

function refuseOperands({ operands }: Invocation): void {
  const [first] = operands;
  if (first === undefined) return;
  throw new UsageError('BAD_FLAG_VALUE', `npmsign verify takes no arguments; found ${tame(first, 60)}.`, {
    hint: 'npmsign explain <package> tells about one package.',
  });
}
