/** Hashes a file. */
import { createHash, hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';

// What is read at once needs no stream, and none is loaded for it.
const AT_ONCE = 32 * 1024 * 1024;

/** The sha512 of a file, hex; `undefined` when there is none. */
export async function findDigest(path: string): Promise<string | undefined> {
  try {
    const { size } = await stat(path);
    return size > AT_ONCE ? await digestInPieces(path) : hash('sha512', await readFile(path), 'hex');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

async function digestInPieces(path: string): Promise<string> {
  const sum = createHash('sha512');
  for await (const chunk of createReadStream(path)) sum.update(chunk);
  return sum.digest('hex');
}
