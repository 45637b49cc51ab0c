/** Performs the steps of a plan: in which folder, with which environment, and as which exit code they end. */
import { realpath } from 'node:fs/promises';
import { constants } from 'node:os';
import path from 'node:path';
import { ManagerError } from '../errors.ts';
import type { Host } from '../model/host.ts';
import { tame } from '../text/sanitize.ts';
import { assertLockedByBun } from './bun-lockstep.ts';
import { environmentFor } from './environment.ts';
import type { Manager } from './manager.ts';
import type { Step } from './plan.ts';
import { assertConfigDependenciesLocked } from './pnpm-config.ts';
import { askProgram, type Ending, runManager } from './run.ts';
import type { Watch } from './watch.ts';
import { assertLockedByYarn } from './yarn-lockstep.ts';
import { writeYarnPlugin } from './yarn-plugin.ts';

/** What every step of one run shares. */
export type StepRun = {
  readonly host: Host;
  readonly watch: Watch;
  /** Absolute path of the project. */
  readonly root: string;
  readonly manager: Manager;
  readonly onCommand: (command: string) => void;
};

/** Runs one step. Before the verdict only notes are printed, and nothing of the project is on `PATH`. */
export async function perform(run: StepRun, step: Step, prints: 'result' | 'notes'): Promise<Ending> {
  const { host, root, manager, watch } = run;
  const reach = prints === 'result' ? 'the project last' : 'outside the project';
  const env = { ...(await environmentFor(host, { root, name: manager.name, reach })), ...step.env };
  const cwd = step.from === 'root' ? root : host.cwd;
  run.onCommand([manager.name, ...step.args].map(shown).join(' '));
  if (step.plugin === undefined) {
    return runManager(manager.program, { args: step.args, cwd, env, prints, watch });
  }
  const plugin = await writeYarnPlugin();
  try {
    const plugins = [env['YARN_PLUGINS'], plugin.file].filter((file) => file !== undefined && file !== '');
    const withPlugin = { ...env, YARN_PLUGINS: plugins.join(';') };
    return await runManager(manager.program, { args: step.args, cwd, env: withPlugin, prints, watch });
  } finally {
    await plugin.remove();
  }
}

/** As a shell would have it, and without what a log should not hold. */
function shown(arg: string): string {
  const safe = tame(arg, 300);
  return /^[\w@%+=:,./^~-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", "'\\''")}'`;
}

/** The exit code of an ending: of a signal 128 and its number, as in a shell. */
export function exitCodeOf(ending: Ending): number {
  if (ending.kind === 'exit') return ending.code;
  return 128 + constants.signals[ending.signal];
}

/**
 * Throws `ManagerError` where the manager would install something else than this lockfile, though it is told not to change it: npm, where it
 * takes another folder for the project; yarn 1, where something has no entry; pnpm 10, where it has config dependencies.
 */
export async function assertInstalls(run: StepRun, lockfile: string): Promise<void> {
  const { host, root, manager } = run;
  if (manager.kind === 'yarn-classic') await assertLockedByYarn(root, lockfile);
  if (manager.kind === 'pnpm') await assertConfigDependenciesLocked(root, manager.version);
  if (manager.kind === 'bun') await assertLockedByBun(root, lockfile);
  if (manager.kind !== 'npm' || path.resolve(host.cwd) === root) return;
  const env = await environmentFor(host, { root, name: 'npm', reach: 'outside the project' });
  const answer = await askProgram(manager.program, { args: ['prefix'], cwd: host.cwd, env });
  const [prefix, own] = await Promise.all(
    [answer.trim(), root].map((place) => realpath(place).catch(() => place)),
  );
  if (prefix === own) return;
  throw new ManagerError(
    'MANAGER_CONFLICT',
    `npm takes ${tame(answer.trim(), 200)} for the project, and ${tame(root, 200)} was judged.`,
    { hint: 'Run this in the folder of the project itself.' },
  );
}
