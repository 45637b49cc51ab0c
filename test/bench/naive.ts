/** The naive loop's lines: the reference library, called once for every bundle. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { aTempDirectory } from '../support/temp.ts';
import { awayBy, type Contender } from './contender.ts';
import { measure } from './measure.ts';
import type { Scene } from './scene.ts';

const SCRIPT = fileURLToPath(new URL('./naive.mjs', import.meta.url));

/** It keeps nothing between runs, so it is only ever cold. */
export function naiveLines(scene: Scene, latencies: readonly number[]): readonly Contender[] {
  const { server, layOut, lockfile, world } = scene;
  const project = layOut(lockfile);
  return latencies.map(
    (latencyMs): Contender => ({
      ...{ name: `naive sigstore loop, cold${awayBy(latencyMs)}`, server, latencyMs, limits: [] },
      pace: 'seldom',
      proves: new RegExp(`"signatures":${world.packages},"attested":${world.attested}\\b`),
      start() {
        const home = aTempDirectory('bench-home');
        const args = [SCRIPT, project, server.url, path.join(home, 'tuf')];
        return measure({ args, cwd: project, home, watch: 'usage' });
      },
    }),
  );
}
