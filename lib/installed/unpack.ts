/** Reads from a tarball which files an install writes, and what is in them. */
import { createHash } from 'node:crypto';
import { createGunzip } from 'node:zlib';
// Written by others because package managers unpack with it: what it calls a file of a package is what lies on disk.
import { Parser } from 'tar';

/** One entry of a tarball: what is used of it. Its declaration names no package, because an installed npmsign has none beside it. */
export type TarEntry = {
  readonly path: string;
  readonly type: string;
  readonly size: number;
  readonly mode?: number | undefined;
  /** Passes over it. */
  readonly resume: () => unknown;
  readonly on: {
    (event: 'data', listener: (part: Buffer) => void): unknown;
    (event: 'end', listener: () => void): unknown;
  };
};

/** One file as it should lie on disk: by hash, hex sha256. A command may have had its first line's Windows line end mended. */
export type ExpectedFile = { readonly hashes: readonly string[]; readonly isOptional: boolean };

const MOST_UNPACKED = 4 * 1024 ** 3;
/** A script with a `#!` line is never larger. */
const MOST_SCRIPT = 16 * 1024 ** 2;

/** The files of a package by path. Throws for anything but a gzipped tar within bounds. */
export async function unpackFiles(tarball: Uint8Array): Promise<ReadonlyMap<string, ExpectedFile>> {
  const files = new Map<string, ExpectedFile>();
  await readTarball(tarball, MOST_UNPACKED, (entry) => {
    const path = pathOf(entry);
    if (path === undefined) entry.resume();
    // The last of several entries for one path is what stays on disk.
    else readEntry(entry, (file) => files.set(path, file));
  });
  return withRenamed(files);
}

/** Hands over every entry of a tarball, to be read or passed over. Throws for anything but a gzipped tar within bounds. */
export async function readTarball(
  tarball: Uint8Array,
  most: number,
  onEntry: (entry: TarEntry) => void,
): Promise<void> {
  const trouble: unknown[] = [];
  const parser = new Parser();
  const done = new Promise<void>((resolve) => parser.once('end', resolve));
  parser.on('error', (error: unknown) => trouble.push(error));
  parser.on('entry', onEntry);
  let size = 0;
  const gunzip = createGunzip();
  gunzip.end(tarball);
  for await (const chunk of gunzip) {
    size += chunk.length;
    if (size > most) throw new Error(`it unpacks to more than ${most} bytes`);
    parser.write(chunk);
    if (trouble.length > 0) throw trouble[0];
  }
  parser.end();
  await done;
  if (trouble.length > 0) throw trouble[0];
}

/** Where a file lands once the first folder is taken off, whatever its name; `undefined` for what is never written: links, folders, ways out. */
function pathOf({ type, path }: TarEntry): string | undefined {
  if (type !== 'File' && type !== 'OldFile' && type !== 'ContiguousFile') return undefined;
  const parts = path
    .split('/')
    .slice(1)
    .filter((part) => part !== '' && part !== '.');
  return parts.length === 0 || parts.includes('..') ? undefined : parts.join('/');
}

function readEntry(entry: TarEntry, onFile: (file: ExpectedFile) => void): void {
  const hash = createHash('sha256');
  const parts: Buffer[] = [];
  entry.on('data', (part: Buffer) => {
    hash.update(part);
    if (entry.size <= MOST_SCRIPT && (parts.length > 0 || part.subarray(0, 2).toString() === '#!'))
      parts.push(part);
  });
  entry.on('end', () => onFile({ hashes: [hash.digest('hex'), ...mended(parts)], isOptional: false }));
}

/** npm rewrites the first line of a command when it ends as on Windows. */
function mended(parts: readonly Buffer[]): readonly string[] {
  const text = Buffer.concat(parts).toString('utf8');
  if (!/^#![^\n]+\r\n/.test(text)) return [];
  return [
    createHash('sha256')
      .update(text.replace(/^(#![^\n]+)\r\n/, '$1\n'))
      .digest('hex'),
  ];
}

/** npm writes `.gitignore` as `.npmignore`, or not at all where there is one; other managers leave it alone. */
function withRenamed(files: ReadonlyMap<string, ExpectedFile>): ReadonlyMap<string, ExpectedFile> {
  const all = new Map(files);
  for (const [path, { hashes }] of files) {
    if (!/(?:^|\/)\.gitignore$/.test(path)) continue;
    const renamed = path.replace(/\.gitignore$/, '.npmignore');
    all.set(path, { hashes, isOptional: true });
    if (!files.has(renamed)) all.set(renamed, { hashes, isOptional: true });
  }
  return all;
}
