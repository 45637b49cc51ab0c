/** Reads one entry of bun's lockfile: exact types or a refusal. */
import type { PackageId, PackageSource, Use } from '../model/package.ts';
import { tame } from '../text/sanitize.ts';
import { isFields } from './npm-entry.ts';
import { isNpmName } from './npm-place.ts';
import { isExactVersion } from './publishable.ts';
import { isGitHostedTarball } from './source.ts';
import { plainText } from './written.ts';

/** One declared dependency. */
export type BunWant = { readonly name: string; readonly spec: string; readonly use: Use };

/** One entry of `packages`. */
export type BunEntry = {
  /** As in the file: the names of the folders it lies in, `a/@b/c`. */
  readonly key: string;
  /** The key, name by name. */
  readonly place: readonly string[];
  readonly id: PackageId;
  readonly source: PackageSource;
  /** The hash as it stands there; absent when empty, for then bun checks none. */
  readonly integrity?: string;
  readonly bundled: boolean;
  readonly hasInstallScript: boolean;
  readonly bins: readonly string[];
  readonly wants: readonly BunWant[];
};

const SECTIONS: readonly (readonly [string, Use])[] = [
  ['dependencies', 'production'],
  ['optionalDependencies', 'optional'],
  ['peerDependencies', 'peer'],
  ['devDependencies', 'development'],
];

/** Parses one entry. Throws an `Error` whose message completes "has …". */
export function parseBunEntry(key: string, value: unknown): BunEntry {
  const place = placeOf(plainText(key, 'its key'));
  if (!Array.isArray(value)) throw new Error('an entry that is not a list');
  const [resolution, ...parts] = value;
  const { name, at } = splitResolution(resolution);
  const fromRegistry = isExactVersion(at);
  const { info, texts } = fromRegistry ? registryParts(parts) : otherParts(parts);
  const source = fromRegistry ? registrySource(texts[0]) : otherSource(at);
  // bun checks no hash where the text is empty. A git entry's first text is its folder in the cache.
  const integrity = texts[source.kind === 'remote' || source.kind === 'file' ? 0 : 1];
  return {
    key,
    place,
    id: { name, version: fromRegistry ? at : '' },
    source,
    ...(integrity === undefined || integrity === '' ? {} : { integrity }),
    bundled: info['bundled'] === true,
    hasInstallScript: info['hasInstallScript'] === true,
    bins: binsOf(info, name),
    wants: wantsIn(info),
  };
}

/** All dependencies a workspace or an entry declares. Throws as {@link parseBunEntry}. */
export function wantsIn(fields: Readonly<Record<string, unknown>>): readonly BunWant[] {
  return SECTIONS.flatMap(([section, use]) => {
    const wants = fields[section];
    if (wants === undefined) return [];
    if (!isFields(wants)) throw new Error(`${section} that are not an object`);
    return Object.entries(wants).map(([name, spec]) => {
      if (typeof spec !== 'string') throw new Error(`${section} where ${tame(name, 100)} is not a text`);
      return { name, spec, use };
    });
  });
}

/** Deeper than node_modules ever nest. */
const DEEPEST = 64;

function placeOf(key: string): readonly string[] {
  const names: string[] = [];
  for (const part of key.split('/')) {
    const scope = names.at(-1);
    if (scope !== undefined && /^@[^/]*$/.test(scope)) names[names.length - 1] = `${scope}/${part}`;
    else names.push(part);
  }
  if (names.length > DEEPEST || !names.every(isNpmName))
    throw new Error('a key that is no path of package names');
  return names;
}

function splitResolution(resolution: unknown): { readonly name: string; readonly at: string } {
  if (typeof resolution !== 'string') throw new Error('an entry without name and version');
  const index = plainText(resolution, 'its resolution').indexOf('@', 1);
  const name = resolution.slice(0, Math.max(0, index));
  if (!isNpmName(name)) throw new Error(`the resolution ${tame(resolution, 200)}, which has no name`);
  return { name, at: resolution.slice(index + 1) };
}

type Parts = { readonly info: Readonly<Record<string, unknown>>; readonly texts: readonly string[] };

/** Registry, facts, hash: always all of them. */
function registryParts([registry, info, integrity, ...more]: readonly unknown[]): Parts {
  if (typeof registry !== 'string' || !isFields(info) || typeof integrity !== 'string' || more.length > 0) {
    throw new Error('an entry that is not name and version, registry, facts and hash');
  }
  return { info, texts: [plainText(registry, 'its URL'), plainText(integrity, 'its hash')] };
}

/** Facts, then what pins it; a workspace has neither. */
function otherParts([info = {}, ...texts]: readonly unknown[]): Parts {
  if (!isFields(info) || texts.length > 2 || !texts.every((text) => typeof text === 'string')) {
    throw new Error('an entry that is not a resolution, facts and hash');
  }
  return { info, texts: texts.map((text) => plainText(text, 'its hash')) };
}

/** The default registry's URL is left out. */
function registrySource(url: string | undefined): PackageSource {
  return url === undefined || url === '' ? { kind: 'registry' } : { kind: 'registry', resolved: url };
}

const ARCHIVE = /\.(?:tgz|tar\.gz|tar)$/i;

function otherSource(at: string): PackageSource {
  const [, protocol = '', rest = ''] = /^(?:([a-z][a-z+]*):)?(.*)$/i.exec(at) ?? [];
  switch (protocol.toLowerCase()) {
    case 'workspace':
      return { kind: 'workspace', path: rest };
    case 'root':
      return { kind: 'link', path: '.' };
    case 'link':
      return { kind: 'link', path: rest };
    case 'file':
    case '':
      if (ARCHIVE.test(rest)) return { kind: 'file', resolved: `file:${rest}` };
      if (protocol !== '') return { kind: 'link', path: rest };
      break;
    case 'http':
    case 'https':
      return { kind: isGitHostedTarball(at) ? 'git' : 'remote', resolved: at };
    default:
      if (/^(?:git(?:\+[a-z]+)?|ssh|github|gitlab|bitbucket)$/i.test(protocol))
        return { kind: 'git', resolved: at };
  }
  throw new Error(`a resolution of an unknown kind: ${tame(at, 200)}`);
}

/** The name that stands for a folder of commands nobody lists is a star. */
function binsOf(info: Readonly<Record<string, unknown>>, name: string): readonly string[] {
  if (info['binDir'] !== undefined) return ['*'];
  const bin = info['bin'];
  if (bin === undefined) return [];
  if (typeof bin === 'string') return [name.replace(/^@[^/]*\//, '')];
  if (!isFields(bin)) throw new Error('a bin that is neither a text nor an object');
  return Object.keys(bin);
}
