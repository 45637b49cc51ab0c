/** The real `pnpm audit signatures`, which needs no other trust than the registry's own word: it verifies signatures, and no attestations. */
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pnpmOf } from '../support/managers.ts';
import { aTempDirectory } from '../support/temp.ts';
import { awayBy, type Contender } from './contender.ts';
import { entriesOf, type Lockfile } from './lockfile.ts';
import { versionsOf } from './manifests.ts';
import { measure } from './measure.ts';
import type { Scene } from './scene.ts';

/** Its lines: cold at every latency, and after the cold run just before. */
export async function pnpmLines(scene: Scene, latencies: readonly number[]): Promise<readonly Contender[]> {
  const { server, world, layOut, lockfile } = scene;
  const project = layOut(lockfile);
  rmSync(path.join(project, 'package-lock.json'));
  writePnpmProject(project, lockfile);
  const { command, environment } = await pnpmOf(12);
  const [program, ...first] = command;
  const audit = (home: string) => {
    const env = environment({ home, registry: server.url });
    const args = [...first, 'audit', 'signatures'];
    return measure({ command: program, args, cwd: project, home, env, watch: 'outside' });
  };
  const name = 'pnpm 12 audit signatures';
  const proves = new RegExp(`${world.packages} packages have verified registry signatures`);
  const common = { server, pace: 'seldom', limits: [], proves } as const;
  const state = { home: '' };
  return [
    ...latencies.map((latencyMs): Contender => {
      const start = () => {
        state.home = aTempDirectory('bench-home');
        return audit(state.home);
      };
      return { ...common, name: `${name}, cold${awayBy(latencyMs)}`, latencyMs, start };
    }),
    { ...common, name: `${name}, warm`, latencyMs: 0, start: () => audit(state.home) },
  ];
}

/** The same versions in pnpm's words. Each is a dependency of the project under a name of its own, so that none is out of reach. */
function writePnpmProject(project: string, lockfile: Lockfile): void {
  const versions = versionsOf(entriesOf(lockfile));
  const wishes = versions.map(({ name, version }, index) => [`p${index}`, `npm:${name}@${version}`] as const);
  const manifest = { name: 'measured', private: true, dependencies: Object.fromEntries(wishes) };
  writeFileSync(path.join(project, 'package.json'), JSON.stringify(manifest));
  const keys = versions.map(({ name, version, integrity }) => [`'${name}@${version}'`, integrity] as const);
  const lines = [
    "lockfileVersion: '9.0'\n",
    'importers:\n\n  .:\n    dependencies:',
    ...wishes.flatMap(([alias, wish], index) => [
      `      ${alias}:\n        specifier: ${wish}\n        version: ${keys[index]?.[0]}`,
    ]),
    '\npackages:\n',
    ...keys.map(([key, integrity]) => `  ${key}:\n    resolution: {integrity: ${integrity}}\n`),
    'snapshots:\n',
    ...keys.map(([key]) => `  ${key}: {}\n`),
  ];
  writeFileSync(path.join(project, 'pnpm-lock.yaml'), `${lines.join('\n')}`);
}
