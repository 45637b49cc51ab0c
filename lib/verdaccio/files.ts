/** Writes files whole or not at all, for this user alone. */
import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Writes a file that must not be there yet; one that is there is left as it is, and nothing is thrown. */
export function writeOnce(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomUUID()}.tmp`;
  writeFileSync(draft, text, { mode: 0o600, flag: 'wx', flush: true });
  try {
    linkSync(draft, path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') moveUnlessThere(draft, path, error);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** The code of a system error. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

const NO_LINKS: readonly (string | undefined)[] = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EXDEV'];

// Some file systems know no links. There a second writer would replace the first one's file, by one that is as good.
function moveUnlessThere(draft: string, path: string, cause: unknown): void {
  if (!NO_LINKS.includes(codeOf(cause))) throw cause;
  renameSync(draft, path);
}
