/** Reads a request's method and path as npm's protocol means them. */

/** The kinds of question a registry is asked. */
export type RouteKind =
  | 'packument'
  | 'manifest'
  | 'tarball'
  | 'attestations'
  | 'keys'
  | 'publish'
  | 'ping'
  | 'audit';

/** What was asked, about which package. */
export type Route =
  | { readonly kind: 'packument' | 'publish'; readonly name: string }
  | { readonly kind: 'manifest' | 'attestations'; readonly name: string; readonly version: string }
  | { readonly kind: 'tarball'; readonly name: string; readonly file: string }
  | { readonly kind: 'keys' | 'ping' | 'audit' }
  | { readonly kind: 'unknown' };

const NAME = /^(?:@[^/]+\/)?[^/@][^/]*/;

/** The route of a path below the registry's own prefix, starting with a slash. Scopes come as `@scope/name` or `@scope%2fname`. */
export function routeOf(method: string, path: string): Route {
  const text = decoded(path.split('?', 1)[0] ?? '').slice(1);
  if (text === '-/npm/v1/keys') return { kind: 'keys' };
  if (text === '-/ping') return { kind: 'ping' };
  if (text.startsWith('-/npm/v1/security/')) return { kind: 'audit' };
  const attested = /^-\/npm\/v1\/attestations\/(.+)@([^@/]+)$/.exec(text);
  if (attested) return { kind: 'attestations', name: attested[1] ?? '', version: attested[2] ?? '' };
  const name = text.startsWith('-/') ? undefined : NAME.exec(text)?.[0];
  if (name === undefined) return { kind: 'unknown' };
  const rest = text.slice(name.length + 1);
  if (method === 'PUT') return { kind: 'publish', name };
  if (rest === '') return { kind: 'packument', name };
  if (rest.startsWith('-/')) return { kind: 'tarball', name, file: rest.slice(rest.lastIndexOf('/') + 1) };
  return rest.includes('/') ? { kind: 'unknown' } : { kind: 'manifest', name, version: rest };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    if (cause instanceof URIError) return path;
    throw cause;
  }
}
