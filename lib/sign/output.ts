/** Writes a bundle whole or not at all. */
import { randomUUID } from 'node:crypto';
import { lstat, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { SigningError } from '../errors.ts';
import type { SignedBundle } from '../sigstore/index.ts';
import { tame } from '../text/sanitize.ts';

/** Writes it; a reader sees the old file or the new one. Throws `SigningError` `SIGNATURE_UNWRITABLE`. */
export async function writeBundle(path: string, bundle: SignedBundle): Promise<void> {
  const draft = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  try {
    await refuseUnusual(path);
    const file = await open(draft, 'wx', 0o644);
    try {
      await file.writeFile(`${JSON.stringify(bundle)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (cause) {
    await rm(draft, { force: true });
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'it is no ordinary file';
    throw new SigningError(
      'SIGNATURE_UNWRITABLE',
      `The signature ${tame(path)} cannot be written (${tame(code, 60)}).`,
      {
        cause,
      },
    );
  }
}

/** A rename would replace a link or a device instead of writing to it. */
async function refuseUnusual(path: string): Promise<void> {
  const found = await lstat(path).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found !== undefined && !found.isFile()) throw new Error('not a file');
}
