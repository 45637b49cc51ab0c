/** bun's security scanner: judges before `node_modules` is written, and refuses what the judged lockfile does not hold. */
import { type ClaimedId, judge, unseen } from './judge.ts';

/** One reason not to install, as bun wants it. */
export type BunAdvisory = {
  readonly level: 'fatal';
  readonly package: string;
  readonly url: null;
  readonly description: string;
};

/** bun calls it with every package it is about to install, without their integrity: that is in bun.lock. */
export async function scan(
  world: NodeJS.Process,
  { packages }: { readonly packages: readonly ClaimedId[] },
): Promise<readonly BunAdvisory[]> {
  const judgement = await judge(world, world.cwd());
  switch (judgement.kind) {
    case 'not-asked':
      return [];
    case 'refused':
      return [advisory('npmsign', judgement.because)];
    case 'met':
      return packages.filter((id) => !judgement.holds(id)).map((id) => advisory(String(id.name), unseen(id)));
  }
}

function advisory(name: string, description: string): BunAdvisory {
  return { level: 'fatal', package: name, url: null, description };
}
