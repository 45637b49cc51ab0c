/** Finds the credentials npm's configuration holds for one URL, and for nothing else (npm docs, "Auth related configuration"). */

/** What is sent to a registry to say who asks. All absent: nobody in particular. */
export type Credentials = {
  /** The whole `authorization` header. */
  readonly authorization?: string;
  /** Paths of a client certificate and its key. */
  readonly certificate?: { readonly certfile: string; readonly keyfile: string };
};

/** No credentials at all. */
export const ANONYMOUS: Credentials = {};

/**
 * The credentials of the longest configured `//host/path/` above this URL. The walk is npm's own: both
 * `//host/path/:_authToken` and `//host/path:_authToken` count, and nothing outside `//host[:port]` does.
 */
export function credentialsIn(textOf: (key: string) => string | undefined, url: URL): Credentials {
  for (
    let place = `//${url.host}${url.pathname}`;
    place.length > 2;
    place = place.replace(/([^/]+|\/)$/, '')
  ) {
    const authorization = authorizationAt(textOf, place);
    const certfile = textOf(`${place}:certfile`);
    const keyfile = textOf(`${place}:keyfile`);
    const certificate = certfile !== undefined && keyfile !== undefined ? { certfile, keyfile } : undefined;
    if (authorization === undefined && certificate === undefined) continue;
    return {
      ...(authorization === undefined ? {} : { authorization }),
      ...(certificate === undefined ? {} : { certificate }),
    };
  }
  return ANONYMOUS;
}

function authorizationAt(textOf: (key: string) => string | undefined, place: string): string | undefined {
  const token = textOf(`${place}:_authToken`);
  if (token !== undefined) return `Bearer ${token}`;
  const basic = textOf(`${place}:_auth`);
  if (basic !== undefined) return `Basic ${basic}`;
  const username = textOf(`${place}:username`);
  const password = textOf(`${place}:_password`);
  if (username === undefined || password === undefined) return undefined;
  // npm keeps the password base64-encoded on its own.
  const plain = Buffer.from(password, 'base64').toString('utf8');
  return `Basic ${Buffer.from(`${username}:${plain}`, 'utf8').toString('base64')}`;
}
