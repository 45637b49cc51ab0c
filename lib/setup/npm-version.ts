/** Tells what a version of npm can do for a gate. */
import type { SetupManager } from '../model/setup.ts';
import { compareVersions } from '../text/semver.ts';

/** Does npm call the root preinstall script before it fetches anything? Since 12.0. */
export function runsPreinstallFirst(version: string): boolean {
  return compareVersions(version, '12.0.0') >= 0;
}

/** Can npm be told to stop install scripts nobody has reviewed? Since 11.16; npm 12 runs none of them anyway. */
export function canReviewScripts({ kind, version }: SetupManager): boolean {
  return kind === 'npm' && compareVersions(version, '11.16.0') >= 0 && !runsPreinstallFirst(version);
}
