/** Reads one entry of an npm lockfile: exact types or a refusal. */
import type { Use } from '../model/package.ts';
import { tame } from '../text/sanitize.ts';
import { type Place, parseKey } from './npm-place.ts';
import { isVisible } from './written.ts';

/** One declared dependency. */
export type Want = { readonly name: string; readonly spec: string };

/** One entry of `packages`, with what npm reads of it. Empty texts count as absent, as in npm. */
export type NpmEntry = {
  readonly key: string;
  readonly place: Place;
  readonly name?: string;
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link: boolean;
  readonly inBundle: boolean;
  readonly hasInstallScript: boolean;
  readonly hasShrinkwrap: boolean;
  readonly use: Use;
  readonly bins: readonly string[];
  /** Names of the dependencies that lie inside the tarball. */
  readonly bundles: readonly string[];
  readonly wants: readonly Want[];
  readonly workspaces: unknown;
};

type Fields = Readonly<Record<string, unknown>>;

const FLAGS = [
  'link',
  'inBundle',
  'hasInstallScript',
  'hasShrinkwrap',
  'dev',
  'optional',
  'devOptional',
  'peer',
  'extraneous',
] as const;
const TEXTS = ['name', 'version', 'resolved', 'integrity'] as const;
const SECTIONS = ['dependencies', 'optionalDependencies', 'peerDependencies'] as const;
/** npm reads devDependencies only of folders it does not install itself. */
const FOLDER_SECTIONS = [...SECTIONS, 'devDependencies'] as const;

/** Parses one entry. The root's key is empty. Throws an `Error` whose message completes "has …". */
export function parseEntry(key: string, value: unknown): NpmEntry {
  const place: Place = key === '' ? { kind: 'folder', name: '' } : parseKey(key);
  if (!isFields(value)) throw new Error('an entry that is not an object');
  for (const flag of FLAGS) {
    if (value[flag] !== undefined && typeof value[flag] !== 'boolean')
      throw new Error(`a ${flag} that is neither true nor false`);
  }
  // The link of a project to itself has an empty text; no text at all names nothing.
  if (value['link'] === true && value['resolved'] === undefined)
    throw new Error('a link without a resolved folder');
  const sections = place.kind === 'folder' ? FOLDER_SECTIONS : SECTIONS;
  const wants = sections.flatMap((section) => wantsOf(value, section));
  return {
    key,
    place,
    ...textsOf(value),
    link: value['link'] === true,
    inBundle: value['inBundle'] === true,
    hasInstallScript: value['hasInstallScript'] === true,
    hasShrinkwrap: value['hasShrinkwrap'] === true,
    use: useOf(value),
    bins: binsOf(value['bin'], typeof value['name'] === 'string' ? value['name'] : place.name),
    bundles: bundlesOf(value['bundleDependencies'], wants),
    wants,
    workspaces: value['workspaces'],
  };
}

/** Is it a JSON object, and not an array? */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textsOf(value: Fields): Pick<NpmEntry, (typeof TEXTS)[number]> {
  const texts: { name?: string; version?: string; resolved?: string; integrity?: string } = {};
  for (const field of TEXTS) {
    const text = value[field];
    if (text === undefined) continue;
    if (typeof text !== 'string') throw new Error(`a ${field} that is not a text`);
    if (!isVisible(text)) throw new Error(`control or invisible characters in its ${field}`);
    if (text !== '') texts[field] = text;
  }
  return texts;
}

function wantsOf(value: Fields, section: string): readonly Want[] {
  const wants = value[section];
  if (wants === undefined) return [];
  if (typeof wants !== 'object' || wants === null) throw new Error(`${section} that are not an object`);
  return Object.entries(wants).map(([name, spec]) => {
    if (typeof spec !== 'string') throw new Error(`${section} where ${tame(name, 100)} is not a text`);
    return { name, spec };
  });
}

function bundlesOf(bundles: unknown, wants: readonly Want[]): readonly string[] {
  if (bundles === undefined || bundles === false) return [];
  if (bundles === true) return wants.map(({ name }) => name);
  if (!Array.isArray(bundles) || !bundles.every((name) => typeof name === 'string')) {
    throw new Error('bundleDependencies that are not a list of names');
  }
  return bundles;
}

function useOf(value: Fields): Use {
  if (value['dev'] === true) return 'development';
  if (value['optional'] === true || value['devOptional'] === true) return 'optional';
  return value['peer'] === true ? 'peer' : 'production';
}

/** Command names as npm makes them: the last part of the key, so `x/../node` is `node` (npm-normalize-package-bin). */
function binsOf(bin: unknown, name: string): readonly string[] {
  if (bin === undefined) return [];
  if (typeof bin === 'string') return [commandOf(name)];
  if (typeof bin !== 'object' || bin === null) throw new Error('a bin that is neither a text nor an object');
  const names = Array.isArray(bin) ? bin.map(String) : Object.keys(bin);
  return names.map(commandOf).filter((command) => command !== '');
}

function commandOf(name: string): string {
  return name.split(/[/\\:]/).findLast((part) => part !== '') ?? '';
}
