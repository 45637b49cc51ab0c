/** The only place where names, URLs and refs are matched: exactly, or by an anchored glob. */
import { minimatch } from 'minimatch';
import satisfies from 'semver/functions/satisfies.js';
import validRange from 'semver/ranges/valid.js';
import type { PackageId } from '../model/package.ts';
import { isPackageName, splitSpec } from './package-id.ts';
import { visible } from './sanitize.ts';

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

const MAX_GLOB = 1024;

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

/** Why a glob cannot mean what its author wanted, or `undefined`. `${…}` is a fault unless its name is among `variables`. */
export function globFault(glob: string, variables: readonly string[] = []): string | undefined {
  if (glob === '') return 'is empty';
  if (glob.length > MAX_GLOB) return `is longer than ${MAX_GLOB} characters`;
  if (glob !== glob.trim() || glob !== visible(glob))
    return 'has a blank at its end, or an invisible character';
  if (glob.startsWith('!')) return 'starts with "!", which excludes nothing here';
  const filled = variables.reduce((text, name) => text.replaceAll(`\${${name}}`, 'x'), glob);
  if (filled.includes('${')) return `has a variable; known here: ${knownVariables(variables)}`;
  if (/\{[^}]*,/.test(filled) || /[?*+@!]\([^)]*\|/.test(filled)) {
    return 'has alternatives in brackets, which globs do not know here; write one entry for each';
  }
  if (filled.split('/').some((part) => part.includes('**') && part !== '**')) {
    return 'has "**" beside other characters; it stands alone between slashes';
  }
  return undefined;
}

/** Why a package pattern (`name`, glob, `name@range`, without `!`) can match nothing, or `undefined`. */
export function packagePatternFault(pattern: string): string | undefined {
  const fault = globFault(pattern);
  if (fault !== undefined) return fault;
  const { name, range } = splitSpec(pattern);
  if (!isPackageName(name.replace(/[*?]/g, 'x'))) return 'is no package name or glob of names';
  if (range === undefined) return undefined;
  if (range === '' || range.length > 256 || validRange(range) === null) {
    return 'has no semver range after "@"';
  }
  return undefined;
}

function knownVariables(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map((name) => `\${${name}}`).join(', ');
}
