/** Finds what the signer lock holds about one package. */
import type { Subject } from '../checks/index.ts';
import type { Lock } from '../model/lock.ts';
import type { PackageId } from '../model/package.ts';
import { entryFor } from '../text/release-line.ts';

/** Whether there is a lock, and its entry for the version or its release line. */
export function lockedFor(id: PackageId, lock: Lock | undefined): Subject['lock'] {
  if (lock === undefined) return { exists: false };
  const entry = entryFor(lock, id);
  return entry === undefined ? { exists: true } : { exists: true, entry };
}
