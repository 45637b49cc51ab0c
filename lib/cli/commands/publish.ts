/** `npmsign publish`: packs, signs, publishes that very tarball with its provenance, and checks what the registry then serves. */
import { constants } from 'node:os';
import { EXIT } from '../../errors.ts';
import { type PublishOutcome, publish, type SignOutcome } from '../../index.ts';
import type { Host } from '../../model/host.ts';
import { specOf } from '../../text/package-id.ts';
import { tame } from '../../text/sanitize.ts';
import type { Command } from '../command.ts';
import { exitCodeFor } from '../exit-code.ts';
import { renderPublished } from '../published-text.ts';
import { sharedOptionsOf } from '../shared-flags.ts';

/** Nothing is uploaded unless it is signed, and nothing is signed that would not be accepted afterwards. stdout is npm's. */
export const publishCommand: Command = {
  operands: '[tarball] [arguments of npm publish]',
  flags: [],
  passesOn: ['registry', 'quiet', 'verbose'],
  notes: [
    "The project's own manager packs; npm uploads. What would fail later is found first, each with the next step.",
    'Afterwards the registry is asked for it again, and what it serves is compared with what was signed.',
    'With --dry-run nothing is signed and nothing is uploaded.',
  ],
  async run(host, invocation) {
    const options = sharedOptionsOf(invocation);
    const say = (text: string): void => {
      if (!options.quiet) host.err(`npmsign: ${text}\n`);
    };
    const outcome = await publish(host, {
      ...options,
      args: invocation.passed ?? [],
      onSigned: (signed) => say(signedText(signed)),
      onCommand: (command) => say(tame(command, 1000)),
      onNotice: ({ message }) => host.err(`npmsign: ${message}\n`),
    });
    return reported(host, outcome);
  },
};

function signedText(outcome: SignOutcome): string {
  if (outcome.kind === 'unsigned') return `not signed: ${tame(outcome.because, 1000)}`;
  const { id, identity, logIndex } = outcome;
  const entry = logIndex === undefined ? '' : `, log entry ${logIndex}`;
  return `signed ${specOf(id)} as ${tame(identity.subject)}${entry}`;
}

function reported(host: Host, outcome: PublishOutcome): number {
  switch (outcome.kind) {
    case 'ended':
      return outcome.code;
    case 'interrupted':
      host.self?.endBy(outcome.signal);
      return 128 + constants.signals[outcome.signal];
    case 'unready': {
      for (const { code, message, hint } of outcome.faults) {
        host.err(`npmsign: ${message} [${code}]\n  ${hint}\n`);
      }
      host.err('npmsign: nothing was published.\n');
      return EXIT.misuse;
    }
    case 'unattested': {
      const { id, reason, tarball } = outcome;
      host.err(`npmsign: ${specOf(id)} is published without its attestation: ${reason}\n`);
      host.err(`  Send it again: npmsign publish ${tame(tarball, 300)}\n`);
      return EXIT.violated;
    }
    case 'published':
      host.err(renderPublished(outcome.check));
      return exitCodeFor(outcome.check.effect);
  }
}
