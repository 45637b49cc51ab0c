/** Makes packages of a pnpm lockfile's entries, workspaces and links. */
import { aliasesIn } from './manifest.ts';
import { isNpmName } from './npm-place.ts';
import { entriesOf, importersOf, type PnpmDocument, type PnpmEntry } from './pnpm-entries.ts';
import { linkedFolders, workspaceOf } from './pnpm-folders.ts';
import { type PnpmScope, type PnpmWish, wishesOfEntry, wishesOfImporter } from './pnpm-graph.ts';
import { pinnedBy } from './pnpm-source.ts';
import { unpublishable } from './publishable.ts';
import { type ParsedPackage, PROJECT } from './reader.ts';
import type { Refusal } from './refusal.ts';
import { usesOf, wishesFor } from './uses.ts';
import { flagIn, mapIn, textIn, textsIn, type WrittenMap } from './written.ts';

/** Every entry, every workspace and every folder linked to, each once. Throws what `refuse` makes. */
export function packagesOf(document: PnpmDocument, refusal: Refusal): readonly ParsedPackage[] {
  const importers = importersOf(document, refusal);
  const scope = scopeOf(document, importers, refusal);
  const entries = entriesOf(document, refusal);
  const found = [...importers].map(([id, importer]) =>
    refusal.reading({ key: id, line: importer.line }, () => wishesOfImporter(id, importer, scope)),
  );
  const links = found.flatMap((one) => one.links);
  const wishes = [
    ...found.flatMap((one) => one.wishes),
    ...entries.flatMap(({ key, snapshot }) =>
      refusal.reading({ key, line: snapshot.line }, () => wishesOfEntry(scope.keyOf(key), snapshot, scope)),
    ),
  ];
  const workspaces = [...importers].filter(([id]) => id !== '.');
  const held = workspaces.map(([to]) => ({ from: PROJECT, to, use: 'production' }) as const);
  const context = {
    scope,
    wishes: wishesFor(wishes),
    uses: usesOf([...held, ...wishes]),
    patches: patchesOf(document, refusal),
  };
  return [
    ...workspaces.map(([path, { line }]) =>
      workspaceOf({ path, line, wishes: context.wishes.get(path) ?? [] }),
    ),
    ...linkedFolders(links),
    ...entries.map((entry) =>
      refusal.reading({ key: entry.key, line: entry.told.line }, () => packageOf(entry, context)),
    ),
  ];
}

type Context = {
  readonly scope: PnpmScope;
  readonly wishes: ReadonlyMap<string, readonly PnpmWish[]>;
  readonly uses: ReturnType<typeof usesOf>;
  /** What the project says about its patches, by hash. */
  readonly patches: ReadonlyMap<string, string>;
};

function scopeOf(
  { written, prefix, format }: PnpmDocument,
  importers: ReadonlyMap<string, WrittenMap>,
  { reading }: Refusal,
): PnpmScope {
  const overrides = reading({ key: 'overrides' }, () => textsIn(written, 'overrides'));
  const catalogs = reading({ key: 'catalogs' }, () => mapIn(written, 'catalogs'));
  return {
    format,
    keyOf: (depPath) => `${prefix}${depPath}`,
    importers: new Set(importers.keys()),
    overrides: aliasesIn(overrides.map(([, spec]) => spec)),
    catalog(specifier, name) {
      const catalog = specifier.slice('catalog:'.length) || 'default';
      const inside = catalogs === undefined ? undefined : mapIn(catalogs, catalog);
      const entry = inside === undefined ? undefined : mapIn(inside, name);
      return (entry === undefined ? undefined : textIn(entry, 'specifier')) ?? specifier;
    },
  };
}

function packageOf({ key, path, told }: PnpmEntry, context: Context): ParsedPackage {
  const { scope, uses, patches } = context;
  const pinned = pinnedBy(told, path.version, scope.importers);
  const version = textIn(told, 'version');
  const fromRegistry = pinned.source.kind === 'registry';
  const id = {
    name: path.name ?? textIn(told, 'name') ?? '',
    version: fromRegistry ? path.version : (version ?? ''),
  };
  if (!isNpmName(id.name)) throw new Error(unpublishable(id) ?? 'no name');
  const problem = fromRegistry ? unpublishable(id) : undefined;
  if (problem !== undefined) throw new Error(problem);
  assertSame(told, { name: path.name, version: fromRegistry ? path.version : undefined });
  if (fromRegistry && told.entries.has('id')) throw new Error('an id besides its key');
  const wishes = context.wishes.get(scope.keyOf(key)) ?? [];
  const patch = path.patch === undefined ? {} : { patched: patches.get(path.patch) ?? `patch ${path.patch}` };
  return {
    key: scope.keyOf(key),
    id,
    ...aliasOf(id.name, wishes),
    ...pinned,
    ...patch,
    use: uses.get(scope.keyOf(key)) ?? 'production',
    line: told.line,
    // Absent means there are none; their names are not recorded.
    ...(flagIn(told, 'hasBin') ? {} : { bins: [] }),
    ...(flagIn(told, 'requiresBuild') || flagIn(told, 'prepare') ? { hasInstallScript: true } : {}),
    dependents: wishes.map(({ from }) => from),
  };
}

/** pnpm believes these fields before the key, and asks the registry for them. */
function assertSame(
  told: WrittenMap,
  wanted: { readonly name: string | undefined; readonly version: string | undefined },
): void {
  for (const field of ['name', 'version'] as const) {
    const text = textIn(told, field);
    if (text !== undefined && wanted[field] !== undefined && text !== wanted[field]) {
      throw new Error(`a ${field} of its own that is not the one in its key`);
    }
  }
}

/** The one name that all dependents have for it, where that is another. */
function aliasOf(name: string, wishes: readonly PnpmWish[]): { readonly alias?: string } {
  const [alias, ...others] = new Set(wishes.map((wish) => wish.name));
  return alias === undefined || others.length > 0 || alias === name ? {} : { alias };
}

/** Where the patches are, by hash; pnpm 12 records the hash alone. */
function patchesOf({ written }: PnpmDocument, { reading }: Refusal): ReadonlyMap<string, string> {
  return reading({ key: 'patchedDependencies' }, () => {
    const patches = new Map<string, string>();
    for (const value of mapIn(written, 'patchedDependencies')?.entries.values() ?? []) {
      if (value.kind !== 'map') continue;
      const [hash, path] = [textIn(value, 'hash'), textIn(value, 'path')];
      if (hash !== undefined && path !== undefined) patches.set(hash, path);
    }
    return patches;
  });
}
