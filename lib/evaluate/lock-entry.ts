/** Finds what the signer lock holds about one package. */
import type { Subject } from '../checks/index.ts';
import type { Lock } from '../model/lock.ts';
import type { PackageId } from '../model/package.ts';

/** Whether there is a lock, and its entry for the package's release line. */
export function lockedFor({ name, version }: PackageId, lock: Lock | undefined): Subject['lock'] {
  if (lock === undefined) return { exists: false };
  const line = lineOf(version);
  const entry = line === undefined ? undefined : lock.entries.get(`${name} ${line}`);
  // A name with a space in it could spell another package's key.
  return entry === undefined || entry.name !== name || entry.line !== line
    ? { exists: true }
    : { exists: true, entry };
}

/** The major version, or `0.<minor>` below 1: what semantic versioning calls compatible. */
function lineOf(version: string): string | undefined {
  const found = /^(\d+)\.(\d+)\./.exec(version);
  if (found === null) return undefined;
  return found[1] === '0' ? `0.${found[2]}` : found[1];
}
