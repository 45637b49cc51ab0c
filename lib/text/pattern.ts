/** The only place where names, URLs and refs are matched: exactly, or by an anchored glob. */
import { minimatch } from 'minimatch';
import semver from 'semver';
import type { PackageId } from '../model/package.ts';
import { splitSpec } from './package-id.ts';

// minimatch reads `!x` as "everything but x", `#x` as a comment, and skips dotfiles: all three are off.
// Braces and extglobs are off too: a policy pattern is a literal with `*`, `**` and `?`.
const GLOB = {
  nonegate: true,
  nocomment: true,
  dot: true,
  nobrace: true,
  noext: true,
  windowsPathsNoEscape: false,
  optimizationLevel: 0,
  platform: 'linux',
} as const;

/** Hosts whose repository names ignore case (SPEC 3). */
const CASELESS_HOSTS = new Set(['github.com', 'gitlab.com']);

/** Does the whole text match the glob? `*` never crosses `/`; `**` does. */
export function matchesGlob(text: string, glob: string): boolean {
  if (text === glob) return true;
  if (!/[*?]/.test(glob) || text.length > 4096 || glob.length > 1024) return false;
  // Brackets would be character classes; a policy means them literally.
  const literal = glob.replace(/[[\]\\]/g, '\\$&');
  return minimatch(text, literal, GLOB);
}

/** As `matchesGlob`, for repository URLs: case is ignored on hosts where names ignore case, and nowhere else. */
export function matchesRepository(url: string, glob: string): boolean {
  const host = /^https:\/\/([^/]+)\//i.exec(url)?.[1]?.toLowerCase();
  if (host === undefined || !CASELESS_HOSTS.has(host)) return matchesGlob(url, glob);
  return matchesGlob(url.toLowerCase(), glob.toLowerCase());
}

/** Does one package pattern (`name`, glob, `name@range`) match? Names match as published, never by alias. */
export function matchesPackage(id: PackageId, pattern: string): boolean {
  const { name, range } = splitSpec(pattern);
  if (!matchesGlob(id.name, name)) return false;
  if (range === undefined) return true;
  return id.version === range || semver.satisfies(id.version, range, { includePrerelease: true });
}

/** Does a list of package patterns match? A leading `!` excludes; the last pattern that matches decides. */
export function matchesPackages(id: PackageId, patterns: readonly string[]): boolean {
  let matched = false;
  for (const pattern of patterns) {
    const excludes = pattern.startsWith('!');
    if (matchesPackage(id, excludes ? pattern.slice(1) : pattern)) matched = !excludes;
  }
  return matched;
}
