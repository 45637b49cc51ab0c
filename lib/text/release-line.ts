/** Says to which release line a version belongs, and which lock entry speaks for it. */
import type { Lock, LockEntry } from '../model/lock.ts';
import type { PackageId } from '../model/package.ts';

/**
 * The release line of a version: its major, or `0.<minor>` below 1, where a minor may break what came before (Semantic Versioning 4).
 * A text that is no version is a line of its own, which no lock holds.
 */
export function lineOf(version: string): string {
  const found = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.\d/.exec(version);
  if (found === null) return version;
  const [, major = '', minor = ''] = found;
  return major === '0' ? `0.${minor}` : major;
}

/** Is it a line as {@link lineOf} writes it? */
export function isLine(text: string): boolean {
  return /^(?:0\.(?:0|[1-9]\d*)|[1-9]\d*)$/.test(text);
}

/** The key of an entry in `Lock.entries`. */
export function entryKey(name: string, line: string): string {
  return `${name} ${line}`;
}

/** What the lock holds about this package: about this very version, or else about its release line. */
export function entryFor(lock: Lock, { name, version }: PackageId): LockEntry | undefined {
  return entryAt(lock, name, version) ?? entryAt(lock, name, lineOf(version));
}

// A name with a space in it could spell another package's key.
function entryAt(lock: Lock, name: string, line: string): LockEntry | undefined {
  const entry = lock.entries.get(entryKey(name, line));
  return entry?.name === name && entry.line === line ? entry : undefined;
}
