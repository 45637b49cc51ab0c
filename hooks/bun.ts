/** bun's security scanner: judges before `node_modules` is written, and refuses what the judged lockfile does not hold. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
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
  const project = world.cwd();
  const judgement = await judge(world, { gate: 'bun', project, deaf: await namesInDotenv(project) });
  switch (judgement.kind) {
    case 'not-asked':
      return [];
    case 'refused':
      return [advisory('npmsign', judgement.because)];
    case 'met':
      return packages.filter((id) => !judgement.holds(id)).map((id) => advisory(String(id.name), unseen(id)));
  }
}

/**
 * Variables that `.env` files of the project set. bun puts them into its own environment before it calls anybody: a commit could
 * name another policy, another registry, or keep the gate out.
 */
async function namesInDotenv(project: string): Promise<ReadonlySet<string>> {
  const files = (await readdir(project)).filter((name) => name === '.env' || name.startsWith('.env.'));
  const texts = await Promise.all(files.map((name) => readFile(join(project, name), 'utf8')));
  return new Set(
    texts.flatMap((text) => [...text.matchAll(/([\w.-]+)[^\S\n]*[=:]/g)].map(([, name]) => name ?? '')),
  );
}

function advisory(name: string, description: string): BunAdvisory {
  return { level: 'fatal', package: name, url: null, description };
}
