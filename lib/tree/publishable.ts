/** Says what a registry could hold, and reads the hash a lockfile pins it by. */
import type { Integrity, PackageId } from '../model/package.ts';
import { parseIntegrity } from '../text/integrity.ts';
import { tame } from '../text/sanitize.ts';
import { isNpmName } from './npm-place.ts';

/** One version as registries publish them (Semantic Versioning 2.0.0, sections 2, 9 and 10). */
const VERSION =
  /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[a-z-][\da-z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-z-][\da-z-]*))*)?(?:\+[\da-z-]+(?:\.[\da-z-]+)*)?$/i;

/** Is the text one exact version, and not a range, a tag or an address? */
export function isExactVersion(text: string): boolean {
  return text.length <= 256 && VERSION.test(text);
}

/** Why no registry can hold this; `undefined` when one could. Completes "has …". Package managers ask a registry for whatever stands there. */
export function unpublishable({ name, version }: PackageId): string | undefined {
  if (!isNpmName(name)) return `the name ${tame(name, 200)}, which no registry can hold`;
  if (version === '') return 'no version';
  return isExactVersion(version)
    ? undefined
    : `the version ${tame(version, 100)}, which is not a semantic version`;
}

/** The hash as the lockfile states it. A malformed value stays visible as one without hashes; absent is something else. */
export function integrityOf(text: string): Integrity {
  return parseIntegrity(text) ?? { text, hashes: [] };
}
