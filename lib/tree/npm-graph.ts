/** Works out who depends on whom in an npm lockfile, by the nesting of its keys. */
import type { NpmEntry } from './npm-entry.ts';

/** One entry's wish, and the entry that node finds for it; both by key. */
export type Edge = { readonly from: string; readonly to: string; readonly spec: string };

/** The entries of a lockfile by key, the root's key being empty. */
export type NpmEntries = ReadonlyMap<string, NpmEntry>;

/** How the entries of a lockfile hang together; all maps go by key. */
export type NpmGraph = {
  /** The nearest entry whose folder holds this one. */
  readonly holders: ReadonlyMap<string, string>;
  /** Who depends on the entry. What depends on a link depends on its target too. */
  readonly incoming: ReadonlyMap<string, readonly Edge[]>;
  /** The entry inside whose tarball this one lies, by what the lockfile says; the root for what the project itself bundles. */
  readonly bundlers: ReadonlyMap<string, string>;
};

type Children = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Resolves every dependency as node does: in the entry's own node_modules, then in those of the folders around it. */
export function graphOf(entries: NpmEntries): NpmGraph {
  const holders = holdersOf(entries);
  const children = childrenOf(entries, holders);
  const edges = edgesOf(entries, holders, children);
  return { holders, incoming: groupedBy(edges, 'to'), bundlers: bundlersOf(entries, children, edges) };
}

function holdersOf(entries: NpmEntries): ReadonlyMap<string, string> {
  const holders = new Map<string, string>();
  for (const key of entries.keys()) {
    let folder = key;
    do folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')));
    while (folder !== '' && !entries.has(folder));
    // A folder outside the project is not held by the project.
    if (key !== '' && (folder !== '' || !/^\.\.(?:\/|$)/.test(key))) holders.set(key, folder);
  }
  return holders;
}

/** What lies directly in each entry's node_modules, by name. */
function childrenOf(entries: NpmEntries, holders: ReadonlyMap<string, string>): Children {
  const children = new Map<string, Map<string, string>>();
  for (const { key, place } of entries.values()) {
    const holder = holders.get(key);
    if (place.kind !== 'installed' || holder === undefined) continue;
    const between = key.length - holder.length - place.name.length;
    if (between !== (holder === '' ? 'node_modules/' : '/node_modules/').length) continue;
    const siblings = children.get(holder) ?? new Map<string, string>();
    children.set(holder, siblings.set(place.name, key));
  }
  return children;
}

function edgesOf(
  entries: NpmEntries,
  holders: ReadonlyMap<string, string>,
  children: Children,
): readonly Edge[] {
  const edges: Edge[] = [];
  for (const { key, wants } of entries.values()) {
    for (const { name, spec } of wants) {
      let at: string | undefined = key;
      let to: string | undefined;
      while (at !== undefined && to === undefined) {
        to = children.get(at)?.get(name);
        at = holders.get(at);
      }
      if (to === undefined) continue;
      edges.push({ from: key, to, spec });
      const entry = entries.get(to);
      if (entry?.link) edges.push({ from: key, to: entry.resolved ?? '', spec });
    }
  }
  return edges;
}

/**
 * What npm takes to lie inside a package's tarball (arborist's getBundler): what the package lists, all below that, and what those depend on
 * beside them. The project's own bundle goes first: npm fetches all of it, also what packages inside bundle in turn.
 */
function bundlersOf(
  entries: NpmEntries,
  children: Children,
  edges: readonly Edge[],
): ReadonlyMap<string, string> {
  const bundlers = new Map<string, string>();
  const bundling = rootFirst(entries);
  if (bundling.length === 0) return bundlers;
  const dependencies = groupedBy(edges, 'from');
  for (const { key: bundler, bundles } of bundling) {
    const mine = children.get(bundler);
    const beside = new Set(mine?.values());
    const queue = bundles.map((name) => mine?.get(name)).filter((key) => key !== undefined);
    for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
      if (bundlers.has(key)) continue;
      bundlers.set(key, bundler);
      for (const child of children.get(key)?.values() ?? []) queue.push(child);
      for (const { to } of dependencies.get(key) ?? []) if (beside.has(to)) queue.push(to);
    }
  }
  return bundlers;
}

function rootFirst(entries: NpmEntries): readonly NpmEntry[] {
  const bundling = [...entries.values()].filter(({ bundles, link }) => bundles.length > 0 && !link);
  return bundling.sort((a, b) => Number(b.key === '') - Number(a.key === ''));
}

function groupedBy(edges: readonly Edge[], end: 'from' | 'to'): ReadonlyMap<string, readonly Edge[]> {
  const groups = new Map<string, Edge[]>();
  for (const edge of edges) {
    const group = groups.get(edge[end]);
    if (group === undefined) groups.set(edge[end], [edge]);
    else group.push(edge);
  }
  return groups;
}
