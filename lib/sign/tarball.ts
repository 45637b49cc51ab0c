/** Reads a package tarball: its digest, and the one package.json in it. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
// Written by others because npm reads tarballs with it: what it calls package.json is what an install will call package.json.
import { Parser, type ReadEntry } from 'tar';
import { SigningError } from '../errors.ts';
import { tame } from '../text/sanitize.ts';

/** A tarball, read. */
export type Tarball = {
  /** Hex. */
  readonly sha512: string;
  /** The text of its package.json. */
  readonly manifest: string;
};

const MOST_PACKED = 1024 ** 3;
const MOST_UNPACKED = 4 * 1024 ** 3;
const MOST_MANIFEST = 1024 ** 2;

/** Reads it once, from front to back. Throws `SigningError` `ARTIFACT_UNREADABLE` for anything but a whole gzipped tar with one package.json. */
export async function readTarball(path: string): Promise<Tarball> {
  try {
    const { size } = await stat(path);
    if (size > MOST_PACKED) throw new Unreadable(`is larger than ${MOST_PACKED} bytes`);
    const hash = createHash('sha512');
    const manifest = await readManifest(unpacked(path, hash));
    return { sha512: hash.digest('hex'), manifest };
  } catch (cause) {
    const why = cause instanceof Unreadable ? cause.message : `cannot be read (${codeOf(cause)})`;
    throw new SigningError('ARTIFACT_UNREADABLE', `The tarball ${tame(path)} ${why}.`, {
      cause,
      hint: 'Name a tarball as npm pack writes it.',
    });
  }
}

/** Says why a tarball cannot be read. */
class Unreadable extends Error {}

/** The tar inside, within bounds, while the packed bytes are hashed. */
async function* unpacked(path: string, hash: ReturnType<typeof createHash>): AsyncGenerator<Buffer> {
  const file = createReadStream(path);
  const gunzip = createGunzip();
  file.on('data', (chunk) => hash.update(chunk));
  file.on('error', (error) => gunzip.destroy(error));
  let size = 0;
  try {
    for await (const chunk of file.pipe(gunzip)) {
      if (size === 0 && chunk[0] === 0x1f && chunk[1] === 0x8b) throw new Unreadable('is packed twice');
      size += chunk.length;
      if (size > MOST_UNPACKED) throw new Unreadable(`unpacks to more than ${MOST_UNPACKED} bytes`);
      yield chunk;
    }
  } finally {
    file.destroy();
    gunzip.destroy();
  }
}

async function readManifest(chunks: AsyncIterable<Buffer>): Promise<string> {
  const found: string[] = [];
  const trouble: unknown[] = [];
  // `strict`: what npm would only warn about, or pass over, is refused.
  const parser = new Parser({ strict: true, maxMetaEntrySize: MOST_MANIFEST });
  const done = new Promise<void>((resolve) => parser.once('end', resolve));
  parser.on('error', (error: unknown) => trouble.push(error));
  parser.on('entry', (entry: ReadEntry) => {
    if (!isManifest(entry.path)) entry.resume();
    else if (entry.size > MOST_MANIFEST || entry.type !== 'File') {
      trouble.push(new Unreadable('has a package.json that is too large, or no file'));
      entry.resume();
    } else collect(entry, found);
  });
  const end = { reached: false };
  parser.once('eof', () => {
    end.reached = true;
  });
  for await (const chunk of chunks) {
    // npm goes on behind the end, and would find there what a reader of tar does not; the parser takes minutes over empty blocks.
    if (!end.reached) parser.write(chunk);
    else if (!chunk.equals(Buffer.alloc(chunk.length))) throw new Unreadable('has something behind its end');
    if (trouble.length > 0) throw trouble[0];
  }
  parser.end();
  if (trouble.length > 0) throw trouble[0];
  await done;
  const [manifest, second] = found;
  if (manifest === undefined) throw new Unreadable('holds no package.json');
  // An install takes the last one, a reader may take the first.
  if (second !== undefined) throw new Unreadable('holds more than one package.json');
  return manifest;
}

/** npm strips the first folder, whatever its name. Some systems then take dots, slashes and case for the same file: so do we. */
function isManifest(path: string): boolean {
  const rest = path.replaceAll('\\', '/').split('/').slice(1);
  const plain = rest.filter((part) => part !== '' && part !== '.').join('/');
  return plain.normalize('NFKC').toLowerCase() === 'package.json';
}

function collect(entry: ReadEntry, found: string[]): void {
  const parts: Buffer[] = [];
  entry.on('data', (part: Buffer) => parts.push(part));
  entry.on('end', () => found.push(Buffer.concat(parts).toString('utf8')));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? tame(String(error.code), 60) : 'it is damaged';
}
