/** Knows which reader a lockfile needs. */
import { TreeError } from '../errors.ts';
import { npm } from './npm.ts';
import type { LockfileReader } from './reader.ts';
import { linesOf } from './text-lines.ts';

/** Whose lockfile it is, by the words people use for package managers. */
export type ManagerName = 'npm' | 'pnpm' | 'yarn' | 'bun';

/** The names of lockfiles, those a manager prefers first. */
export const LOCKFILES: ReadonlyMap<string, ManagerName> = new Map([
  ['npm-shrinkwrap.json', 'npm'],
  ['package-lock.json', 'npm'],
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
]);

/** A lockfile of pnpm's for one git branch, which stands in for pnpm-lock.yaml when a setting says so. */
export function isBranchLockfile(name: string): boolean {
  return /^pnpm-lock\..+\.yaml$/.test(name);
}

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

/** Throws for the one lockfile that is no text. */
export function assertText(name: string): void {
  if (name !== 'bun.lockb') return;
  throw new TreeError('LOCKFILE_VERSION', "bun.lockb is bun's binary lockfile; npmsign reads bun.lock.", {
    hint: 'Run bun install --save-text-lockfile --frozen-lockfile --lockfile-only, then delete bun.lockb.',
  });
}

/** As yarn 3 and later decide: by a comment before anything else. */
function isClassic(text: string): boolean {
  for (const { content } of linesOf(text)) {
    if (/^#\s+yarn\s+lockfile\s+v1$/i.test(content)) return true;
    if (!content.startsWith('#')) return false;
  }
  return false;
}
