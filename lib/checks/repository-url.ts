/** Reads the many ways in which package.json names a repository. */

const SHORTHAND_HOSTS: ReadonlyMap<string, string> = new Map([
  ['github', 'github.com'],
  ['gitlab', 'gitlab.com'],
  ['bitbucket', 'bitbucket.org'],
]);

const OWNER_AND_NAME = /^[\w.-]+\/[\w.-]+$/;

/**
 * The web address of a repository as package.json writes it: `https://host/owner/name`. Reads URLs of every git protocol,
 * `git@host:path`, and npm's shorthands (`owner/name`, `github:owner/name`). `undefined` for anything else.
 */
export function repositoryUrlOf(written: string): string | undefined {
  const text = written.trim().replace(/^git\+/, '');
  const url = shorthandUrl(text) ?? scpUrl(text) ?? text;
  if (!URL.canParse(url)) return undefined;
  const { protocol, hostname, host, pathname } = new URL(url);
  // A port of ssh or git says nothing about the web server.
  const web = protocol === 'https:' || protocol === 'http:';
  if (!web && protocol !== 'ssh:' && protocol !== 'git:') return undefined;
  const path = repositoryPath(pathname);
  // In a comparison by pattern a wildcard would match what was never declared.
  return path === undefined || /[*?]/.test(path)
    ? undefined
    : `https://${(web ? host : hostname).replace(/^www\./, '')}/${path}`;
}

function shorthandUrl(text: string): string | undefined {
  const [prefix, rest] = text.includes(':') ? split(text, ':') : ['github', text];
  const host = SHORTHAND_HOSTS.get(prefix);
  const path = rest.split('#', 1)[0] ?? '';
  if (host === undefined) return undefined;
  return OWNER_AND_NAME.test(path) ||
    (host === 'gitlab.com' && /^[\w./-]+$/.test(path) && !path.startsWith('/'))
    ? `https://${host}/${path}`
    : undefined;
}

function scpUrl(text: string): string | undefined {
  const scp = /^[\w.-]+@([\w.-]+):(?!\/)(.+)$/.exec(text);
  return scp === null ? undefined : `ssh://${scp[1]}/${scp[2]}`;
}

/** Without `.git`, trailing slashes, and the way to a folder on the web pages of a host. */
function repositoryPath(pathname: string): string | undefined {
  const path = pathname
    .replace(/^\/+|\/+$/g, '')
    .replace(/(?:\/-)?\/(?:tree|blob)\/.*$/, '')
    .replace(/\.git$/, '');
  return path.split('/').length < 2 || path.includes('//') ? undefined : path;
}

function split(text: string, at: string): [string, string] {
  const index = text.indexOf(at);
  return [text.slice(0, index), text.slice(index + 1)];
}
