/** Runs `npmsign verify` again and again for one user, as time goes by. */
import { join } from 'node:path';
import { main } from '../../lib/cli/main.ts';
import { aHost, NOW } from '../support/host.ts';
import type { LoopbackRegistry } from '../support/registry/index.ts';

/** Milliseconds. */
export const HOUR = 60 * 60 * 1000;

/** A project and its user. */
export type Scene = { readonly dir: string; readonly home: string };

/** One run: with which arguments and environment, and how long after the first, in milliseconds. */
export type Run = {
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly after?: number;
};

/** Runs it, and tells how often the registry was asked. */
export async function verifyIn(
  registry: LoopbackRegistry,
  { dir, home }: Scene,
  { argv = [], env = {}, after = 0 }: Run,
) {
  registry.forgetRequests();
  const own = { HOME: home, LOCALAPPDATA: join(home, 'local'), npm_config_cache: join(home, 'npm') };
  const host = aHost({ cwd: dir, now: new Date(NOW.getTime() + after), env: { ...own, ...env } });
  const code = await main(['verify', ...argv], host);
  return { code, out: host.stdout(), err: host.stderr(), requests: registry.requests.length };
}
