/** Stands in for npm's reader of package.json, which also knows how to mend and to write one. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A package.json, read. */
export type Read = { readonly path: string; readonly content: { readonly [name: string]: unknown } };

/** Reads the package.json of a folder. Throws what the system throws, and `SyntaxError`. */
export async function normalize(path: string): Promise<Read> {
  const text = await readFile(join(path, 'package.json'), 'utf8');
  const content: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
  // Whatever else JSON can be has no fields.
  return { path, content: Object(content) };
}
