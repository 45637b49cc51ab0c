/** Compares rendered text with a file kept under `test/golden/`. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../golden/', import.meta.url));

/** Asserts that the text is the golden file's, byte for byte. With UPDATE_GOLDEN=1 in the environment it is written instead. */
export function assertGolden(text: string, file: string): void {
  const golden = path.join(FOLDER, file);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, text);
  // A checkout on Windows may have changed the line ends of a text file; the renderers write \n only.
  assert.equal(text, readFileSync(golden, 'utf8').replaceAll('\r\n', '\n'));
}
