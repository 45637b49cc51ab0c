/** The lines of those npmsign is measured against. */
import type { Contender } from './contender.ts';
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
