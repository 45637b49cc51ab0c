/** Compares tarball URLs as a server would see them. */

/** A tarball URL, taken apart. `path` holds path and query, with the spellings that registries vary made one. */
export type TarballUrl = {
  readonly secure: boolean;
  readonly loopback: boolean;
  readonly credentials: boolean;
  readonly protocol: string;
  /** Host and, unless it is the protocol's own, port. */
  readonly host: string;
  readonly path: string;
};

/** Takes a URL apart as the WHATWG standard reads it, which is how package managers read it; `undefined` for anything else. */
export function tarballUrlOf(text: string): TarballUrl | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return undefined;
  return {
    secure: url.protocol === 'https:',
    loopback: isLoopback(url.hostname),
    credentials: url.username !== '' || url.password !== '',
    protocol: url.protocol,
    host: url.host,
    path: `${unescaped(url.pathname)}${url.search}`,
  };
}

/** Do both name one file on one server? The fragment, which no server sees, does not count. */
export function sameTarball(a: TarballUrl, b: TarballUrl): boolean {
  return a.protocol === b.protocol && a.host === b.host && a.path === b.path;
}

// 127.0.0.0/8 (the parser has made other spellings of IPv4 canonical), ::1 and localhost (RFC 6761, section 6.3).
function isLoopback(hostname: string): boolean {
  return /^127\.\d+\.\d+\.\d+$/.test(hostname) || hostname === '[::1]' || hostname === 'localhost';
}

// Registries write the slash and the at-sign of a scope either way. Only these two, and only once: decoding more
// could make one file's name out of another's.
function unescaped(path: string): string {
  return path.replace(/%(2f|40)/gi, (_, code: string) => (code === '40' ? '@' : '/'));
}
