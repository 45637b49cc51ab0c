/** Decides which registry a package is asked at, and how that registry is judged. */
import type { ResolvedPackage } from '../model/package.ts';
import type { RegistryPolicy } from '../model/policy.ts';
import type { NpmConfig } from './npm-config.ts';

/** Where a registry's signing keys come from. */
export type KeySource =
  | { readonly kind: 'npm' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'registry'; readonly url: string };

/** One registry, as the policy judges it. URLs end in a slash. */
export type RegistrySource = {
  readonly url: string;
  /** The public npm registry, or a declared mirror of it: it is known to sign everything. */
  readonly isNpm: boolean;
  /** Where signatures and attestations are asked. */
  readonly evidenceUrl: string;
  readonly keys: KeySource;
};

/** What the decision rests on. */
export type SourceSettings = {
  readonly config: Pick<NpmConfig, 'publicRegistry' | 'registry' | 'scopeRegistry' | 'replaceHost'>;
  readonly policies: readonly RegistryPolicy[];
};

/**
 * The registry this package is asked at. A lockfile is written by strangers, so its `resolved` can choose only among registries
 * that npm's configuration or the policy names. Any other host is never contacted: the configured registry is asked instead,
 * and will not list that URL.
 */
export function sourceFor(settings: SourceSettings, pkg: ResolvedPackage): RegistrySource {
  return judged(settings, urlFor(settings, pkg));
}

/** `sourceFor`, remembering what it said: it is asked about each package again and again, and there are few registries. */
export function createSourceOf(settings: SourceSettings): (pkg: ResolvedPackage) => RegistrySource {
  const byPackage = new WeakMap<ResolvedPackage, RegistrySource>();
  const byUrl = new Map<string, RegistrySource>();
  return (pkg) => {
    const known = byPackage.get(pkg);
    if (known !== undefined) return known;
    const url = urlFor(settings, pkg);
    const source = byUrl.get(url) ?? judged(settings, url);
    byUrl.set(url, source);
    byPackage.set(pkg, source);
    return source;
  };
}

/**
 * The registry a package of this project is published to: the one its package.json states, else that of its scope, else the default.
 * What is stated and is no URL is judged as a registry of its own.
 */
export function destinationFor(settings: SourceSettings, name: string, stated?: string): RegistrySource {
  const { config } = settings;
  return judged(settings, normalUrl(stated) ?? stated ?? config.scopeRegistry(name) ?? config.registry);
}

function urlFor({ config, policies }: SourceSettings, pkg: ResolvedPackage): string {
  // A scope with a registry of its own belongs there, whatever a lockfile says: otherwise an edited lockfile
  // could fetch a private name from the public registry.
  const scoped = config.scopeRegistry(pkg.id.name);
  if (scoped !== undefined) return scoped;
  const resolved = pkg.source.kind === 'registry' ? normalUrl(pkg.source.resolved) : undefined;
  if (resolved === undefined || resolved.startsWith(config.registry)) return config.registry;
  if (resolved.startsWith(config.publicRegistry)) {
    // npm rewrites the public host to the configured one unless told never to (npm docs, replace-registry-host).
    return config.replaceHost === 'never' ? config.publicRegistry : config.registry;
  }
  if (config.replaceHost === 'always') return config.registry;
  return policyFor(policies, resolved)?.url ?? config.registry;
}

function judged({ config, policies }: SourceSettings, url: string): RegistrySource {
  const policy = policyFor(policies, url);
  // Compared without the scheme: plain http to the public registry must not make its keys the connection's choice.
  const isPublic = withoutScheme(url).startsWith(withoutScheme(config.publicRegistry));
  const isNpm = isPublic || policy?.mirrorOf === 'npm';
  return {
    url,
    isNpm,
    evidenceUrl: policy?.evidence === 'npm' ? config.publicRegistry : url,
    keys: keysOf(policy, { url, isNpm }),
  };
}

function keysOf(
  policy: RegistryPolicy | undefined,
  registry: Pick<RegistrySource, 'url' | 'isNpm'>,
): KeySource {
  if (policy?.keys !== undefined) return { kind: 'file', path: policy.keys };
  return registry.isNpm ? { kind: 'npm' } : { kind: 'registry', url: registry.url };
}

/** The policy whose prefix is the longest above this URL. */
function policyFor(policies: readonly RegistryPolicy[], url: string): RegistryPolicy | undefined {
  let longest: RegistryPolicy | undefined;
  for (const policy of policies) {
    const prefix = normalUrl(policy.url);
    if (prefix === undefined || !url.startsWith(prefix)) continue;
    if (longest === undefined || prefix.length > longest.url.length) longest = { ...policy, url: prefix };
  }
  return longest;
}

/** Normal form, so that `..`, default ports, userinfo and letter case cannot hide where a URL leads. */
function normalUrl(text: string | undefined): string | undefined {
  return text !== undefined && URL.canParse(text) ? new URL(text).href : undefined;
}

function withoutScheme(url: string): string {
  if (url.startsWith('https:')) return url.slice('https:'.length);
  return url.startsWith('http:') ? url.slice('http:'.length) : url;
}

/**
 * Every URL that names the tarball a registry lists: as listed, and the same path below each of `bases`, which are in normal form.
 * A listing outside all bases has no known path, so it stands alone.
 */
export function tarballUrls(listed: string | undefined, bases: readonly string[]): readonly string[] {
  if (listed === undefined) return [];
  const url = isNormalBelow(listed, bases) ? listed : normalUrl(listed);
  const path = url === undefined || /[?#]/.test(url) ? undefined : pathBelow(url, bases);
  return path === undefined ? [listed] : [...new Set([listed, ...bases.map((base) => base + path)])];
}

/** Is it plainly in normal form, as almost every listing is? Parsing each of them to be told so takes its time. */
function isNormalBelow(listed: string, bases: readonly string[]): boolean {
  return bases.some((base) => listed.startsWith(base) && PLAIN_PATH.test(listed.slice(base.length)));
}

// No part that begins with a dot, nothing a parser would escape, and no escape that could stand for a dot.
const PLAIN_PATH = /^[\w@~+-][\w@~+.-]*(?:\/[\w@~+-][\w@~+.-]*)*$/;

/** The path below the first of the bases that is above this URL. The scheme is not compared: a registry behind a proxy often lists itself as http. */
function pathBelow(url: string, bases: readonly string[]): string | undefined {
  const whole = withoutScheme(url);
  const prefix = bases
    .map(withoutScheme)
    .find((base) => whole.startsWith(base) && whole.length > base.length);
  return prefix === undefined ? undefined : whole.slice(prefix.length);
}
