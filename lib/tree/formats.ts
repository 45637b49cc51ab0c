/** Knows which reader a lockfile needs. */
import { TreeError } from '../errors.ts';
import { bun } from './bun.ts';
import { npm } from './npm.ts';
import { pnpm } from './pnpm.ts';
import type { LockfileReader } from './reader.ts';
import { linesOf } from './text-lines.ts';
import { yarnBerry } from './yarn-berry.ts';
import { yarnClassic } from './yarn-classic.ts';

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

/** The reader for a lockfile of that name. Any name that is no other manager's is npm's. Throws `TreeError` `LOCKFILE_VERSION`. */
export function readerFor(name: string, text: string): LockfileReader {
  if (isBranchLockfile(name)) return pnpm;
  switch (name) {
    case 'pnpm-lock.yaml':
      return pnpm;
    case 'yarn.lock':
      return isClassic(text) ? yarnClassic : yarnBerry;
    case 'bun.lock':
      return bun;
    case 'bun.lockb':
      throw binary();
    default:
      return npm;
  }
}

/** As yarn 3 and later decide: by a comment before anything else. */
function isClassic(text: string): boolean {
  for (const { content } of linesOf(text)) {
    if (/^#\s+yarn\s+lockfile\s+v1$/i.test(content)) return true;
    if (!content.startsWith('#')) return false;
  }
  return false;
}

function binary(): TreeError {
  return new TreeError('LOCKFILE_VERSION', "bun.lockb is bun's binary lockfile; npmsign reads bun.lock.", {
    hint: 'Run bun install --save-text-lockfile --frozen-lockfile --lockfile-only, then delete bun.lockb.',
  });
}
