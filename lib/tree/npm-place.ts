/** Reads the key of an npm lockfile entry: the folder the package goes to. */
import { isVisible } from './written.ts';

/** Where an entry stands: put into a node_modules folder by npm under a name, or a folder npm only reads. */
export type Place =
  | { readonly kind: 'installed'; readonly name: string }
  | { readonly kind: 'folder'; readonly name: string };

/** The longest path Linux takes. A longer key cannot be installed; it can only cost time. */
const LONGEST_KEY = 4096;

/**
 * Parses a key. npm resolves keys as paths, so two spellings of one folder shadow each other: only the spelling npm writes is accepted.
 * Throws an `Error` whose message says what is wrong with the key.
 */
export function parseKey(key: string): Place {
  const problem = problemWith(key);
  if (problem !== undefined) throw new Error(problem);
  const parts = key.split('/');
  const last = parts.at(-1) ?? '';
  const scope = parts.at(-2)?.startsWith('@') ? parts.at(-2) : undefined;
  const name = scope === undefined ? last : `${scope}/${last}`;
  const holder = parts.at(scope === undefined ? -2 : -3);
  return { kind: holder === 'node_modules' ? 'installed' : 'folder', name };
}

/** Can a package of this name be asked of a registry? The characters npm allows in old packages too, but for the star. */
export function isNpmName(name: string): boolean {
  return /^(?:@[\w\-.!~'()]+\/)?[\w\-.!~'()]+$/.test(name) && !/^[._]/.test(name) && !/\/\.{1,2}$/.test(name);
}

function problemWith(key: string): string | undefined {
  if (key.length > LONGEST_KEY) return 'a key longer than any path';
  if (!isVisible(key)) return 'a key with control or invisible characters';
  if (key.includes('\\')) return 'a key with a backslash';
  if (/^(?:\/|[a-z]:)/i.test(key)) return 'a key that is an absolute path';
  // A link may point outside the project, so a key may begin with `..`; nowhere else.
  const parts = key.split('/');
  const plain = parts.slice(leadingDots(parts));
  if (plain.some((part) => part === '' || part === '.' || part === '..'))
    return 'a key that is not a plain path';
  if (/(?:^|\/)node_modules(?:\/@[^/]*)?$/.test(key)) return 'a key that names no package';
  return undefined;
}

function leadingDots(parts: readonly string[]): number {
  const first = parts.findIndex((part) => part !== '..');
  return first === -1 ? parts.length : first;
}
