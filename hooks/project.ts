/** Tells which project a lifecycle script belongs to. */
import { isAbsolute } from 'node:path';
import type { Host } from '../lib/model/host.ts';

/**
 * The root of the project npm is working on. npm sets `npm_config_local_prefix` afresh for every script it runs, whatever directory
 * or workspace it was called from; under another manager that variable can only be inherited from somewhere else,
 * and scripts of the root run in the root. `INIT_CWD` is where the person stood, which may be a workspace: never asked.
 */
export function projectOf({ cwd, env }: Pick<Host, 'cwd' | 'env'>): string {
  const prefix = env['npm_config_local_prefix'];
  const calledByNpm = env['npm_config_user_agent']?.startsWith('npm/') ?? false;
  return calledByNpm && prefix !== undefined && isAbsolute(prefix) ? prefix : cwd;
}
