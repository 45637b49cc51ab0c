/** `npmsign sign`: signs a tarball, or inside `postpack` what npm packed. */
import { type SignOutcome, sign } from '../../author/index.ts';
import { EXIT, UsageError } from '../../errors.ts';
import type { Host } from '../../model/host.ts';
import { specOf } from '../../text/package-id.ts';
import { tame } from '../../text/sanitize.ts';
import type { Command, Invocation } from '../command.ts';
import { type SharedOptions, sharedOptionsOf } from '../shared-flags.ts';

/** Writes the bundle and says so on stderr: stdout belongs to whoever packs. A run without an identity signs nothing, and succeeds. */
export const signCommand: Command = {
  operands: '[tarball]',
  flags: [],
  notes: [
    'Without a tarball: inside npm\'s postpack script, where "postpack": "npmsign sign" signs every pack and publish.',
    'The bundle goes beside the tarball, as <tarball>.sigstore.json; for npm publish, to the file that provenance-file names.',
    '--output <file> names another place for it.',
  ],
  async run(host, invocation) {
    const options = sharedOptionsOf(invocation);
    const outcome = await sign(host, { ...options, ...placesOf(invocation) });
    report(host, outcome, options);
    return EXIT.met;
  },
};

// The variables that stand in for --format and --output are meant for reports: a job that sets them signs all the same.
function placesOf({ operands, uses }: Invocation): { readonly tarball?: string; readonly output?: string } {
  const [tarball, second] = operands;
  if (second !== undefined) {
    throw new UsageError('BAD_FLAG_VALUE', `npmsign sign takes one tarball; found ${operands.length}.`);
  }
  const format = uses.find(({ name }) => name === 'format');
  if (format !== undefined) {
    throw new UsageError('BAD_FLAG_VALUE', '--format does not fit this command: a bundle has one form.');
  }
  const output = uses.find(({ name }) => name === 'output')?.value;
  return { ...(tarball === undefined ? {} : { tarball }), ...(output === undefined ? {} : { output }) };
}

function report({ err }: Host, outcome: SignOutcome, { quiet }: SharedOptions): void {
  switch (outcome.kind) {
    case 'signed': {
      if (quiet) return;
      for (const { message } of outcome.notices) err(`npmsign: ${tame(message, 1000)}\n`);
      const { identity, logIndex, id, file } = outcome;
      const entry = logIndex === undefined ? '' : `, log entry ${logIndex}`;
      err(`npmsign: signed ${specOf(id)} as ${tame(identity.subject)}${entry}\n  ${tame(file, 1000)}\n`);
      return;
    }
    case 'unsigned': {
      const isQuiet = outcome.code === 'DRY_RUN' || outcome.code === 'SIGNED_LATER';
      if (quiet && isQuiet) return;
      const what = outcome.id === undefined ? 'nothing' : `${specOf(outcome.id)} not`;
      const hint = outcome.hint === undefined ? '' : `\n  ${tame(outcome.hint, 1000)}`;
      err(`npmsign: ${what} signed: ${tame(outcome.because, 1000)}${hint}\n`);
    }
  }
}
