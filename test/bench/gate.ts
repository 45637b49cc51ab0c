/** The vendored gate's lines: what every install of a small project with everything cached waits for. */
import path from 'node:path';
import process from 'node:process';
import { aTempDirectory } from '../support/temp.ts';
import { type Contender, succeeded } from './contender.ts';
import { measure } from './measure.ts';
import type { Scene } from './scene.ts';

/** The vendored gate of a project, as npm 12 calls it for `npm ci`. */
export function gateOf(project: string) {
  return {
    args: [path.join(project, '.npmsign/gate.mjs'), 'preinstall'],
    env: {
      npm_command: 'ci',
      npm_config_local_prefix: project,
      npm_config_user_agent: `npm/12.2.0 node/${process.version} linux x64 workspaces/false`,
      npm_node_execpath: process.execPath,
    },
  };
}

/** In CI, where everything is verified again, and at the desk, where nothing has changed. */
export async function gateLines({ lockfile, layOut, server, world }: Scene): Promise<readonly Contender[]> {
  const project = layOut(lockfile);
  const home = aTempDirectory('bench-home');
  const gate = gateOf(project);
  const start = (env: Readonly<Record<string, string>>, watch: 'usage' | 'startup') =>
    measure({ args: gate.args, cwd: project, home, env: { ...gate.env, ...env }, watch });
  const [inCi, atDesk] = [{ CI: 'true' }, {}];
  succeeded({ name: 'the gate' }, await start(inCi, 'startup'));
  succeeded({ name: 'the gate' }, await start(atDesk, 'startup'));
  const line = (name: string, env: Readonly<Record<string, string>>): Contender => ({
    ...{ name, server, latencyMs: 0, pace: 'always', over: 'node -e 0' },
    limits: [
      { kind: 'ratio', over: 'node -e 0', most: 3 },
      { kind: 'requests', most: 0 },
    ],
    start: () => start(env, 'startup'),
  });
  return [
    line(`gate, ${world.entries} packages cached, all re-verified`, inCi),
    line(`gate, ${world.entries} packages, unchanged`, atDesk),
  ];
}
