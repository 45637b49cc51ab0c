/** Says why a pattern cannot mean what its author wanted; what matches is not loaded for that. */
import { isPackageName, splitSpec } from './package-id.ts';
import { visible } from './sanitize.ts';
import { isVersionRange } from './semver.ts';

/** Characters a glob may have. */
export const MAX_GLOB = 1024;

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
  return range === undefined || isVersionRange(range) ? undefined : 'has no semver range after "@"';
}

function knownVariables(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map((name) => `\${${name}}`).join(', ');
}
