/** Orders version numbers. */
// One by one: the whole library takes as long to load as to judge fifty packages.
import parse from 'semver/functions/parse.js';
import prerelease from 'semver/functions/prerelease.js';
import satisfies from 'semver/functions/satisfies.js';
import valid from 'semver/functions/valid.js';
import validRange from 'semver/ranges/valid.js';

/** Is it a version as registries publish them (Semantic Versioning 2.0.0)? */
export function isVersion(text: string): boolean {
  return text.length <= 256 && /^\d\S*$/.test(text) && valid(text) !== null;
}

/** Is it a range of versions, such as `^1.2.3`? */
export function isVersionRange(text: string): boolean {
  return text !== '' && text.length <= 256 && validRange(text) !== null;
}

/** Is it a prerelease, such as `2.0.0-beta.1`? */
export function isPrerelease(version: string): boolean {
  return prerelease(version) !== null;
}

/**
 * Which of two versions comes first, as `sort` wants it: by precedence (Semantic Versioning 2.0.0, section 11), then by code unit, so
 * that the order is total. What is no version comes before all versions.
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parse(a), parse(b)];
  if (left !== null && right !== null) return left.compare(right) || compareTexts(a, b);
  if (left === null && right === null) return compareTexts(a, b);
  return left === null ? -1 : 1;
}

/** By code unit, the same on every machine. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Is the version in the range, as npm understands ranges? What is no version, or no range, is in none. */
export function isInRange(version: string, range: string): boolean {
  return satisfies(version, range);
}
