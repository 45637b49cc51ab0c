/** The lock of a large project: 1,150 release lines, all of them with provenance. */
import type { LockEntry } from '../../lib/model/lock.ts';

const PACKAGES = 1150;

/** A release line as most are that have provenance: names and repositories of ordinary length, some with commands. */
export function aLine(index: number): LockEntry {
  const name = index % 3 === 0 ? `@organisation/package-${index}` : `some-package-${index}`;
  return {
    name,
    line: String(1 + (index % 9)),
    proof: 'provenance',
    signer: {
      issuer: 'https://token.actions.githubusercontent.com',
      repository: `https://github.com/organisation/repository-${index}`,
      repositoryId: String(100_000_000 + index),
      ownerId: String(10_000_000 + index),
      workflow: '.github/workflows/release.yml',
      refClass: 'tag',
      trigger: 'push',
    },
    installScript: index % 100 === 0,
    bins: index % 10 === 0 ? [`command-${index}`] : [],
  };
}

/** Every line of the lock. */
export const LINES: readonly LockEntry[] = Array.from({ length: PACKAGES }, (_, index) => aLine(index));
