/** What a verdict rests on, on disk: files and folders, and whether they are still as they were. */
import { hash } from 'node:crypto';
import { lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Grounds } from '../model/request.ts';
import { codeOf, readSmallFile } from '../state/index.ts';

/**
 * `folder`: every file directly inside, by name and content; of folders inside, the names. `file`: its content, or that there is none.
 * `above`: of a folder that the project lies in, the files by which managers and policies are found.
 */
export type Ground = { readonly kind: 'folder' | 'file' | 'above'; readonly path: string };

/** The folder a command was started in, and all folders above it. */
export function groundsAround(cwd: string): readonly Ground[] {
  return [...projectGrounds(cwd), ...foldersAbove(cwd).map((path): Ground => ({ kind: 'above', path }))];
}

/** What a run found out that it rests on. */
export function groundsIn(grounds: Grounds): readonly Ground[] {
  return [...projectGrounds(grounds.project), ...outsideGrounds(grounds)];
}

/** The same without the folder of the project: policies, npm's configuration, keys and trust roots, wherever they lie. */
export function outsideGrounds({ folders, files }: Grounds): readonly Ground[] {
  return [
    ...folders.map((path): Ground => ({ kind: 'folder', path })),
    ...files.map((path): Ground => ({ kind: 'file', path })),
  ];
}

/** SHA-256 of its present state in hex; `undefined` where that is too much to look at, or cannot be told. */
export function digestOf({ kind, path }: Ground): string | undefined {
  switch (kind) {
    case 'file':
      return digestOfParts([stateOf(path)]);
    case 'folder':
      return digestOfFolder(path);
    case 'above':
      return digestOfParts(ABOVE.flatMap((name) => [name, stateOf(join(path, name))]));
  }
}

function projectGrounds(folder: string): readonly Ground[] {
  return ['', '.config', '.npmsign'].map((name) => ({ kind: 'folder', path: join(folder, name) }));
}

function foldersAbove(folder: string): readonly string[] {
  const above = dirname(folder);
  return above === folder ? [] : [above, ...foldersAbove(above)];
}

/** What the search for a policy, a lockfile, a workspace's root or npm's configuration looks at on its way up. */
export const ABOVE: readonly string[] = [
  ...['package.json', 'pnpm-workspace.yaml', '.npmrc', '.git', 'node_modules'],
  ...['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'bun.lockb'],
  ...['.npmsignrc', 'npmsign.config', '.config/npmsignrc'].flatMap((stem) =>
    ['', '.json', '.yaml', '.yml', '.js', '.ts', '.cjs', '.mjs'].map((extension) => stem + extension),
  ),
];

const LARGEST_FILE = 64 * 1024 * 1024;
const MOST_ENTRIES = 2000;

function digestOfFolder(folder: string): string | undefined {
  let names: readonly string[];
  try {
    names = readdirSync(folder).sort();
  } catch (error) {
    return digestOfParts([`no folder: ${codeOf(error)}`]);
  }
  if (names.length > MOST_ENTRIES) return undefined;
  return digestOfParts(names.flatMap((name) => [name, stateOf(join(folder, name))]));
}

/** `undefined` for what is there and cannot be read whole: two states of it would look the same. */
function stateOf(path: string): string | undefined {
  let stats: Stats;
  let link = '';
  try {
    stats = lstatSync(path);
    if (stats.isSymbolicLink()) link = readlinkSync(path);
  } catch (error) {
    return `nothing: ${codeOf(error)}`;
  }
  if (stats.isDirectory()) return 'folder';
  const file = readSmallFile(path, LARGEST_FILE);
  if (file.status === 'told') return `file ${JSON.stringify(link)} ${hash('sha256', file.value, 'hex')}`;
  return stats.isFile() ? undefined : `other ${JSON.stringify(link)} ${file.reason}`;
}

function digestOfParts(parts: readonly (string | undefined)[]): string | undefined {
  return parts.includes(undefined) ? undefined : hash('sha256', JSON.stringify(parts), 'hex');
}
