/** Knows lockfiles by their names. */
import { TreeError } from '../errors.ts';

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

/** Throws for the one lockfile that is no text. */
export function assertText(name: string): void {
  if (name !== 'bun.lockb') return;
  throw new TreeError('LOCKFILE_VERSION', "bun.lockb is bun's binary lockfile; npmsign reads bun.lock.", {
    hint: 'Run bun install --save-text-lockfile --frozen-lockfile --lockfile-only, then delete bun.lockb.',
  });
}
