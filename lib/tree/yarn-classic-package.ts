/** Makes a package of one entry of yarn 1's lockfile. */
import type { Integrity, PackageSource, Use } from '../model/package.ts';
import { splitSpec } from '../text/package-id.ts';
import { tame } from '../text/sanitize.ts';
import { isNpmName } from './npm-place.ts';
import { integrityOf, unpublishable } from './publishable.ts';
import type { ParsedPackage } from './reader.ts';
import { isGitHostedTarball, isRegistrySpec, sourceOfResolved } from './source.ts';
import type { Wish } from './uses.ts';
import { assertOnly, textIn } from './written.ts';
import type { YarnClassicEntry } from './yarn-classic-text.ts';

/** What stands around an entry. */
export type YarnClassicContext = {
  readonly wishes: ReadonlyMap<string, readonly Wish[]>;
  readonly uses: ReadonlyMap<string, Use>;
  /** Names of packages that `resolutions` of package.json put in place of others. */
  readonly resolutions: ReadonlySet<string>;
};

/** yarn's fields but `prebuiltVariants`: archives that it would install in place of the one judged here. */
const FIELDS = new Set([
  ...['name', 'version', 'uid', 'resolved', 'integrity', 'registry'],
  ...['dependencies', 'optionalDependencies', 'permissions'],
]);

/** The key of an entry: its patterns, in their order. */
export function keyOf({ patterns }: YarnClassicEntry): string {
  return patterns.join(', ');
}

/** Throws an `Error` whose message completes "has …". */
export function packageOf(entry: YarnClassicEntry, context: YarnClassicContext): ParsedPackage {
  assertOnly(entry.fields, FIELDS);
  const patterns = entry.patterns.map((pattern) => splitSpec(pattern));
  const resolved = textIn(entry.fields, 'resolved');
  const specs = patterns.map(({ range = '' }) => range);
  const source = resolved === undefined ? unresolvedSource(specs) : resolvedSource(resolved, specs);
  const fromRegistry = source.kind === 'registry';
  const name = fromRegistry ? publishedName(entry, context) : ownName(entry);
  const id = { name, version: textIn(entry.fields, 'version') ?? '' };
  const problem = fromRegistry ? unpublishable(id) : undefined;
  if (problem !== undefined) throw new Error(problem);
  const [alias, ...others] = new Set(patterns.map((pattern) => pattern.name));
  return {
    key: keyOf(entry),
    id,
    ...(alias === undefined || others.length > 0 || alias === name || !fromRegistry ? {} : { alias }),
    source,
    ...hashOf(textIn(entry.fields, 'integrity'), source.kind === 'git' ? undefined : resolved),
    use: context.uses.get(keyOf(entry)) ?? 'production',
    line: entry.line,
    dependents: (context.wishes.get(keyOf(entry)) ?? []).map(({ from }) => from),
  };
}

function unresolvedSource(specs: readonly string[]): PackageSource {
  const [spec = '', ...more] = specs;
  const folder = /^(?:link|file):(.*)$/.exec(spec)?.[1];
  if (folder !== undefined && more.every((other) => other === spec)) return { kind: 'link', path: folder };
  if (specs.every(isRegistrySpec)) return { kind: 'registry' };
  throw new Error('no resolved text');
}

/** The fragment of an archive's URL is its sha1, of a repository's the commit. */
function resolvedSource(resolved: string, specs: readonly string[]): PackageSource {
  const source = sourceOfResolved(resolved, specs);
  if (source?.resolved === undefined)
    throw new Error(`a resolved text that yarn does not write: ${tame(resolved, 200)}`);
  if (source.kind === 'git') return source;
  const bare = resolved.replace(/#[0-9a-f]*$/, '');
  if (source.kind === 'remote' && isGitHostedTarball(bare)) return { kind: 'git', resolved: bare };
  return { ...source, resolved: bare };
}

/**
 * The package that the patterns ask a registry for. yarn 1 never compares the two, so an entry whose patterns ask for different packages is a
 * swap, unless package.json puts one in place of the others.
 */
function publishedName({ patterns, fields }: YarnClassicEntry, { resolutions }: YarnClassicContext): string {
  const asked = patterns.map((pattern) => {
    const { name, range = '' } = splitSpec(pattern);
    return /^npm:(@?[^@]+)/.exec(range)?.[1] ?? name;
  });
  const own = textIn(fields, 'name');
  if (own !== undefined && !patterns.every((pattern) => splitSpec(pattern).name === own)) {
    throw new Error(`the name ${tame(own, 200)}, which its patterns do not ask for`);
  }
  const names = [...new Set(asked)];
  const chosen = names.length > 1 ? names.filter((name) => resolutions.has(name)) : names;
  const [name, ...others] = chosen;
  if (name !== undefined && others.length === 0) return name;
  throw new Error(`patterns that ask for different packages: ${tame(names.join(', '), 200)}`);
}

/** Patterns without a name (`user/repository`) have it in a field. */
function ownName({ patterns: [pattern = ''], fields }: YarnClassicEntry): string {
  const name = textIn(fields, 'name') ?? splitSpec(pattern).name;
  if (!isNpmName(name)) throw new Error(`the name ${tame(name, 200)}, which no package can have`);
  return name;
}

/** Without an `integrity`, yarn goes by the sha1 in the URL's fragment. */
function hashOf(text: string | undefined, resolved: string | undefined): { readonly integrity?: Integrity } {
  if (text !== undefined) return { integrity: integrityOf(text) };
  const sha1 = /#([0-9a-f]{40})$/.exec(resolved ?? '')?.[1];
  return sha1 === undefined
    ? {}
    : { integrity: integrityOf(`sha1-${Buffer.from(sha1, 'hex').toString('base64')}`) };
}
