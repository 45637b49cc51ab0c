/** The lines of those npmsign is measured against. */
import type { Contender } from './contender.ts';
import { entriesOf } from './lockfile.ts';
import { naiveLines } from './naive.ts';
import { npmLines } from './npm.ts';
import type { Rival } from './options.ts';
import { pnpmLines } from './pnpm.ts';
import type { Scene } from './scene.ts';

/** All lines of one of them. Each has proved all there is to prove before it is measured. */
export async function rivalLines(
  rival: Rival,
  scene: Scene,
  latencies: readonly number[],
): Promise<readonly Contender[]> {
  await makePackuments(scene);
  switch (rival) {
    case 'npm11':
      return npmLines(11, scene, latencies);
    case 'npm12':
      return npmLines(12, scene, latencies);
    case 'pnpm12':
      return pnpmLines(scene, latencies);
    case 'naive':
      return naiveLines(scene, latencies);
  }
}

/** The registry makes packuments when they are first asked for, which is no part of anybody's time. */
async function makePackuments({ lockfile, server }: Scene): Promise<void> {
  const names = new Set(entriesOf(lockfile).map(([, name]) => name.replace('/', '%2f')));
  const queue = names.values();
  const worker = async () => {
    for (const name of queue) await (await fetch(`${server.url}${name}`)).arrayBuffer();
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}
