/** Judges the links in node_modules: they may lead to what is compared where it lies, and to the project's own. */
import { lstat, readFile, realpath } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import type { Tree } from '../model/package.ts';
import type { Place } from './places.ts';

/** Tells links apart. */
export type Links = {
  /** Names of the folders of the project's own that a manager may copy. */
  readonly names: ReadonlySet<string>;
  /** A link in the place of a package. */
  readonly linked: (link: string) => Promise<Place['what']>;
  /** What stands in `.bin`. */
  readonly command: (file: string) => Promise<Place['what']>;
};

/** Folders in node_modules in which a manager keeps the packages themselves, each in a node_modules of its own. */
export const STORES: readonly string[] = ['.pnpm', '.bun', '.store'];

/** Something that does not belong there. */
export function foreign(because: string): Place['what'] {
  return { kind: 'foreign', because };
}

const OWN: Place['what'] = { kind: 'own' };

/** Links of a project. Its own folders are those the lockfile names; yarn 1's names none, so there each must say its name. */
export function createLinks(project: string, tree: Tree): Links {
  const { format } = tree.lockfile;
  const ownFolders = tree.packages.flatMap(({ source }) =>
    source.kind === 'workspace' || source.kind === 'link' ? [resolve(project, source.path)] : [],
  );
  const home = realpath(project);
  const own = Promise.all([project, ...ownFolders].map((folder) => realpath(folder).catch(() => folder)));
  const wayTo = async (target: string): Promise<string> => relative(await home, target).replaceAll(sep, '/');

  async function isOwn(target: string, name: string): Promise<boolean> {
    if ((await own).includes(target)) return true;
    if (format !== 'yarn-classic' || !isInProject(await wayTo(target))) return false;
    return (await nameIn(target)) === name;
  }

  return {
    names: new Set(tree.packages.flatMap(({ id, source }) => (source.kind === 'link' ? [id.name] : []))),
    async linked(link) {
      const target = await realpath(link).catch(() => undefined);
      if (target === undefined) return foreign('it is a link that leads nowhere');
      const way = await wayTo(target);
      const [, name = ''] =
        /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(link.replaceAll(sep, '/')) ?? [];
      if (STORED.test(way) || (await isOwn(target, name))) return OWN;
      const isOutside = way.startsWith('../') || way === '..' || resolve(way) === way;
      return foreign(
        isOutside ? 'it is a link that leads out of the project' : 'it is a link to what is compared nowhere',
      );
    },
    async command(file) {
      const isLink = (await lstat(file)).isSymbolicLink();
      // pnpm everywhere, and all managers on Windows, write small scripts in place of links.
      if (!isLink)
        return hasScripts(format) ? OWN : foreign('it is a command of its own, and no link to one');
      const target = await realpath(file).catch(() => undefined);
      if (target === undefined) return OWN;
      const way = await wayTo(target);
      if (COMPARED.test(way)) return OWN;
      const inOwn = (await own).slice(1).some((folder) => target.startsWith(folder + sep));
      if (inOwn || (format === 'yarn-classic' && isInProject(way))) return OWN;
      return foreign('it is a link to what is compared nowhere');
    },
  };
}

/** A package in a store: it is compared there. */
const STORED = /^node_modules\/\.(?:pnpm|bun|store)\/[^/]+\/node_modules\/(?:@[^/]+\/)?[^./@][^/]*$/;

/** A file of a package that is compared: nowhere below a node_modules under a dot, but in a store. */
const COMPARED =
  /^(?:(?!node_modules\/)[^/]+\/)*node_modules\/(?:\.(?:pnpm|bun|store)\/[^/]+\/node_modules\/)?(?!\.)(?!.*\/node_modules\/\.).+$/;

function isInProject(way: string): boolean {
  return !way.split('/').some((part) => part === 'node_modules' || part.startsWith('.'));
}

function hasScripts(format: Tree['lockfile']['format']): boolean {
  return format === 'pnpm' || sep === '\\';
}

async function nameIn(folder: string): Promise<unknown> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => '{}');
  try {
    return Object(JSON.parse(text.replace(/^\ufeff/, ''))).name;
  } catch {
    // Not JSON: it has no name.
    return undefined;
  }
}
