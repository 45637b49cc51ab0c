/** `npmsign lock`: records who signs every package in `npmsign.lock.json`. */
import { EXIT, UsageError } from '../../errors.ts';
import {
  type LockChange,
  type LockOptions,
  type LockPlan,
  lock,
  renderLockChange,
  renderLockPlan,
} from '../../index.ts';
import type { Host } from '../../model/host.ts';
import { tame } from '../../text/sanitize.ts';
import type { Command, Invocation } from '../command.ts';
import { flagIsOn, flagValue } from '../flags.ts';
import { noticeTeller, writeOutputs } from '../output.ts';
import { createProgress, type ProgressLine } from '../progress.ts';
import { requireFormats, sharedOptionsOf } from '../shared-flags.ts';

const REASON = '--reason "<why it is right>"';

/** Trusts what is new, and says so; leaves what changed as it was, unless somebody says why it is right. */
export const lockCommand: Command = {
  operands: '',
  flags: [
    {
      name: 'accept',
      value: '<package>',
      about: 'accept the changed signer of this package: a name, glob, or name@range',
      repeatable: true,
    },
    { name: 'reason', value: '<text>', about: 'why it is accepted; recorded with the date' },
    { name: 'prune', about: 'remove packages that are no longer in the tree' },
    { name: 'dry-run', about: 'write nothing' },
    { name: 'check', about: 'write nothing, and exit 1 if the lock would change' },
  ],
  notes: [
    'Trust begins at first use, and what is new is listed. A changed signer is never overwritten unless it is accepted; packages whose',
    'evidence is refuted or cannot be had are not locked. Exits 1 when something was refused or refuted, 3 when something could not be verified.',
  ],
  async run(host, invocation) {
    refuseOperands(invocation);
    const options = sharedOptionsOf(invocation);
    requireFormats(options.outputs, ['pretty', 'json']);
    const asked = askedOf(invocation);
    const progress = await createProgress(host, options);
    const reason = reasonOf(host, { invocation, progress });
    const request = { ...options, ...asked, reason, onProgress: progress.show };
    const onNotice = noticeTeller(host, options);
    const plan = await lock(host, { ...request, onNotice }).finally(progress.stop);
    await writeOutputs(host, options.outputs, ({ format }, style) =>
      renderLockPlan(plan, format === 'json' ? 'json' : 'pretty', {
        ...options,
        ...style,
        written: asked.write ? 'written' : 'not written',
      }),
    );
    return exitCodeOf(plan, asked);
  },
};

type Asked = Required<Pick<LockOptions, 'accept' | 'prune' | 'write'>> & { readonly check: boolean };

function askedOf(invocation: Invocation): Asked {
  const isOn = (name: string): boolean => flagIsOn({ ...invocation, env: {} }, name);
  const check = isOn('check');
  return {
    accept: invocation.uses.filter(({ name }) => name === 'accept').map(({ value }) => value),
    prune: isOn('prune'),
    check,
    write: !check && !isOn('dry-run'),
  };
}

type Asking = { readonly invocation: Invocation; readonly progress: ProgressLine };

/** The reason given, or a question to the person at the terminal once the changes can be shown. Asked wrongly where there is neither. */
function reasonOf(host: Host, { invocation, progress }: Asking): NonNullable<LockOptions['reason']> {
  const given = flagValue({ ...invocation, env: {} }, 'reason');
  const accepts = invocation.uses.some(({ name }) => name === 'accept');
  if (given !== undefined && !accepts) {
    throw new UsageError(
      'BAD_FLAG_VALUE',
      '--reason says why a changed signer is accepted, and none is: --accept names it.',
    );
  }
  if (given !== undefined || !accepts) return given ?? '';
  const { ask } = host;
  if (ask === undefined) {
    throw new UsageError('BAD_FLAG_VALUE', '--accept needs a reason, and nobody is here to be asked.', {
      hint: `npmsign lock --accept <package> ${REASON}`,
    });
  }
  return (changes: readonly LockChange[]) => {
    progress.stop();
    host.err(changes.map(renderLockChange).join(''));
    return ask('Why is this right? ');
  };
}

/** Something refused or refuted, or under `--check` a lock that would change: 1. Something unverified: 3. */
function exitCodeOf({ refused, unlocked, differs }: LockPlan, { check }: Asked): number {
  const refuted = unlocked.some(({ why }) => why === 'refuted');
  if (refused.length > 0 || refuted || (check && differs)) return EXIT.violated;
  return unlocked.length > 0 ? EXIT.unverified : EXIT.met;
}

function refuseOperands({ operands }: Invocation): void {
  const [first] = operands;
  if (first === undefined) return;
  throw new UsageError('BAD_FLAG_VALUE', `npmsign lock takes no arguments; found ${tame(first, 60)}.`, {
    hint: 'npmsign lock --accept <package> accepts a changed signer.',
  });
}
