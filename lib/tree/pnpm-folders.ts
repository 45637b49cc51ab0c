/** Makes packages of the folders a pnpm lockfile names: workspaces, and what the project links to. */
import type { PnpmLink, PnpmWish } from './pnpm-graph.ts';
import { type ParsedPackage, PROJECT } from './reader.ts';

/** A workspace's folder, the line it stands on, and who wants it. */
export type PnpmWorkspace = {
  readonly path: string;
  readonly line: number;
  readonly wishes: readonly PnpmWish[];
};

/** A workspace. The lockfile does not say what it is called; those that link to it do. */
export function workspaceOf({ path, line, wishes }: PnpmWorkspace): ParsedPackage {
  return {
    key: path,
    id: { name: wishes[0]?.name ?? path, version: '' },
    source: { kind: 'workspace', path },
    use: 'production',
    line,
    // Nobody need depend on a workspace: the project holds it.
    dependents: [PROJECT, ...wishes.map(({ from }) => from)],
  };
}

/** The folders linked to, each once. */
export function linkedFolders(links: readonly PnpmLink[]): readonly ParsedPackage[] {
  const byPath = new Map<string, PnpmLink[]>();
  for (const link of links) {
    const known = byPath.get(link.path);
    if (known === undefined) byPath.set(link.path, [link]);
    else known.push(link);
  }
  return [...byPath].map(([path, [first, ...more]]) => ({
    key: `link:${path}`,
    id: { name: first?.name ?? path, version: '' },
    source: { kind: 'link', path },
    use: 'production',
    ...(first === undefined ? {} : { line: first.line }),
    dependents: [first, ...more].flatMap((link) => (link === undefined ? [] : [link.from])),
  }));
}
