/** Runs `npmsign verify` again and again for one user, as time goes by. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { main } from '../../lib/cli/main.ts';
import { aHost, NOW } from '../support/host.ts';
import { aPackageLock, aProject, dependenciesOn } from '../support/project.ts';
import type { LoopbackRegistry, Published } from '../support/registry/index.ts';
import { keysTargetJson } from '../support/sigstore/index.ts';
import { aTempDirectory } from '../support/temp.ts';

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

/** A project that locks these packages, of a registry whose keys lie in a file beside it, and its user. */
export function aSignedScene(
  registry: LoopbackRegistry,
  packages: readonly Published[],
  keys: object = { keys: '../keys.json' },
): Scene {
  const root = aTempDirectory('recall');
  const scene = { dir: join(root, 'project'), home: join(root, 'home') };
  mkdirSync(scene.home);
  writeFileSync(join(root, 'keys.json'), JSON.stringify(keysTargetJson(registry.sigstore.registryKeys.all)));
  const { dir } = aProject({
    packageJson: { dependencies: dependenciesOn(packages) },
    lockfile: aPackageLock(packages),
    npmrc: [`registry=${registry.url}`],
    files: {
      'trusted_root.json': registry.sigstore.trustedRoot(),
      '.npmsignrc': {
        extends: 'recommended',
        checks: { 'provenance-regression': 'off' },
        registries: { [registry.url]: { mirrorOf: 'npm', ...keys } },
        trust: { root: './trusted_root.json', refresh: 'never' },
      },
    },
  });
  cpSync(dir, scene.dir, { recursive: true });
  return scene;
}

/** Its package-lock.json. */
export const lockfileOf = ({ dir }: Scene): string => join(dir, 'package-lock.json');

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
