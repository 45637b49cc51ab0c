/** Makes a package of one entry of the lockfile of yarn 3 and later. */
import type { PackageSource, Use } from '../model/package.ts';
import { tame } from '../text/sanitize.ts';
import { isNpmName } from './npm-place.ts';
import { unpublishable } from './publishable.ts';
import type { ParsedPackage } from './reader.ts';
import { isAliasOf } from './source.ts';
import type { Wish } from './uses.ts';
import { assertOnly, mapIn, textIn } from './written.ts';
import type { YarnBerryEntry } from './yarn-berry-graph.ts';
import { parseYarnIdent } from './yarn-locator.ts';

/** What stands around an entry, by key. */
export type YarnBerryContext = {
  readonly wishes: ReadonlyMap<string, readonly Wish[]>;
  readonly uses: ReadonlyMap<string, Use>;
};

const FIELDS = new Set([
  ...['version', 'resolution', 'checksum', 'conditions', 'languageName', 'linkType', 'bin'],
  ...['dependencies', 'optionalDependencies', 'dependenciesMeta', 'peerDependencies', 'peerDependenciesMeta'],
]);

/** What yarn writes as the version of a folder. */
const LOCAL = '0.0.0-use.local';

const OTHER_HASH =
  "yarn.lock pins the hash of yarn's own archive, not of the registry's tarball; only fetching and hashing the tarball (--hash-tarballs) could tell";
const NO_HASH = 'yarn.lock pins no hash for it at all';

/** Throws an `Error` whose message completes "has …". */
export function packageOf(entry: YarnBerryEntry, { wishes, uses }: YarnBerryContext): ParsedPackage {
  const { key, origin, fields, line } = entry;
  assertOnly(fields, FIELDS);
  const { source, patch } = origin;
  const version = textIn(fields, 'version') ?? '';
  assertAsked(entry);
  if (!isNpmName(origin.id.name) && source.kind !== 'workspace') {
    throw new Error(`the name ${tame(origin.id.name, 200)}, which no package can have`);
  }
  if (source.kind === 'registry') {
    const problem = unpublishable(origin.id);
    if (problem !== undefined) throw new Error(problem);
    if (version !== origin.id.version) throw new Error('a version that is not the one in its resolution');
  }
  const [alias, ...others] = new Set(entry.descriptors.map((descriptor) => parseYarnIdent(descriptor).name));
  return {
    key,
    id: { name: origin.id.name, version: version === LOCAL ? '' : version },
    ...(alias === undefined || others.length > 0 || alias === origin.id.name ? {} : { alias }),
    source,
    ...(hasArchive(source)
      ? { integrityGap: textIn(fields, 'checksum') === undefined ? NO_HASH : OTHER_HASH }
      : {}),
    ...archiveHashOf(textIn(fields, 'checksum')),
    ...(patch === undefined ? {} : { patched: patch.place }),
    use: uses.get(key) ?? 'production',
    line,
    bins: [...(mapIn(fields, 'bin')?.entries.keys() ?? [])],
    dependents: (wishes.get(key) ?? []).map(({ from }) => from),
  };
}

/** yarn 4 writes its cache's key in front of the hash; `c0` is for archives in which nothing is compressed. */
function archiveHashOf(checksum: string | undefined): Pick<ParsedPackage, 'archiveHash'> {
  const [, hex] = /^\d{1,3}c0\/([0-9a-f]{128})$/.exec(checksum ?? '') ?? [];
  return hex === undefined ? {} : { archiveHash: hex };
}

function hasArchive({ kind }: PackageSource): boolean {
  return kind === 'registry' || kind === 'remote' || kind === 'file';
}

/**
 * Every descriptor has to ask for the package it leads to. yarn replaces what `resolutions` replace before it looks a descriptor up, so there
 * is no honest entry in which another name stands; only its hardened mode would notice.
 */
function assertAsked({ descriptors, resolution }: YarnBerryEntry): void {
  const found = parseYarnIdent(resolution).name;
  for (const descriptor of descriptors) {
    const { name, rest } = parseYarnIdent(descriptor);
    if (name !== found && !isAliasOf(rest, found)) {
      throw new Error(
        `the resolution ${tame(resolution, 200)}, which "${tame(descriptor, 200)}" does not ask for`,
      );
    }
  }
}
