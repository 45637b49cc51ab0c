/** Tells whether a root `preinstall` script runs too late to prevent anything. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../lib/model/host.ts';

/** Before anything is fetched; or late, because this manager calls late, or because packages already lie there. */
export type Lateness =
  | { readonly kind: 'in-time' }
  | { readonly kind: 'late-manager'; readonly because: string }
  | { readonly kind: 'packages-there'; readonly because: string };

/** npm calls the root `preinstall` before extraction since version 12; npm 10 and 11 call it last. */
export async function latenessOf({ cwd, env }: Pick<Host, 'cwd' | 'env'>): Promise<Lateness> {
  const npm = /^npm\/((\d{1,4})\.[\w.-]{1,40})/.exec(env['npm_config_user_agent'] ?? '');
  if (npm !== null && Number(npm[2]) < 12) {
    const because = `npm ${npm[1]} runs the root preinstall script after all packages are installed`;
    return { kind: 'late-manager', because };
  }
  if (!(await holdsPackages(join(cwd, 'node_modules')))) return { kind: 'in-time' };
  return { kind: 'packages-there', because: 'packages already lay in node_modules when the gate was called' };
}

/** A directory that cannot be read may hold packages: only one that is absent or empty holds none. */
async function holdsPackages(directory: string): Promise<boolean> {
  try {
    const names = await readdir(directory);
    return names.some((name) => !name.startsWith('.'));
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ENOENT');
  }
}
