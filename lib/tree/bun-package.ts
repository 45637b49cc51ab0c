/** Makes a package of one entry of bun's lockfile. */
import type { PackageId, PackageSource, Use } from '../model/package.ts';
import type { BunEntry } from './bun-entry.ts';
import type { BunWish } from './bun-graph.ts';
import { isFields } from './npm-entry.ts';
import { integrityOf, unpublishable } from './publishable.ts';
import type { ParsedPackage } from './reader.ts';
import { isAliasOf } from './source.ts';

/** What stands around an entry. Maps go by key, workspaces by folder. */
export type BunContext = {
  readonly lockfile: Readonly<Record<string, unknown>>;
  readonly entries: ReadonlyMap<string, BunEntry>;
  readonly lines: ReadonlyMap<string, number>;
  readonly workspaces: ReadonlyMap<string, unknown>;
  readonly wishes: ReadonlyMap<string, readonly BunWish[]>;
  readonly uses: ReadonlyMap<string, Use>;
  /** Names of packages that the project's overrides put in place of others. */
  readonly overrides: ReadonlySet<string>;
  /** Does the format record which packages run scripts? */
  readonly tellsScripts: boolean;
};

/** Throws an `Error` whose message completes "has …". */
export function packageOf(entry: BunEntry, context: BunContext): ParsedPackage {
  const { key, integrity } = entry;
  const wishes = context.wishes.get(key) ?? [];
  const source = sourceOf(entry, context);
  const { name, alias } = namesOf(entry, source, { wishes, context });
  const id = { name, version: entry.id.version || workspaceVersion(source, context) };
  const problem = source.kind === 'registry' ? unpublishable(id) : undefined;
  if (problem !== undefined) throw new Error(problem);
  const line = context.lines.get(key);
  const patch = patchOf(id, context);
  const pinned =
    integrity === undefined || source.kind === 'bundled' ? {} : { integrity: integrityOf(integrity) };
  return {
    key,
    id,
    ...(alias === undefined ? {} : { alias }),
    source,
    ...pinned,
    ...(patch === undefined ? {} : { patched: patch }),
    use: context.uses.get(key) ?? 'production',
    ...(line === undefined ? {} : { line }),
    bins: entry.bins,
    ...(entry.hasInstallScript || context.tellsScripts ? { hasInstallScript: entry.hasInstallScript } : {}),
    dependents: wishes.map(({ from }) => from),
  };
}

/** What is marked as bundled bun takes from the archive around it, but only where there is one: in a folder of the project's it fetches it. */
function sourceOf({ source, bundled, place }: BunEntry, { entries }: BunContext): PackageSource {
  const around = bundled ? entries.get(place.slice(0, -1).join('/')) : undefined;
  switch (around?.source.kind) {
    case 'registry':
    case 'git':
    case 'remote':
    case 'file':
    case 'bundled':
      return { kind: 'bundled', inside: around.key };
    case 'workspace':
    case 'link':
    case undefined:
      return source;
  }
}

/**
 * bun installs whatever the entry names, without holding it against what was asked for. An alias that no dependency and no override asks for is
 * a swap: the package of the key's name is judged, so that hash and signature have to fit it.
 */
function namesOf(
  { id, place }: BunEntry,
  source: PackageSource,
  { wishes, context }: { readonly wishes: readonly BunWish[]; readonly context: BunContext },
): { readonly name: string; readonly alias?: string } {
  const key = place.at(-1) ?? id.name;
  if (id.name === key) return { name: key };
  if (source.kind !== 'registry') return { name: id.name, alias: key };
  const isAsked =
    context.overrides.has(id.name) ||
    wishes.some(({ spec }) =>
      isAliasOf(spec.startsWith('catalog:') ? catalogued(spec, key, context) : spec, id.name),
    );
  return isAsked ? { name: id.name, alias: key } : { name: key };
}

function catalogued(spec: string, name: string, { lockfile }: BunContext): string {
  const catalog = spec.slice('catalog:'.length);
  const list = catalog === '' ? lockfile['catalog'] : own(lockfile['catalogs'], catalog);
  const wanted = own(list, name);
  return typeof wanted === 'string' ? wanted : spec;
}

function patchOf({ name, version }: PackageId, { lockfile }: BunContext): string | undefined {
  const patch = own(lockfile['patchedDependencies'], `${name}@${version}`);
  return typeof patch === 'string' ? patch : undefined;
}

function workspaceVersion(source: PackageSource, { workspaces }: BunContext): string {
  const workspace = source.kind === 'workspace' ? workspaces.get(source.path) : undefined;
  const version = own(workspace, 'version');
  return typeof version === 'string' ? version : '';
}

function own(fields: unknown, name: string): unknown {
  return isFields(fields) && Object.hasOwn(fields, name) ? fields[name] : undefined;
}
