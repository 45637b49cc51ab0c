/** Reads pnpm's names for places in its store: `name@version(peers)` and what came before it. */

/** A key of `packages` or `snapshots`, taken apart. */
export type DepPath = {
  /** Absent in version 6 for what comes from no registry: the entry has a `name` of its own. */
  readonly name?: string;
  /** What stands where a registry package has its version: that, or an address. */
  readonly version: string;
  /** The hash of the project's patch for it. */
  readonly patch?: string;
  /** The key without peers and patch: in version 9 the key of `packages`. */
  readonly bare: string;
};

/** The versions of the format that are read. 6 is of pnpm 8, 9 of everything since. */
export type PnpmFormat = 6 | 9;

/** Takes a key apart as pnpm does. Throws an `Error` whose message completes "has …". */
export function parseDepPath(key: string, format: PnpmFormat): DepPath {
  const suffix = suffixOf(key);
  const bare = key.slice(0, key.length - suffix.length);
  const hash = /^\(patch_hash=([^()]*)\)/.exec(suffix)?.[1];
  const patch = hash === undefined ? {} : { patch: hash };
  if (format === 6 && !bare.startsWith('/')) return { version: bare, ...patch, bare };
  const named = format === 6 ? bare.slice(1) : bare;
  const at = named.indexOf('@', 1);
  if (at === -1 || at === named.length - 1) throw new Error('a key that is no name@version');
  return { name: named.slice(0, at), version: named.slice(at + 1), ...patch, bare };
}

/**
 * The key that a dependency's text leads to, as pnpm's `refToRelative` decides; `undefined` for a link. `name` is the dependent's own name for it.
 */
export function targetOf(ref: string, name: string, format: PnpmFormat): string | undefined {
  if (ref.startsWith('link:')) return undefined;
  if (format === 6) {
    if (ref.startsWith('file:')) return ref;
    return ref.slice(0, ref.length - suffixOf(ref).length).includes('/') ? ref : `/${name}@${ref}`;
  }
  const at = ref.indexOf('@');
  if (at === 0) return ref;
  const before = [ref.indexOf(':'), ref.indexOf('(')].filter((index) => index !== -1);
  return at !== -1 && before.every((index) => at < index) ? ref : `${name}@${ref}`;
}

/** The balanced parentheses at the end: patch hash and peers. Read from behind, because an address may hold parentheses too. */
function suffixOf(key: string): string {
  let depth = 0;
  for (let at = key.length - 1; at > 0; at--) {
    if (key[at] === ')') depth++;
    else if (key[at] === '(') depth--;
    else if (depth === 0) return key.slice(at + 1);
  }
  return '';
}
