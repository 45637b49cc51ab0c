/** Says which packages of a tree the signer lock does not know: trust on first use is never silent. */
import type { Lock } from '../model/lock.ts';
import type { Tree } from '../model/package.ts';
import type { Notice } from '../model/report.ts';
import { specOf } from '../text/package-id.ts';
import { entryFor } from '../text/release-line.ts';
import { tame } from '../text/sanitize.ts';
import { isForLock } from './entry.ts';
import { LOCK_FILE } from './format.ts';

/** How many packages are named. */
const NAMED = 5;

/** One notice with the count of new packages; none where all are known, or where the project has no lock. */
export function lockNotices({ packages }: Tree, lock: Lock | undefined): readonly Notice[] {
  if (lock === undefined) return [];
  const unknown = packages.filter((pkg) => isForLock(pkg) && entryFor(lock, pkg.id) === undefined);
  const specs = [...new Set(unknown.map(({ id }) => tame(specOf(id), 100)))];
  if (specs.length === 0) return [];
  const more = specs.length > NAMED ? ` and ${specs.length - NAMED} more` : '';
  const [verb, whom] = specs.length === 1 ? ['package is', 'it'] : ['packages are', 'them'];
  return [
    {
      code: 'LOCK_NEW',
      message:
        `${specs.length} ${verb} new to ${LOCK_FILE}, which does not know who signs ${whom}: ` +
        `${specs.slice(0, NAMED).join(', ')}${more}. Review with npmsign diff, then record with npmsign lock`,
    },
  ];
}
