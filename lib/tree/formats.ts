/** Knows which reader a lockfile needs. */
import { assertText, isBranchLockfile } from './names.ts';
import { npm } from './npm.ts';
import type { LockfileReader } from './reader.ts';
import { linesOf } from './text-lines.ts';

/**
 * The reader for a lockfile of that name. Any name that is no other manager's is npm's. Readers are loaded as far as a project needs them: a
 * parser of YAML costs as much as all the rest. Throws `TreeError` `LOCKFILE_VERSION`.
 */
export async function readerFor(name: string, text: string): Promise<LockfileReader> {
  if (name === 'pnpm-lock.yaml' || isBranchLockfile(name)) return (await import('./pnpm.ts')).pnpm;
  if (name === 'yarn.lock') {
    return isClassic(text)
      ? (await import('./yarn-classic.ts')).yarnClassic
      : (await import('./yarn-berry.ts')).yarnBerry;
  }
  if (name === 'bun.lock') return (await import('./bun.ts')).bun;
  assertText(name);
  return npm;
}

/** As yarn 3 and later decide: by a comment before anything else. */
function isClassic(text: string): boolean {
  for (const { content } of linesOf(text)) {
    if (/^#\s+yarn\s+lockfile\s+v1$/i.test(content)) return true;
    if (!content.startsWith('#')) return false;
  }
  return false;
}
