/** Orders the findings of a diff: most serious first, in every list and every format. */
import type { FindingKind } from '../model/diff.ts';

/** Which of two kinds is told first, as `sort` wants it. */
export function bySeriousness(a: FindingKind, b: FindingKind): number {
  return MOST_SERIOUS_FIRST.indexOf(a) - MOST_SERIOUS_FIRST.indexOf(b);
}

const MOST_SERIOUS_FIRST: readonly FindingKind[] = [
  'bytes-changed',
  'proof-refuted',
  'proof-lost',
  'source-changed',
  'issuer-changed',
  'subject-changed',
  'repository-changed',
  'repository-moved',
  'ref-changed',
  'trigger-changed',
  'workflow-changed',
  'builder-changed',
  'install-script-new',
  'repository-renamed',
  'source-new',
  'proof-unavailable',
  'downgrade',
  'bin-new',
  'just-published',
  'deprecated',
  'signer-gained',
  'proof-gained',
  'install-script-gone',
  'integrity-stronger',
];
