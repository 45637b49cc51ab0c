/** Says why a changed signer is accepted: a reason somebody can be asked about later. */
import { UsageError } from '../errors.ts';
import { visible } from '../text/sanitize.ts';

const LONGEST = 500;

/** The reason as it is recorded: one line of text. Throws `UsageError` for one that says nothing, or hides something. */
export function recordedReason(given: string): string {
  const reason = given.trim();
  if (reason === '') {
    throw new UsageError('BAD_FLAG_VALUE', 'A changed signer is accepted for a reason, and none is given.', {
      hint: 'npmsign lock --accept <package> --reason "<why it is right>"',
    });
  }
  if (reason.length > LONGEST || visible(reason) !== reason) {
    throw new UsageError(
      'BAD_FLAG_VALUE',
      `A reason is one line of at most ${LONGEST} characters that can be seen.`,
    );
  }
  return reason;
}
