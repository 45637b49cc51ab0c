/** Gives identity checks the verified certificate to read, or answers for them when there is none. */
import type { Provenance } from '../model/evidence.ts';
import type { Answer } from '../model/report.ts';
import { fail, type Subject, skip, unknown } from './define.ts';
import { isOwnCode, kindWords, ownCodeReason } from './words.ts';

const NO_PROVENANCE_HINT =
  'Choose a version published with provenance, or limit the identity rule to packages that have it.';

/**
 * Asks `read` about verified provenance. Without it the answer is never a pass: refuted and absent fail, unavailable is
 * unknown (SPEC 3, "silence never means yes"). Only the project's own code is skipped.
 */
export function askIdentity(subject: Subject, read: (provenance: Provenance) => Answer): Answer {
  const { source } = subject.package;
  const { provenance } = subject.evidence;
  if (isOwnCode(source)) return skip(ownCodeReason(source));
  switch (provenance.status) {
    case 'proved':
      return read(provenance.value);
    case 'refuted':
      return fail(provenance.reason, 'Do not install this version.');
    case 'unavailable':
      return source.kind === 'registry' ? unknown(provenance.reason) : nothingToRead(subject);
    case 'absent':
    case 'notApplicable':
      return nothingToRead(subject);
  }
}

function nothingToRead({ package: { source } }: Subject): Answer {
  const whose = source.kind === 'registry' ? 'this version' : kindWords(source.kind);
  return fail(`${whose} has no verified provenance to read this from`, NO_PROVENANCE_HINT);
}
