/** Fills a package's name and version into a policy pattern. */
import type { PackageId } from '../model/package.ts';

/**
 * Replaces `${name}` and `${version}` by their values, literally and once. `undefined` when a value holds a wildcard: in the
 * pattern it would match more than itself.
 */
export function filledPattern(pattern: string, { name, version }: PackageId): string | undefined {
  let widened = false;
  const filled = pattern.replace(/\$\{(name|version)\}/g, (_, which: string) => {
    const value = which === 'name' ? name : version;
    widened ||= /[*?]/.test(value);
    return value;
  });
  return widened ? undefined : filled;
}
