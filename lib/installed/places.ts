/** Finds what lies in node_modules, and which package of the lockfile each folder should be. */
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { ResolvedPackage, Tree } from '../model/package.ts';
import { createLinks, foreign, STORES } from './links.ts';

/** One folder or link in some node_modules. */
export type Place = {
  /** Absolute. */
  readonly folder: string;
  /** Relative to the project, with forward slashes. */
  readonly shown: string;
  readonly what:
    | { readonly kind: 'package'; readonly package: ResolvedPackage }
    /** The project's own, such as a workspace, or another name of what lies elsewhere in it. */
    | { readonly kind: 'own' }
    | { readonly kind: 'foreign'; readonly because: string };
};

/** Tells places apart. */
export type Places = {
  /** The node_modules folders to begin with: of the project, its workspaces, and the stores inside them. */
  readonly roots: () => Promise<readonly string[]>;
  /** Everything in one node_modules, commands too, and under a dot what a manager runs. */
  readonly within: (modules: string, except: ReadonlySet<string>) => Promise<readonly Place[]>;
  /** What else is kept there under a dot, shown as a place is, and commands that are scripts of the manager's. */
  readonly unseen: () => Promise<readonly string[]>;
};

/** Places of a project, by its lockfile: npm's names the folder of each package, the others only what is in it. */
export function createPlaces(project: string, tree: Tree): Places {
  const byKey = new Map(tree.packages.map((pkg) => [pkg.key, pkg]));
  const bySpec = new Map(tree.packages.map((pkg) => [JSON.stringify([pkg.id.name, pkg.id.version]), pkg]));
  const isNpm = tree.lockfile.format === 'npm';
  const shownOf = (path: string): string => relative(project, path).replaceAll(sep, '/');
  const links = createLinks(project, tree);

  const own = tree.packages.flatMap(({ source }) => (source.kind === 'workspace' ? [source.path] : []));
  const topModules = ['', ...own].map((place) => join(project, place, 'node_modules'));
  // Its links may lead to a store outside the project: what they lead to is compared all the same.
  const plugins = tree.lockfile.format === 'pnpm' ? [join(project, 'node_modules', PLUGINS)] : [];

  async function pluginAt(folder: string, name: string): Promise<Place['what']> {
    const pkg = bySpec.get(await specIn(folder));
    return pkg?.id.name === name
      ? { kind: 'package', package: pkg }
      : foreign('pnpm loads it at every command, and the lockfile does not know it');
  }

  async function whatIs(modules: string, name: string): Promise<Place['what']> {
    const folder = join(modules, name);
    if (plugins.includes(modules)) return pluginAt(folder, name);
    if ((await lstat(folder)).isSymbolicLink()) return links.linked(folder);
    const isPlaced = isNpm && !shownOf(folder).startsWith('node_modules/.store/');
    const pkg = isPlaced ? byKey.get(shownOf(folder)) : bySpec.get(await specIn(folder));
    if (pkg === undefined && !isNpm && links.names.has(name)) return { kind: 'own' };
    if (pkg === undefined) return foreign('the lockfile does not know it');
    switch (pkg.source.kind) {
      case 'workspace':
        return foreign('it is a folder, and the lockfile has a link to a workspace in its place');
      case 'link':
        // Others than npm may copy such a folder, under its own name and no other.
        return !isNpm && name === pkg.id.name ? { kind: 'own' } : foreign(NO_LINK);
      case 'file':
        return isNpm || name === pkg.id.name ? { kind: 'own' } : foreign(NO_LINK);
      default:
        return { kind: 'package', package: pkg };
    }
  }

  return {
    async roots() {
      const stores = STORES.map((store) => join(project, 'node_modules', store));
      const stored = await Promise.all(
        stores.map(async (store) => (await namesIn(store)).map((name) => join(store, name, 'node_modules'))),
      );
      // Beside its packages a store has links to all of them, where what nobody declared is found.
      const beside = stores.map((store) => join(store, 'node_modules'));
      return [...new Set([...topModules, ...plugins, ...stored.flat(), ...beside])];
    },
    async within(modules, except) {
      const names = (await packageNamesIn(modules)).filter((name) => !except.has(name));
      const packages = names.map(async (name): Promise<Place> => {
        const folder = join(modules, name);
        return { folder, shown: shownOf(folder), what: await whatIs(modules, name) };
      });
      const commands = (await namesIn(join(modules, '.bin'))).map(async (name): Promise<Place> => {
        const folder = join(modules, '.bin', name);
        return { folder, shown: shownOf(folder), what: await links.command(folder) };
      });
      const hooks = (await namesIn(join(modules, HOOKS))).map(async (name): Promise<Place> => {
        const folder = join(modules, HOOKS, name);
        return { folder, shown: shownOf(folder), what: foreign('pnpm runs it with scripts of that name') };
      });
      return Promise.all([...packages, ...commands, ...hooks]);
    },
    async unseen() {
      const seen = new Set([HOOKS, ...STORES, ...(plugins.length === 0 ? [] : [PLUGINS])]);
      const folders = await Promise.all(
        topModules.map(async (modules) => {
          const hidden = (await namesIn(modules)).filter((name) => name.startsWith('.') && !seen.has(name));
          return hidden.map((name) => join(modules, name));
        }),
      );
      const kept = await Promise.all(
        folders.flat().map(async (folder) => ((await isKept(folder)) ? [folder] : [])),
      );
      return kept.flat().map(shownOf).sort();
    },
  };
}

/** Where pnpm keeps its plugins, which it loads whenever it is called. */
const PLUGINS = '.pnpm-config';

/** Where pnpm looks for a program that is to run with every script of its name. */
const HOOKS = '.hooks';

/** Holds it what nobody looks at? Links to commands are looked at, an empty folder holds nothing. */
async function isKept(folder: string): Promise<boolean> {
  const inside = await namesIn(folder);
  if (!folder.endsWith(`${sep}.bin`)) return inside.length > 0;
  const stats = await Promise.all(inside.map((name) => lstat(join(folder, name))));
  return stats.some((each) => !each.isSymbolicLink());
}

const NO_LINK = 'it is a folder, and the lockfile has a link in its place';

/** `name` and `@scope/name`; nothing that starts with a dot. */
async function packageNamesIn(modules: string): Promise<readonly string[]> {
  const names = (await namesIn(modules)).filter((name) => !name.startsWith('.'));
  const found = await Promise.all(
    names.map(async (name) =>
      name.startsWith('@') ? (await namesIn(join(modules, name))).map((inner) => `${name}/${inner}`) : [name],
    ),
  );
  return found.flat();
}

/** What a folder holds; nothing where there is none. A plain file among packages has a name all the same, and is foreign. */
async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

/** Who a folder says it is. It is compared with the tarball of exactly that package, so a lie is found. */
async function specIn(folder: string): Promise<string> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => '');
  try {
    const { name, version } = Object(JSON.parse(text.replace(/^\ufeff/, '')));
    return JSON.stringify([name, version]);
  } catch {
    // Not JSON: it is nobody the lockfile knows.
    return '';
  }
}
