/** Says what kind of place a lockfile's text names. */
import type { PackageSource } from '../model/package.ts';

/** A source whose kind follows from its `resolved` text. */
export type FetchedSource = Extract<PackageSource, { resolved?: string }>;

/** Hosts npm clones from when an https URL names a repository there (hosted-git-info). */
const GIT_HOSTS = new Set(['github.com', 'gitlab.com', 'bitbucket.org', 'gist.github.com', 'git.sr.ht']);

/**
 * What npm fetches for an entry with this `resolved`. An http(s) URL is a registry's tarball unless dependents ask for it, and none of them
 * for a version: so an edited URL stands against what the registry lists, and cannot pass as a remote tarball.
 * `undefined` for a text npm never writes: some of those make npm resolve afresh.
 */
export function sourceOfResolved(resolved: string, specs: readonly string[]): FetchedSource | undefined {
  if (/^file:/i.test(resolved)) return { kind: 'file', resolved };
  if (/^(?:git(?:\+[a-z]+)?|ssh):\/\/|^(?:github|gitlab|bitbucket|gist|sourcehut):/i.test(resolved)) {
    return { kind: 'git', resolved };
  }
  if (!/^https?:\/\//i.test(resolved)) return undefined;
  if (specs.length === 0 || specs.some(isRegistrySpec)) return { kind: 'registry', resolved };
  return { kind: isRepositoryUrl(resolved) ? 'git' : 'remote', resolved };
}

/** Does a dependency's spec ask a registry: a version, a range, a tag, or an alias of one? As npm-package-arg decides. */
export function isRegistrySpec(spec: string): boolean {
  if (/^npm:/i.test(spec)) return true;
  return !/^\.|[:/\\]|\.(?:tgz|tar\.gz|tar)$/i.test(spec);
}

/** Does the spec ask for this very name, as `npm:name` or `npm:name@range`? */
export function isAliasOf(spec: string, name: string): boolean {
  if (!/^npm:/i.test(spec)) return false;
  const wanted = spec.slice('npm:'.length);
  return wanted === name || wanted.startsWith(`${name}@`);
}

function isRepositoryUrl(resolved: string): boolean {
  const url = URL.canParse(resolved) ? new URL(resolved) : undefined;
  return (
    url !== undefined && GIT_HOSTS.has(url.hostname) && !/\.(?:tgz|tar\.gz|tar|zip)$/i.test(url.pathname)
  );
}

/** Does the URL name an archive that a git host makes of a commit? Managers write those for `user/repository`. */
export function isGitHostedTarball(resolved: string): boolean {
  const url = URL.canParse(resolved) ? new URL(resolved) : undefined;
  switch (url?.hostname) {
    case 'codeload.github.com':
      return true;
    case 'bitbucket.org':
      return /\/get\/[^/]+\.tar\.gz$/.test(url.pathname);
    case 'gitlab.com':
      return /\/-\/archive\/|\/repository\/archive\.tar\.gz$/.test(url.pathname);
    default:
      return false;
  }
}
