/** Says where pnpm gets an entry of its lockfile from: by its resolution, which is what pnpm fetches by. */
import type { Integrity, PackageSource } from '../model/package.ts';
import { tame } from '../text/sanitize.ts';
import { integrityOf, isExactVersion } from './publishable.ts';
import { isGitHostedTarball } from './source.ts';
import { assertOnly, flagIn, mapIn, textIn, type WrittenMap } from './written.ts';

/** Where an entry comes from, and what pins its bytes. */
export type Pinned = {
  readonly source: PackageSource;
  readonly integrity?: Integrity;
  readonly integrityGap?: string;
};

const TARBALL_FIELDS = new Set(['integrity', 'tarball', 'gitHosted', 'path']);
const TYPED_FIELDS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['directory', new Set(['type', 'directory'])],
  ['git', new Set(['type', 'repo', 'commit', 'path', 'integrity'])],
  ['binary', new Set(['type', 'url', 'integrity', 'archive', 'bin', 'prefix'])],
  ['variations', new Set(['type', 'variants'])],
]);

/** `version` is what stands after the name in the entry's key. Throws an `Error` whose message completes "has …". */
export function pinnedBy(entry: WrittenMap, version: string, importers: ReadonlySet<string>): Pinned {
  const resolution = mapIn(entry, 'resolution') ?? directoryOf(version);
  const type = textIn(resolution, 'type');
  const known = type === undefined ? TARBALL_FIELDS : TYPED_FIELDS.get(type);
  if (known === undefined) throw new Error(`a resolution of the unknown type ${tame(type ?? '', 100)}`);
  assertOnly(resolution, known);
  const text = textIn(resolution, 'integrity');
  const integrity = text === undefined ? {} : { integrity: integrityOf(text) };
  switch (type) {
    case undefined:
      return { source: tarballSource(resolution, version), ...integrity };
    case 'directory':
      return { source: folderSource(needed(resolution, 'directory'), importers) };
    case 'git':
      return { source: { kind: 'git', resolved: gitAddress(resolution) }, ...integrity };
    case 'binary':
      return { source: { kind: 'remote', resolved: needed(resolution, 'url') }, ...integrity };
    default:
      return { source: { kind: 'remote', resolved: version }, integrityGap: ONE_PER_PLATFORM };
  }
}

const ONE_PER_PLATFORM = 'the lockfile pins one archive for each platform, and npmsign compares none of them';

/** Later pnpm leaves the resolution of a local folder to its key. */
function directoryOf(version: string): WrittenMap {
  if (!version.startsWith('file:') || /\.(?:tgz|tar\.gz|tar)$/i.test(version))
    throw new Error('no resolution');
  const text = (value: string) => ({ kind: 'text', text: value, plain: false, line: 0 }) as const;
  const entries = new Map([
    ['type', text('directory')],
    ['directory', text(version.slice('file:'.length))],
  ]);
  return { kind: 'map', entries, line: 0 };
}

/** A URL beside a version is a registry's tarball, whatever it says: so an edited one stands against what the registry lists. */
function tarballSource(resolution: WrittenMap, version: string): PackageSource {
  const tarball = textIn(resolution, 'tarball');
  const resolved = tarball ?? version;
  if (/^file:/i.test(resolved)) return { kind: 'file', resolved };
  if (flagIn(resolution, 'gitHosted')) return { kind: 'git', resolved };
  if (isExactVersion(version))
    return tarball === undefined ? { kind: 'registry' } : { kind: 'registry', resolved };
  // pnpm would ask a registry for the version the entry claims.
  if (tarball === undefined) return { kind: 'remote', resolved: assertNamedRegistry(version) };
  return { kind: isGitHostedTarball(tarball) ? 'git' : 'remote', resolved };
}

/** `work:1.0.0`, from a registry that pnpm's settings name: not one that can be asked here, so a place of its own. */
function assertNamedRegistry(version: string): string {
  const [prefix, rest = ''] = version.split(':', 2);
  if (/^[a-z][\w-]*$/i.test(prefix ?? '') && isExactVersion(rest) && version === `${prefix}:${rest}`)
    return version;
  throw new Error(`neither a version nor a tarball: ${tame(version, 200)}`);
}

function folderSource(path: string, importers: ReadonlySet<string>): PackageSource {
  return { kind: importers.has(path) ? 'workspace' : 'link', path };
}

function gitAddress(resolution: WrittenMap): string {
  const folder = textIn(resolution, 'path');
  const path = folder === undefined ? '' : `&path:${folder}`;
  return `${needed(resolution, 'repo')}#${needed(resolution, 'commit')}${path}`;
}

function needed(resolution: WrittenMap, field: string): string {
  const text = textIn(resolution, field);
  if (text === undefined || text === '') throw new Error(`a resolution without ${field}`);
  return text;
}
