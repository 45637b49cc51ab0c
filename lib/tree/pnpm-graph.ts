/** Works out who depends on whom in a pnpm lockfile: its importers are the project and its workspaces. */
import { posix } from 'node:path';
import type { Use } from '../model/package.ts';
import { tame } from '../text/sanitize.ts';
import { isNpmName } from './npm-place.ts';
import { type PnpmFormat, parseDepPath, targetOf } from './pnpm-path.ts';
import { isExactVersion } from './publishable.ts';
import { PROJECT } from './reader.ts';
import { isAliasOf } from './source.ts';
import type { Wish } from './uses.ts';
import { mapIn, textIn, textsIn, type WrittenMap } from './written.ts';

/** A wish, and the name the dependent has for it. */
export type PnpmWish = Wish & { readonly name: string };

/** A folder that the project links to and that is none of its workspaces. `path` is relative to the project. */
export type PnpmLink = {
  readonly path: string;
  readonly name: string;
  readonly from: string;
  readonly line: number;
};

/** What stands around one importer or entry. */
export type PnpmScope = {
  readonly format: PnpmFormat;
  /** The key of an entry, as it is given to the model. */
  readonly keyOf: (depPath: string) => string;
  readonly importers: ReadonlySet<string>;
  /** Names of packages that the project's overrides put in place of others. */
  readonly overrides: ReadonlySet<string>;
  /** What a `catalog:` specifier of that catalog and name stands for. */
  readonly catalog: (specifier: string, name: string) => string;
};

const SECTIONS: readonly (readonly [string, Use])[] = [
  ['dependencies', 'production'],
  ['configDependencies', 'production'],
  ['packageManagerDependencies', 'production'],
  ['optionalDependencies', 'optional'],
  ['devDependencies', 'development'],
];

/** The wishes of an entry. Throws an `Error` whose message completes "has …". */
export function wishesOfEntry(from: string, snapshot: WrittenMap, scope: PnpmScope): readonly PnpmWish[] {
  const sections = [
    ['dependencies', 'production'],
    ['optionalDependencies', 'optional'],
  ] as const;
  return sections.flatMap(([section, use]) =>
    textsIn(snapshot, section).flatMap(([name, ref]) => {
      assertName(name);
      const target = targetOf(ref, name, scope.format);
      return target === undefined ? [] : [{ from, to: scope.keyOf(target), use, name }];
    }),
  );
}

/** The wishes and links of an importer, whose id is its folder. Throws an `Error` whose message completes "has …". */
export function wishesOfImporter(
  id: string,
  importer: WrittenMap,
  scope: PnpmScope,
): { readonly wishes: readonly PnpmWish[]; readonly links: readonly PnpmLink[] } {
  const from = id === '.' ? PROJECT : id;
  const wishes: PnpmWish[] = [];
  const links: PnpmLink[] = [];
  for (const [section, use] of SECTIONS) {
    for (const [name, dependency] of mapIn(importer, section)?.entries ?? []) {
      assertName(name);
      if (dependency.kind !== 'map') throw new Error(`${section} where ${tame(name, 100)} is not an object`);
      const ref = textIn(dependency, 'version') ?? '';
      const target = targetOf(ref, name, scope.format);
      if (target === undefined) {
        const path = folderOf(ref.slice('link:'.length), id);
        if (scope.importers.has(path)) wishes.push({ from, to: path === '.' ? PROJECT : path, use, name });
        else links.push({ path, name, from, line: dependency.line });
        continue;
      }
      assertAsked({ name, target, specifier: textIn(dependency, 'specifier') ?? '' }, scope);
      wishes.push({ from, to: scope.keyOf(target), use, name });
    }
  }
  return { wishes, links };
}

/** Names become folders inside node_modules. */
function assertName(name: string): void {
  if (!isNpmName(name)) throw new Error(`a dependency of the name ${tame(JSON.stringify(name), 200)}`);
}

type Asked = { readonly name: string; readonly target: string; readonly specifier: string };

/**
 * Another package under a dependency's name has to be asked for, else it is a swap. pnpm holds specifiers, catalogs and overrides against the
 * project's own files, but never the version against the specifier.
 */
function assertAsked({ name, target, specifier }: Asked, scope: PnpmScope): void {
  const { name: found, version } = parseDepPath(target, scope.format);
  if (found === undefined || found === name || scope.overrides.has(found)) return;
  // What comes from no registry has whatever name its author gave it.
  if (!isExactVersion(version)) return;
  const asked = specifier.startsWith('catalog:') ? scope.catalog(specifier, name) : specifier;
  if (isAliasOf(asked, found) || asked.startsWith(`workspace:${found}@`)) return;
  if (asked.startsWith('jsr:') && found.startsWith('@jsr/')) return;
  const wanted = tame(`${name}: ${asked}`, 200);
  throw new Error(`${tame(found, 200)} in the place of "${wanted}", which does not ask for it`);
}

function folderOf(link: string, importer: string): string {
  return posix.isAbsolute(link) || /^[a-z]:/i.test(link) ? link : posix.join(importer, link);
}
