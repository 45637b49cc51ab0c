/** `npmsign explain`: tells everything known about one package. */
import { EXIT, UsageError } from '../../errors.ts';
import { explain, render } from '../../index.ts';
import type { Command, Invocation } from '../command.ts';
import { exitCodeForAll } from '../exit-code.ts';
import { noticeTeller, writeOutputs } from '../output.ts';
import { createProgress } from '../progress.ts';
import { requireFormats, sharedOptionsOf } from '../shared-flags.ts';

/** Judges the lockfile, then tells one package's story; the exit code is that of this package alone. */
export const explainCommand: Command = {
  operands: '<package>[@version]',
  flags: [],
  notes: ['Evidence, each check with its reason, and the policy line that decided.'],
  async run(host, invocation) {
    const options = sharedOptionsOf(invocation);
    requireFormats(options.outputs, ['pretty', 'json']);
    const progress = await createProgress(host, options);
    // Not laid out for a narrow terminal: what is to fit on one screen would be cut.
    const style = { ...options, color: host.color, root: host.cwd };
    const request = { ...options, package: packageOf(invocation), onProgress: progress.show };
    const { report, found, text, verdicts } = await explain(host, request, style).finally(progress.stop);
    if (!found) {
      host.err(text);
      return EXIT.misuse;
    }
    const tell = noticeTeller(host, options);
    for (const notice of report.notices) if (ABOUT_PROJECT.has(notice.code)) tell(notice);
    await writeOutputs(host, options.outputs, ({ format }) =>
      format === 'json' ? render(report, 'json', style) : text,
    );
    return exitCodeForAll(verdicts.map(({ effect }) => effect));
  },
};

/** Notices about what is judged, rather than about the whole report. */
const ABOUT_PROJECT: ReadonlySet<string> = new Set(['PROJECT_ABOVE', 'POLICY_NOT_USED']);

function packageOf({ operands }: Invocation): string {
  const [name] = operands;
  if (name !== undefined && operands.length === 1) return name;
  throw new UsageError('BAD_FLAG_VALUE', `npmsign explain takes one package; found ${operands.length}.`, {
    hint: 'npmsign explain <package>[@version]',
  });
}
