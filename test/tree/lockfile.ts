/** Lockfiles for tests: one ordinary package, and what a test adds or changes. */
import { TreeError, type TreeErrorCode } from '../../lib/errors.ts';
import { npm } from '../../lib/tree/npm.ts';
import type { ParsedPackage } from '../../lib/tree/reader.ts';
import { anIntegrity } from '../support/builders.ts';

/** The fields of one lockfile entry. */
export type Fields = Readonly<Record<string, unknown>>;

/** A registry's entry as npm writes it. */
export function anEntry(name: string, fields: Fields = {}): Fields {
  const file = name.replace(/^@[^/]*\//, '');
  return {
    version: '1.0.0',
    resolved: `https://registry.example/${name}/-/${file}-1.0.0.tgz`,
    integrity: anIntegrity(name).text,
    ...fields,
  };
}

/** A lockfile's text. The project depends on `lib` unless `root` says otherwise. */
export function lockfileText(entries: Fields, root: Fields = {}): string {
  const packages = {
    '': { name: 'app', version: '1.0.0', dependencies: { lib: '^1.0.0' }, ...root },
    ...entries,
  };
  return JSON.stringify({ name: 'app', lockfileVersion: 3, requires: true, packages }, null, 2);
}

/** Parses {@link lockfileText}; packages by key. `manifest` is the project's package.json. */
export function parsed(
  entries: Fields,
  root: Fields = {},
  manifest?: unknown,
): ReadonlyMap<string, ParsedPackage> {
  const packages = npm.parse({ text: lockfileText(entries, root), file: 'package-lock.json', manifest });
  return new Map(packages.map((pkg) => [pkg.key, pkg]));
}

/** For `assert.throws`: a `TreeError` of this code whose message matches. */
export function treeError(code: TreeErrorCode, message: RegExp): (error: unknown) => boolean {
  return (error) => {
    if (!(error instanceof TreeError)) throw error;
    if (error.code !== code || !message.test(error.message))
      throw new Error(`${error.code}: ${error.message}`);
    return true;
  };
}
