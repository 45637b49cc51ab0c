/** Reads yarn's names for packages: what is asked for (`name@range`), and what was found (`name@reference`). */

/** A name and what stands after it: a range, or the reference it resolved to. */
export type YarnIdent = { readonly name: string; readonly rest: string };

/** A range or reference, taken apart as yarn does: `protocol:source#selector::bindings`. */
export type YarnReference = {
  /** Without its colon; empty when there is none. */
  readonly protocol: string;
  readonly source: string;
  readonly selector: string;
  /** As written: a query string. */
  readonly bindings: string;
};

/** Splits at the at-sign after the name. Throws an `Error` whose message completes "has …". */
export function parseYarnIdent(text: string): YarnIdent {
  const at = text.indexOf('@', 1);
  const name = text.slice(0, at);
  if (at < 1 || at === text.length - 1 || !/^(?:@[^/@]+\/)?[^/@]+$/.test(name)) {
    throw new Error('a key or resolution that is no name with a range');
  }
  return { name, rest: text.slice(at + 1) };
}

/** Takes a range or reference apart. Any text has a meaning. */
export function yarnReferenceOf(text: string): YarnReference {
  const [place = '', ...more] = text.split('::');
  const hash = place.indexOf('#');
  const address = hash === -1 ? place : place.slice(0, hash);
  const colon = address.indexOf(':');
  return {
    protocol: address.slice(0, Math.max(0, colon)),
    source: address.slice(colon + 1),
    selector: hash === -1 ? '' : place.slice(hash + 1),
    bindings: more.join('::'),
  };
}

/** A binding's value, unescaped. */
export function bindingIn({ bindings }: YarnReference, name: string): string | undefined {
  return new URLSearchParams(bindings).get(name) ?? undefined;
}
