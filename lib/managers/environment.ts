/** Makes the environment a package manager runs in: the caller's, without what another manager left in it. */
import path from 'node:path';
import type { Host } from '../model/host.ts';
import { sortedPath } from '../programs/index.ts';
import type { ManagerName } from './manager.ts';

/** Where a manager may look for the commands it needs, such as git and node. */
export type Reach = 'outside the project' | 'the project last';

/**
 * The environment of a run. Relative folders and those in `node_modules` are taken off `PATH`, and the project's own come last or not at all:
 * nothing in a project can stand in for `node`, `git` or `sh`. What npm, pnpm or yarn put there for a script of theirs is taken out.
 */
export async function environmentFor(
  host: Host,
  { root, name, reach }: { readonly root: string; readonly name: ManagerName; readonly reach: Reach },
): Promise<Record<string, string>> {
  const kept = Object.entries(inheritable(host.env)).filter(([name]) => name.toUpperCase() !== 'PATH');
  const { outside, inside } = await sortedPath(host, root);
  const folders = [...outside, ...(reach === 'the project last' ? inside : []), path.dirname(host.execPath)];
  return {
    ...Object.fromEntries(kept),
    PATH: [...new Set(folders)].join(path.delimiter),
    // Of corepack's: without it a file of the project could name another registry, and switch off that signatures are asked for.
    COREPACK_ENV_FILE: host.env['COREPACK_ENV_FILE'] ?? '0',
    ...ITSELF[name],
  };
}

/** The environment without what a package manager tells the scripts it runs: a manager we start is nobody's script. */
export function inheritable(env: Host['env']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(
      (pair): pair is [string, string] => pair[1] !== undefined && !FOR_SCRIPTS.test(pair[0]),
    ),
  );
}

// npm reads `npm_config_*` as settings. These say which package or workspace a script belongs to, or who called it.
const FOR_SCRIPTS =
  /^(?:init_cwd|npm_(?:execpath|node_execpath|command|lifecycle_\w+|package_\w+|config_(?:user_agent|local_prefix|global|location|workspaces?|include_workspace_root))|npmsign_(?:resolves_only|asked_before))$/i;

/** Keeps a manager from running another one in its place, which it would fetch for that, or find in the project. */
const ITSELF: Readonly<Record<ManagerName, Readonly<Record<string, string>>>> = {
  npm: {},
  // 10 knows the first name, 11 and 12 the last.
  pnpm: {
    npm_config_manage_package_manager_versions: 'false',
    pnpm_config_manage_package_manager_versions: 'false',
    pnpm_config_pm_on_fail: 'ignore',
  },
  // What the project names has been looked at before it was run.
  // An archive that is not the one the lockfile pins stops it, whatever settings of the project say.
  yarn: { YARN_IGNORE_PATH: '1', YARN_CHECKSUM_BEHAVIOR: 'throw' },
  bun: {},
};
