/** The documents a registry serves about a name: the full packument and the abbreviated one. */
import type { Manifest, Published } from './store.ts';

/** Fields of a version that the abbreviated packument keeps (npm registry documentation, package-metadata.md). */
const ABBREVIATED = [
  'name',
  'version',
  'deprecated',
  'dependencies',
  'optionalDependencies',
  'devDependencies',
  'bundleDependencies',
  'peerDependencies',
  'peerDependenciesMeta',
  'bin',
  'directories',
  'dist',
  'engines',
  'cpu',
  'os',
  'libc',
  'funding',
  '_hasShrinkwrap',
  'hasInstallScript',
] as const;

/** The full packument: every version's manifest, and when each was published. */
export function fullPackument(name: string, versions: readonly Published[]): object {
  const times = versions.map(({ version, publishedAt }) => [version, publishedAt.toISOString()] as const);
  return {
    _id: name,
    name,
    'dist-tags': { latest: latestOf(versions) },
    versions: Object.fromEntries(versions.map(({ version, manifest }) => [version, manifest])),
    time: { created: times[0]?.[1], modified: modifiedOf(versions), ...Object.fromEntries(times) },
  };
}

/** The abbreviated packument: what an installation needs, and `modified` as its only time. */
export function abbreviatedPackument(name: string, versions: readonly Published[]): object {
  return {
    name,
    'dist-tags': { latest: latestOf(versions) },
    versions: Object.fromEntries(versions.map(({ version, manifest }) => [version, abbreviated(manifest)])),
    modified: modifiedOf(versions),
  };
}

function abbreviated(manifest: Manifest): object {
  const scripts = new Map(Object.entries(manifest['scripts'] ?? {}));
  const hasInstallScript = ['preinstall', 'install', 'postinstall'].some((name) => scripts.has(name));
  return {
    ...Object.fromEntries(
      ABBREVIATED.flatMap((field) => (field in manifest ? [[field, manifest[field]]] : [])),
    ),
    ...(hasInstallScript ? { hasInstallScript } : {}),
  };
}

// The last one published, as `npm publish` would tag it.
function latestOf(versions: readonly Published[]): string | undefined {
  return versions.at(-1)?.version;
}

function modifiedOf(versions: readonly Published[]): string {
  return new Date(Math.max(0, ...versions.map(({ publishedAt }) => publishedAt.getTime()))).toISOString();
}
