/** Takes a pnpm lockfile apart: importers, entries, and the fields that may stand in them. */
import { type DepPath, type PnpmFormat, parseDepPath } from './pnpm-path.ts';
import type { Refusal } from './refusal.ts';
import { assertOnly, mapIn, plainText, type WrittenMap } from './written.ts';

/** One document of the lockfile. Keys of its packages begin with `prefix`. */
export type PnpmDocument = {
  readonly written: WrittenMap;
  readonly prefix: string;
  readonly format: PnpmFormat;
};

/** One entry: what is the same for all who use it, and how it stands here. In version 6 both are one map. */
export type PnpmEntry = {
  readonly key: string;
  readonly path: DepPath;
  readonly told: WrittenMap;
  readonly snapshot: WrittenMap;
};

const TOLD = [
  ...[
    'resolution',
    'id',
    'name',
    'version',
    'engines',
    'cpu',
    'os',
    'libc',
    'deprecated',
    'hasBin',
    'prepare',
  ],
  ...[
    'requiresBuild',
    'bundledDependencies',
    'bundleDependencies',
    'peerDependencies',
    'peerDependenciesMeta',
  ],
  'patched',
];
const SNAPSHOT = [
  ...[
    'id',
    'dependencies',
    'optionalDependencies',
    'transitivePeerDependencies',
    'dev',
    'optional',
    'patched',
  ],
];
/** pnpm lays the two over each other, so a field in the wrong one counts too. */
const KNOWN: { readonly [Part in 'told' | 'snapshot' | 'both']: ReadonlySet<string> } = {
  told: new Set(TOLD),
  snapshot: new Set(SNAPSHOT),
  both: new Set([...TOLD, ...SNAPSHOT]),
};

/** The project, `.`, and its workspaces, by folder. Version 6 leaves the level out where there is only the project. */
export function importersOf(
  { written }: PnpmDocument,
  { reading }: Refusal,
): ReadonlyMap<string, WrittenMap> {
  return reading({ key: 'importers' }, () => {
    const importers = mapIn(written, 'importers');
    if (importers === undefined) return new Map([['.', written]]);
    return new Map(
      [...importers.entries].map(([id, importer]) => {
        if (importer.kind !== 'map') throw new Error('a folder that is not an object');
        return [plainText(id, 'the name of a folder'), importer];
      }),
    );
  });
}

/** Every entry, each once: one for every combination of peers. Throws what `refuse` makes. */
export function entriesOf({ written, format }: PnpmDocument, refusal: Refusal): readonly PnpmEntry[] {
  const told = entryMaps(written, 'packages', refusal);
  const known = format === 6 ? KNOWN.both : KNOWN.told;
  for (const [key, map] of told) {
    refusal.reading({ key, line: map.line }, () => assertOnly(map, known));
  }
  if (format === 6)
    return [...told].map(([key, map]) => entryOf(key, { told: map, snapshot: map }, 6, refusal));
  const snapshots = entryMaps(written, 'snapshots', refusal);
  const used = new Set<string>();
  const entries = [...snapshots].map(([key, snapshot]) => {
    const { bare } = refusal.reading({ key, line: snapshot.line }, () => {
      assertOnly(snapshot, KNOWN.snapshot);
      return parseDepPath(key, 9);
    });
    used.add(bare);
    return entryOf(key, { told: told.get(bare) ?? snapshot, snapshot }, 9, refusal);
  });
  // pnpm installs no package without a snapshot; it is judged all the same.
  const unused = [...told].filter(([key]) => !used.has(key));
  return [
    ...entries,
    ...unused.map(([key, map]) => entryOf(key, { told: map, snapshot: NOTHING }, 9, refusal)),
  ];
}

const NOTHING: WrittenMap = { kind: 'map', entries: new Map(), line: 0 };

function entryMaps(
  written: WrittenMap,
  section: string,
  { reading }: Refusal,
): ReadonlyMap<string, WrittenMap> {
  return reading({ key: section }, () => {
    const maps = new Map<string, WrittenMap>();
    for (const [key, value] of mapIn(written, section)?.entries ?? []) {
      if (value.kind !== 'map') throw new Error('an entry that is not an object');
      maps.set(plainText(key, 'a key'), value);
    }
    return maps;
  });
}

function entryOf(
  key: string,
  parts: Pick<PnpmEntry, 'told' | 'snapshot'>,
  format: PnpmFormat,
  { reading }: Refusal,
): PnpmEntry {
  return { key, path: reading({ key, line: parts.told.line }, () => parseDepPath(key, format)), ...parts };
}
