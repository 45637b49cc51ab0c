/** Is there verified build provenance for these bytes? */
import { defineCheck, type Subject } from './define.ts';
import { publishTimeOf } from './publish-time.ts';
import { askForProof } from './required-proof.ts';
import { timeOf, timeWords } from './time.ts';
import { quoted } from './words.ts';

/** Is there provenance, signed by a certificate of the trusted authority, whose one subject is these bytes? */
export const provenance = defineCheck({
  id: 'provenance',
  question: 'Is there verified build provenance for these bytes?',
  about:
    'A stolen publish token can upload anything, but cannot make a trusted build service vouch for it. With `publishedAfter`, ' +
    'versions published before that date need none; a version whose publish time nobody tells counts as published after it.',
  restsOn: 'proof',
  ask(subject, { required, publishedAfter }) {
    const before = publishedAfter === undefined ? undefined : timeBefore(subject, publishedAfter);
    return askForProof(subject, {
      proof: subject.evidence.provenance,
      noun: 'provenance',
      required: required && before === undefined,
      excuse: before ?? 'the policy does not require it',
      proved: ({ identity }) =>
        `built ${identity.repository === undefined ? '' : `from ${quoted(identity.repository)} `}` +
        `by ${quoted(identity.subject)}`,
      hint: 'Choose a version published with provenance, or set required or publishedAfter.',
    });
  },
});

/** Why a version needs none: it was published before the date. `undefined` when it was not, or nobody knows. */
function timeBefore(subject: Subject, publishedAfter: string): string | undefined {
  const limit = timeOf(publishedAfter);
  const published = publishTimeOf(subject);
  if (limit === undefined || published.kind === 'unknown' || published.at >= limit) return undefined;
  return `published ${timeWords(published.at)} (${published.kind === 'proved' ? 'proved by ' : ''}${published.by}), before ${quoted(publishedAfter)}`;
}
