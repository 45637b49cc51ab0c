/** Writes signatures and attestations into the documents a registry serves (pure). */
import type { StoredSignature } from './keys.ts';
import { type Settings, settingsOf } from './options.ts';
import { sha512In } from './publication.ts';
import type { Release } from './records.ts';

/** What stands in `dist` of a release this registry hosts. */
export type Announcement = {
  readonly signature?: StoredSignature;
  readonly predicateTypes: readonly string[];
};

/** A document that lists releases: a packument, or the manifest of one version. */
export type Listing = {
  readonly name: string;
  readonly releases: readonly Release[];
  /** The document with what is known of each release written into it; releases that are not in the map stay as they are. */
  readonly with: (known: ReadonlyMap<string, Announcement>) => unknown;
};

/** Reads a document; `undefined` for one that lists no release. */
export function listingOf(json: unknown): Listing | undefined {
  const document = settingsOf(json);
  const name = document?.get('name');
  if (document === undefined || typeof name !== 'string') return undefined;
  const versions = settingsOf(document.get('versions'));
  if (versions !== undefined) return packument(document, versions, name);
  const version = document.get('version');
  if (typeof version !== 'string') return undefined;
  return {
    name,
    releases: releaseIn(document, { name, version }),
    with: (known) => announced(document, { name, version }, known.get(version)),
  };
}

function packument(document: Settings, versions: Settings, name: string): Listing {
  return {
    name,
    releases: [...versions].flatMap(([version, manifest]) =>
      releaseIn(settingsOf(manifest), { name, version }),
    ),
    with(known) {
      const listed = [...versions].map(([version, manifest]) => {
        const members = settingsOf(manifest);
        const said =
          members === undefined ? manifest : announced(members, { name, version }, known.get(version));
        return [version, said] as const;
      });
      return Object.fromEntries([...document, ['versions', Object.fromEntries(listed)]]);
    },
  };
}

function releaseIn(manifest: Settings | undefined, id: Release['id']): readonly Release[] {
  const integrity = sha512In(manifest?.get('dist'));
  return integrity === undefined ? [] : [{ id, integrity }];
}

/** Whatever a publisher wrote there of signatures and attestations is replaced: they are the registry's word. */
function announced(
  manifest: Settings,
  { name, version }: Release['id'],
  said: Announcement | undefined,
): unknown {
  const dist = settingsOf(manifest.get('dist'));
  if (said === undefined || dist === undefined) return Object.fromEntries(manifest);
  const others = [...dist].filter(([member]) => member !== 'signatures' && member !== 'attestations');
  const base = baseOf(dist.get('tarball'), name);
  const provenance = said.predicateTypes.find((type) => type.startsWith('https://slsa.dev/provenance/'));
  const attestations = {
    url: `${base}-/npm/v1/attestations/${escaped(name)}@${encodeURIComponent(version)}`,
    ...(provenance === undefined ? {} : { provenance: { predicateType: provenance } }),
  };
  const written = [
    ...others,
    ...(said.signature === undefined ? [] : [['signatures', [said.signature]] as const]),
    ...(said.predicateTypes.length === 0 || base === undefined
      ? []
      : [['attestations', attestations] as const]),
  ];
  return Object.fromEntries([...manifest, ['dist', Object.fromEntries(written)]]);
}

/** Verdaccio has written the tarball's public address; everything else has the same beginning. */
function baseOf(tarball: unknown, name: string): string | undefined {
  if (typeof tarball !== 'string') return undefined;
  // A scope's slash is written as it is, or escaped in either letter case.
  const ends = [`/${name}/-/`, `/${escaped(name)}/-/`, `/${encodeURIComponent(name)}/-/`];
  const text = tarball.toLowerCase();
  const found = ends.map((end) => text.lastIndexOf(end.toLowerCase())).find((at) => at !== -1);
  return found === undefined ? undefined : tarball.slice(0, found + 1);
}

function escaped(name: string): string {
  return encodeURIComponent(name).replace(/^%40/, '@');
}
