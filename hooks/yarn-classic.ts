/** Tells what yarn 1 was asked for, in front of which it calls the root `preinstall`: `yarn add` fetches what no lockfile lists yet. */
import type { Host } from '../lib/model/host.ts';
import { tame } from '../lib/text/sanitize.ts';
import type { Lockstep } from './lockstep.ts';

/** Is it yarn 1 that runs this script? */
export function isYarnClassic({ env }: Pick<Host, 'env'>): boolean {
  return /^yarn\/[01]\./.test(env['npm_config_user_agent'] ?? '');
}

/** Commands that install what yarn.lock lists, once it lists everything. */
const FROM_LOCKFILE = ['install', 'remove'];

/** In step where yarn only installs from its lockfile; ahead for every other command, and where it does not say which it is. */
export function yarnLockstepOf({ env }: Pick<Host, 'env'>): Lockstep {
  const verb = verbIn(env['npm_config_argv']);
  if (verb !== undefined && FROM_LOCKFILE.includes(verb)) return { kind: 'in-step' };
  const because =
    verb === undefined ? 'yarn does not say what it was asked for' : `yarn ${tame(verb, 60)} resolves anew`;
  return { kind: 'ahead', because };
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
