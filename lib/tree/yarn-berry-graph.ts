/** Works out who depends on whom in the lockfile of yarn 3 and later. */
import type { Use } from '../model/package.ts';
import { isFields } from './npm-entry.ts';
import { PROJECT } from './reader.ts';
import type { Wish } from './uses.ts';
import { mapIn, textsIn, type WrittenMap } from './written.ts';
import type { YarnOrigin } from './yarn-berry-source.ts';
import { parseYarnIdent } from './yarn-locator.ts';

/** One entry: the descriptors that lead to it, what they resolved to, and what that means. */
export type YarnBerryEntry = {
  /** The entry's key; {@link PROJECT} for the project itself. */
  readonly key: string;
  readonly descriptors: readonly string[];
  readonly resolution: string;
  readonly origin: YarnOrigin;
  readonly fields: WrittenMap;
  /** 1-based. */
  readonly line: number;
};

/** One dependency that could lead to thousands of entries would cost time and tell nobody anything. */
const MOST_TARGETS = 32;

/** Finds the keys that a dependency can lead to. */
export type YarnBerryIndex = {
  readonly byDescriptor: ReadonlyMap<string, readonly string[]>;
  /** For what catalogs and `resolutions` stand for, which only the project's own files say. */
  readonly byName: ReadonlyMap<string, readonly string[]>;
  readonly byResolution: ReadonlyMap<string, string>;
};

/** An index of the entries. */
export function indexOf(entries: readonly YarnBerryEntry[]): YarnBerryIndex {
  const byDescriptor = new Map<string, string[]>();
  const byName = new Map<string, string[]>();
  for (const { key, descriptors } of entries) {
    for (const descriptor of descriptors) {
      // Descriptors of files and folders are bound to the package that asks for them.
      add(byDescriptor, descriptor.split('::', 1)[0] ?? descriptor, key);
      add(byName, parseYarnIdent(descriptor).name, key);
    }
  }
  return {
    byDescriptor,
    byName,
    byResolution: new Map(entries.map(({ resolution, key }) => [resolution, key])),
  };
}

/** The wishes of one entry. Throws an `Error` whose message completes "has …". */
export function wishesOf(entry: YarnBerryEntry, index: YarnBerryIndex, manifest: unknown): readonly Wish[] {
  const { key: from, fields, origin } = entry;
  const useOf = from === PROJECT ? projectUse(manifest) : entryUse(fields);
  const wishes = [...textsIn(fields, 'dependencies'), ...textsIn(fields, 'optionalDependencies')].flatMap(
    ([name, range]) => targetsOf(name, range, index).map((to) => ({ from, to, use: useOf(name) })),
  );
  const inner = origin.patch === undefined ? undefined : index.byResolution.get(origin.patch.inner);
  const held = origin.source.kind === 'workspace' && from !== PROJECT;
  return [
    ...wishes,
    ...(inner === undefined ? [] : [{ from, to: inner, use: 'production' as const }]),
    // Nobody need depend on a workspace: the project holds it.
    ...(held ? [{ from: PROJECT, to: from, use: 'production' as const }] : []),
  ];
}

/** Before version 8, ranges of a registry's packages stand without their protocol. */
function targetsOf(name: string, range: string, { byDescriptor, byName }: YarnBerryIndex): readonly string[] {
  const found =
    byDescriptor.get(`${name}@${range.split('::', 1)[0]}`) ??
    byDescriptor.get(`${name}@npm:${range}`) ??
    byName.get(name) ??
    [];
  return found.slice(0, MOST_TARGETS);
}

function entryUse(fields: WrittenMap): (name: string) => Use {
  const meta = mapIn(fields, 'dependenciesMeta');
  return (name) => {
    const mine = meta?.entries.get(name);
    const optional = mine?.kind === 'map' ? mine.entries.get('optional') : undefined;
    return optional?.kind === 'text' && optional.text === 'true' ? 'optional' : 'production';
  };
}

/** The lockfile does not tell the project's development dependencies from the others; package.json does. */
function projectUse(manifest: unknown): (name: string) => Use {
  const project = isFields(manifest) ? manifest : {};
  const has = (section: string, name: string) =>
    isFields(project[section]) && Object.hasOwn(project[section], name);
  return (name) => {
    if (has('dependencies', name)) return 'production';
    if (has('optionalDependencies', name)) return 'optional';
    return has('devDependencies', name) ? 'development' : 'production';
  };
}

function add(map: Map<string, string[]>, name: string, key: string): void {
  const known = map.get(name);
  if (known === undefined) map.set(name, [key]);
  else known.push(key);
}
