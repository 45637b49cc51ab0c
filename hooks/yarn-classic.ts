/** Tells whether yarn 1, in front of which this root `preinstall` runs, is about to fetch what no lockfile lists yet. */
import { join } from 'node:path';
import { ManagerError } from '../lib/errors.ts';
import { assertLockedByYarn } from '../lib/index.ts';
import type { Host } from '../lib/model/host.ts';
import { tame } from '../lib/text/sanitize.ts';
import type { Lockstep } from './lockstep.ts';

/** Is it yarn 1 that runs this script? */
export function isYarnClassic({ env }: Pick<Host, 'env'>): boolean {
  return /^yarn\/[01]\./.test(env['npm_config_user_agent'] ?? '');
}

/** Commands that install what yarn.lock lists, once it lists everything. */
const FROM_LOCKFILE = ['install', 'remove'];

/** In step where yarn only installs from its lockfile, and finds all in it; ahead for every other command, and where it does not say which it is. */
export async function yarnLockstepOf({ cwd, env }: Pick<Host, 'cwd' | 'env'>): Promise<Lockstep> {
  const verb = verbIn(env['npm_config_argv']);
  if (verb === undefined) return { kind: 'ahead', because: 'yarn does not say what it was asked for' };
  if (!FROM_LOCKFILE.includes(verb))
    return { kind: 'ahead', because: `yarn ${tame(verb, 60)} resolves anew` };
  try {
    await assertLockedByYarn(cwd, join(cwd, 'yarn.lock'));
    return { kind: 'in-step' };
  } catch (error) {
    if (!(error instanceof ManagerError)) throw error;
    return { kind: 'ahead', because: error.message.replace(/\.$/, '') };
  }
}

/** The command as yarn understood it: `install` where none was written. */
function verbIn(argv: string | undefined): string | undefined {
  try {
    const { cooked } = Object(JSON.parse(argv ?? ''));
    return Array.isArray(cooked) && typeof cooked[0] === 'string' ? cooked[0] : undefined;
  } catch {
    // Not JSON: whatever was asked for, it was not said.
    return undefined;
  }
}
