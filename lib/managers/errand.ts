/** Runs a package manager for something else than an install: to pack, to publish, to run a script of the project. */
import type { EndSignal, Host } from '../model/host.ts';
import { environmentFor, inheritable } from './environment.ts';
import { findManager } from './find.ts';
import type { Manager } from './manager.ts';
import { exitCodeOf } from './perform.ts';
import { runManager } from './run.ts';
import { Interrupted, watched } from './watch.ts';

/** One command. */
export type Errand = {
  readonly manager: Manager;
  readonly args: readonly string[];
  /** Absolute path of the project, which has no say in where programs are found. */
  readonly root: string;
  /** Where it runs: where npmsign was called, unless given. */
  readonly cwd?: string;
  /** Variables it needs besides the ordinary ones. */
  readonly env?: Readonly<Record<string, string>>;
  /** Its result goes to stdout; notes go to stderr. */
  readonly prints: 'result' | 'notes';
};

/** How it ended: with an exit code of its own, or because a signal asked npmsign to end. */
export type ErrandEnd =
  | { readonly kind: 'ended'; readonly code: number }
  | { readonly kind: 'interrupted'; readonly signal: EndSignal };

/** Runs it, with our terminal, by absolute path and without a shell. Throws `ManagerError` when it cannot be started. */
export async function runErrand(host: Host, errand: Errand): Promise<ErrandEnd> {
  const { manager, args, root, cwd = host.cwd, prints } = errand;
  const own = { ...host, env: inheritable(host.env) };
  const env = {
    ...(await environmentFor(own, { root, name: manager.name, reach: 'the project last' })),
    ...errand.env,
  };
  try {
    return await watched(own, async (watch) => {
      const ending = await runManager(manager.program, { args, cwd, env, prints, watch });
      watch.check();
      return { kind: 'ended', code: exitCodeOf(ending) };
    });
  } catch (error) {
    if (error instanceof Interrupted) return { kind: 'interrupted', signal: error.signal };
    throw error;
  }
}

/** npm, whatever the project is managed with: nobody else uploads a tarball together with its provenance. Throws `ManagerError`. */
export function findNpm(host: Host, root: string): Promise<Manager> {
  return findManager({ ...host, env: inheritable(host.env) }, { root, name: 'npm' });
}
