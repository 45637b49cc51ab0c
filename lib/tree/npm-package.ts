/** Makes a package of an npm lockfile's entry: who it is, and where npm gets it from. */
import type { TreeError } from '../errors.ts';
import type { PackageSource } from '../model/package.ts';
import { tame } from '../text/sanitize.ts';
import type { NpmEntry } from './npm-entry.ts';
import type { Edge, NpmEntries, NpmGraph } from './npm-graph.ts';
import { integrityOf, unpublishable } from './publishable.ts';
import { type ParsedPackage, PROJECT } from './reader.ts';
import { isAliasOf, sourceOfResolved } from './source.ts';
import { isWorkspace } from './workspaces.ts';

/** A lockfile, taken apart. */
export type NpmLockfile = {
  readonly entries: NpmEntries;
  /** 1-based, by key. */
  readonly lines: ReadonlyMap<string, number>;
  readonly graph: NpmGraph;
  readonly workspaces: readonly string[];
  /** Names of packages that the project puts in place of others. */
  readonly overrides: ReadonlySet<string>;
  /** The error for an entry; `problem` completes "has …". */
  readonly refuse: (key: string, problem: string) => TreeError;
};

/** The package of one entry. Throws what `refuse` makes, when npm would install the entry and nobody could judge it. */
export function packageOf(entry: NpmEntry, lockfile: NpmLockfile): ParsedPackage {
  const edges = lockfile.graph.incoming.get(entry.key) ?? [];
  const source = sourceOf(entry, lockfile, edges);
  // A link says nothing about its package; the folder it leads to does.
  const told = entry.link ? (lockfile.entries.get(entry.resolved ?? PROJECT) ?? entry) : entry;
  const names = namesOf(entry, told, source.kind === 'registry' && !isAsked(entry, edges, lockfile));
  const id = { name: names.name, version: told.version ?? '' };
  const problem = source.kind === 'registry' ? unpublishable(id) : undefined;
  if (problem !== undefined) throw lockfile.refuse(entry.key, problem);
  const line = lockfile.lines.get(entry.key);
  const dependents = edges.map(({ from }) => from);
  return {
    key: entry.key,
    id,
    ...(names.alias === undefined ? {} : { alias: names.alias }),
    source,
    ...(entry.link || entry.integrity === undefined ? {} : { integrity: integrityOf(entry.integrity) }),
    use: told.use,
    ...(line === undefined ? {} : { line }),
    hasInstallScript: told.hasInstallScript,
    bins: told.bins,
    ...(entry.hasShrinkwrap ? { ownShrinkwrap: true } : {}),
    // Nobody declares a dependency on a workspace: the project holds it.
    dependents: source.kind === 'workspace' ? [PROJECT, ...dependents] : dependents,
  };
}

function namesOf(
  entry: NpmEntry,
  told: NpmEntry,
  isSwap: boolean,
): { readonly name: string; readonly alias?: string } {
  const key = entry.place.name;
  const name = told.name ?? (entry.link ? told.place.name : key);
  if (entry.place.kind === 'folder' || name === key) return { name };
  return isSwap ? { name: key } : { name, alias: key };
}

/**
 * Does anybody ask for the published name under this key? An alias that no dependency and no override asks for is a swap. The project means
 * the package of the key's name, so that one is judged: tarball, integrity and signature then have to fit it.
 */
function isAsked(entry: NpmEntry, edges: readonly Edge[], { overrides }: NpmLockfile): boolean {
  const { name } = entry;
  return name === undefined || overrides.has(name) || edges.some(({ spec }) => isAliasOf(spec, name));
}

function sourceOf(entry: NpmEntry, lockfile: NpmLockfile, edges: readonly Edge[]): PackageSource {
  if (entry.link) return linkedSource(entry, lockfile);
  if (entry.place.kind === 'folder') return folderSource(entry.key, lockfile);
  const { resolved, integrity } = entry;
  const inside = bundlerOf(entry, lockfile);
  // Marked, listed by the package around it, and with nothing of its own to fetch: any less, and npm may fetch it.
  if (inside !== undefined && resolved === undefined && integrity === undefined)
    return { kind: 'bundled', inside };
  // npm asks the registry for name@version.
  if (resolved === undefined) return { kind: 'registry' };
  const source = sourceOfResolved(
    resolved,
    edges.map(({ spec }) => spec),
  );
  if (source !== undefined) return source;
  throw lockfile.refuse(entry.key, `a resolved text that npm does not write: ${tame(resolved, 200)}`);
}

/** The package in whose tarball this entry lies. A folder has no tarball here: what it bundles is fetched, as with the project's own bundle. */
function bundlerOf(entry: NpmEntry, { entries, graph }: NpmLockfile): string | undefined {
  const key = entry.inBundle ? graph.bundlers.get(entry.key) : undefined;
  const bundler = key === undefined ? undefined : entries.get(key);
  return bundler?.place.kind === 'installed' && !bundler.link ? bundler.key : undefined;
}

function linkedSource(entry: NpmEntry, lockfile: NpmLockfile): PackageSource {
  const path = entry.resolved ?? '';
  if (!lockfile.entries.has(path)) {
    throw lockfile.refuse(entry.key, `a link to ${tame(path, 200)}, which has no entry`);
  }
  if (isWorkspace(path, lockfile.workspaces)) return { kind: 'workspace', path };
  return { kind: 'link', path: path === '' ? '.' : path };
}

/** npm fetches nothing into folders outside node_modules; one inside an installed package came with its tarball. */
function folderSource(key: string, { entries, graph, workspaces }: NpmLockfile): PackageSource {
  for (let holder = graph.holders.get(key); holder !== undefined; holder = graph.holders.get(holder)) {
    const around = entries.get(holder);
    if (around?.place.kind === 'installed' && !around.link) return { kind: 'bundled', inside: holder };
  }
  return { kind: isWorkspace(key, workspaces) ? 'workspace' : 'link', path: key };
}
