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

/** Settings that begin with `//host`, by their whole name. */
export type HostSettings = ReadonlyMap<string, string>;

/** The settings about hosts in layers of configuration, strongest first. */
export function hostSettingsIn(layers: readonly Readonly<Record<string, unknown>>[]): HostSettings {
  const found = new Map<string, string>();
  for (const [key, value] of layers.flatMap((layer) => Object.entries(layer))) {
    // An empty value stays: a project can take away what the user configured.
    if (key.startsWith('//') && typeof value === 'string' && !found.has(key)) found.set(key, value);
  }
  return found;
}

/**
 * The credentials of the longest configured `//host/path/` above this URL. The walk is npm's own: both
 * `//host/path/:_authToken` and `//host/path:_authToken` count, and nothing outside `//host[:port]` does.
 */
export function credentialsIn(settings: HostSettings, url: URL | string): Credentials {
  if (settings.size === 0) return ANONYMOUS;
  const { host, pathname } = typeof url === 'string' ? new URL(url) : url;
  for (let place = `//${host}${pathname}`; place.length > 2; place = place.replace(/([^/]+|\/)$/, '')) {
    const authorization = authorizationAt(settings, place);
    const certfile = settings.get(`${place}:certfile`) || undefined;
    const keyfile = settings.get(`${place}:keyfile`) || undefined;
    const certificate = certfile !== undefined && keyfile !== undefined ? { certfile, keyfile } : undefined;
    if (authorization === undefined && certificate === undefined) continue;
    return {
      ...(authorization === undefined ? {} : { authorization }),
      ...(certificate === undefined ? {} : { certificate }),
    };
  }
  return ANONYMOUS;
}

function authorizationAt(settings: HostSettings, place: string): string | undefined {
  const token = settings.get(`${place}:_authToken`);
  if (token) return `Bearer ${token}`;
  const basic = settings.get(`${place}:_auth`);
  if (basic) return `Basic ${basic}`;
  const username = settings.get(`${place}:username`);
  const password = settings.get(`${place}:_password`);
  if (!username || !password) return undefined;
  // npm keeps the password base64-encoded on its own.
  const plain = Buffer.from(password, 'base64').toString('utf8');
  return `Basic ${Buffer.from(`${username}:${plain}`, 'utf8').toString('base64')}`;
}
