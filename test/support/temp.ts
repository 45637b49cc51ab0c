/** Temporary directories that vanish when the process ends. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const made = new Set<string>();

process.once('exit', () => {
  for (const dir of made) rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
});

/** A fresh, empty directory, as a real path without links, removed when the process ends. */
export function aTempDirectory(label = 'world'): string {
  const dir = realpathSync(mkdtempSync(path.join(os.tmpdir(), `npmsign-${label}-`)));
  made.add(dir);
  return dir;
}
