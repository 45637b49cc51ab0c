/** Reads and orders version numbers. */

/** A semantic version, taken apart. Numbers may be larger than a double holds. */
export type Version = { readonly numbers: readonly bigint[]; readonly prerelease: readonly string[] };

/** Takes a version apart (Semantic Versioning 2.0.0, section 2, 9 and 10); `undefined` for anything else. */
export function versionOf(text: string): Version | undefined {
  if (text.length > 256) return undefined;
  const found = /^(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/.exec(text);
  if (found === null) return undefined;
  return {
    numbers: [found[1], found[2], found[3]].map((digits) => BigInt(digits ?? 0)),
    prerelease: found[4] === undefined ? [] : found[4].split('.'),
  };
}

/** Does `a` come before `b`? Precedence as in Semantic Versioning 2.0.0, section 11. */
export function isBefore(a: Version, b: Version): boolean {
  for (const [index, number] of a.numbers.entries()) {
    const other = b.numbers[index] ?? 0n;
    if (number !== other) return number < other;
  }
  if (a.prerelease.length === 0 || b.prerelease.length === 0) {
    return a.prerelease.length > 0 && b.prerelease.length === 0;
  }
  return isPrereleaseBefore(a.prerelease, b.prerelease);
}

function isPrereleaseBefore(a: readonly string[], b: readonly string[]): boolean {
  for (const [index, part] of a.entries()) {
    const other = b[index];
    if (other === undefined) return false;
    if (part === other) continue;
    const [digits, otherDigits] = [/^\d+$/.test(part), /^\d+$/.test(other)];
    if (digits && otherDigits) return BigInt(part) < BigInt(other);
    return digits === otherDigits ? part < other : digits;
  }
  return a.length < b.length;
}
