/** Makes of a tarball the archive yarn 4 makes of it, byte for byte, and tells its hash: that is what yarn.lock pins. */
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { crc32 } from 'node:zlib';
import { readTarball, type TarEntry } from './unpack.ts';

/** All of it is held in memory. */
const MOST_UNPACKED = 512 * 1024 ** 2;
/** A zip file without extensions holds no more. */
const MOST_ENTRIES = 65_534;

/**
 * Hex sha512 of the archive, if nothing in it is compressed. `undefined` for what yarn may treat in ways that are not known here, such as
 * links and folders of the tarball's own. Throws for anything but a gzipped tar within bounds.
 *
 * A mistake in here cannot make a wrong tarball pass: then the hash is not the one that yarn itself wrote, and will compare.
 */
export async function yarnArchiveHash(tarball: Uint8Array, name: string): Promise<string | undefined> {
  const entries = new Map<string, Entry>();
  const strange: string[] = [];
  await readTarball(tarball, MOST_UNPACKED, (entry) => {
    const path = pathIn(entry.path);
    if (path === undefined) return void entry.resume();
    if (entry.type !== 'File' && entry.type !== 'OldFile') {
      strange.push(entry.path);
      return void entry.resume();
    }
    const place = `node_modules/${name}/${path}`;
    for (const folder of foldersAbove(place)) {
      if (entries.get(folder)?.kind === 'file') strange.push(folder);
      else if (!entries.has(folder)) entries.set(folder, { kind: 'folder' });
    }
    if (entries.get(place)?.kind === 'folder') strange.push(place);
    collect(entry, (content) =>
      entries.set(place, { kind: 'file', content, isExecutable: isExecutable(entry) }),
    );
  });
  if (strange.length > 0 || entries.size > MOST_ENTRIES) return undefined;
  return hashOfZip(entries);
}

type Entry =
  | { readonly kind: 'folder' }
  | { readonly kind: 'file'; readonly content: Buffer; readonly isExecutable: boolean };

/** As yarn takes the first folder off, whatever its name. */
function pathIn(path: string): string | undefined {
  if (path.startsWith('/') || path.split('/').includes('..')) return undefined;
  const rest = posix.normalize(path).replace(/\/$/, '').split('/').slice(1);
  return rest.length === 0 ? undefined : rest.join('/');
}

function foldersAbove(place: string): readonly string[] {
  const parts = place.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

function isExecutable({ mode }: TarEntry): boolean {
  return ((mode ?? 0) & 0o111) !== 0;
}

function collect(entry: TarEntry, onContent: (content: Buffer) => void): void {
  const parts: Buffer[] = [];
  entry.on('data', (part: Buffer) => parts.push(part));
  entry.on('end', () => onContent(Buffer.concat(parts)));
}

/** 22 June 1984, 21:50, as every entry of yarn's has it, in the format of DOS. */
const DOS_TIME = 0xae40;
const DOS_DATE = 0x08d6;
/** The general purpose bit that says a name is UTF-8. */
const UTF8_NAME = 0x0800;
/** Unix, version 6.3 of the specification. */
const MADE_BY = 0x033f;

/** PKWARE APPNOTE 4.3: for each entry a local header (4.3.7) and its bytes, then the central directory (4.3.12) and its end (4.3.16). */
function hashOfZip(entries: ReadonlyMap<string, Entry>): string {
  const hash = createHash('sha512');
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [place, entry] of entries) {
    const name = Buffer.from(entry.kind === 'folder' ? `${place}/` : place);
    const content = entry.kind === 'folder' ? Buffer.alloc(0) : entry.content;
    const shared = sharedHeader(entry, { name, content });
    hash.update(Buffer.concat([Buffer.from('504b0304', 'hex'), shared, name])).update(content);
    directory.push(centralHeader(entry, { shared, name, offset }));
    offset += 30 + name.length + content.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32BE(0x504b0506, 0);
  end.writeUInt16LE(entries.size, 8);
  end.writeUInt16LE(entries.size, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return hash.update(central).update(end).digest('hex');
}

/** What a local header and an entry of the directory have in common, from "version needed" to "extra field length". */
function sharedHeader(
  { kind }: Entry,
  { name, content }: { readonly name: Buffer; readonly content: Buffer },
): Buffer {
  const header = Buffer.alloc(26);
  header.writeUInt16LE(kind === 'folder' ? 20 : 10, 0);
  header.writeUInt16LE(name.some((byte) => byte > 0x7f) ? UTF8_NAME : 0, 2);
  header.writeUInt16LE(DOS_TIME, 6);
  header.writeUInt16LE(DOS_DATE, 8);
  header.writeUInt32LE(crc32(content), 10);
  header.writeUInt32LE(content.length, 14);
  header.writeUInt32LE(content.length, 18);
  header.writeUInt16LE(name.length, 22);
  return header;
}

function centralHeader(
  entry: Entry,
  { shared, name, offset }: { readonly shared: Buffer; readonly name: Buffer; readonly offset: number },
): Buffer {
  const start = Buffer.from('504b01020000', 'hex');
  start.writeUInt16LE(MADE_BY, 4);
  const rest = Buffer.alloc(14);
  rest.writeUInt32LE(modeOf(entry) * 0x10000, 6);
  rest.writeUInt32LE(offset, 10);
  return Buffer.concat([start, shared, rest, name]);
}

function modeOf(entry: Entry): number {
  if (entry.kind === 'folder') return 0o040755;
  return entry.isExecutable ? 0o100755 : 0o100644;
}
