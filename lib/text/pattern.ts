/** The only place where names, URLs and refs are matched: exactly, or by an anchored glob. */
import { minimatch } from 'minimatch';
import satisfies from 'semver/functions/satisfies.js';
import type { PackageId } from '../model/package.ts';
import { splitSpec } from './package-id.ts';
import { MAX_GLOB } from './pattern-fault.ts';

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
  if (text === glob || glob === '**') return true;
  if (!/[*?]/.test(glob) || text.length > 4096 || glob.length > MAX_GLOB) return false;
  if (!slashesAgree(text, glob)) return false;
  // Brackets would be character classes; a policy means them literally.
  const literal = glob.replace(/[[\]\\]/g, '\\$&');
  return minimatch(text, literal, GLOB);
}

// minimatch takes `//` for `/` and lets the text end in a slash that the glob lacks. In a URL neither is the same place.
function slashesAgree(text: string, glob: string): boolean {
  const before = glob.slice(0, glob.search(/[*?]/));
  const after = /[^*?]*$/.exec(glob)?.[0] ?? '';
  if (!text.startsWith(before) || !text.endsWith(after)) return false;
  return glob.includes('**') || text.split('/').length === glob.split('/').length;
}

/** As `matchesGlob`, for repository URLs: case is ignored on hosts where names ignore case, and nowhere else. */
export function matchesRepository(url: string, glob: string): boolean {
  return isCaseless(url) ? matchesGlob(url.toLowerCase(), glob.toLowerCase()) : matchesGlob(url, glob);
}

/** Are two repository URLs the same? Both may be strangers': nothing in either is a pattern. */
export function sameRepository(a: string, b: string): boolean {
  return isCaseless(a) ? a.toLowerCase() === b.toLowerCase() : a === b;
}

function isCaseless(url: string): boolean {
  const host = /^https:\/\/([^/]+)\//i.exec(url)?.[1]?.toLowerCase();
  return host !== undefined && CASELESS_HOSTS.has(host);
}

/** Does one package pattern (`name`, glob, `name@range`) match? Names match as published, never by alias. */
export function matchesPackage(id: PackageId, pattern: string): boolean {
  const { name, range } = splitSpec(pattern);
  if (!matchesGlob(id.name, name)) return false;
  if (range === undefined) return true;
  return id.version === range || satisfies(id.version, range, { includePrerelease: true });
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
