/** Hashes a file. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** The sha512 of a file, hex; `undefined` when there is none. */
export async function findDigest(path: string): Promise<string | undefined> {
  const hash = createHash('sha512');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  return hash.digest('hex');
}
