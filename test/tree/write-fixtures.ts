/** Writes the lockfiles below test/fixtures/lockfiles anew, each by the real manager: `npx tsx test/tree/write-fixtures.ts [name…]`. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../support/corpus.ts';
import { bun, pnpmOf, yarn1, yarn3, yarn4 } from '../support/managers.ts';
import {
  aProjectOfAllKinds,
  aWorldOfAllKinds,
  type ProjectKind,
  resolveWith,
  type World,
} from './all-kinds.ts';

type Job = {
  /** Below test/fixtures/lockfiles. */
  readonly name: string;
  readonly kind: ProjectKind;
  readonly manager: () => ReturnType<typeof bun>;
};

const JOBS: readonly Job[] = [
  { name: 'pnpm/pnpm-8', kind: 'pnpm8', manager: () => pnpmOf(8) },
  { name: 'pnpm/pnpm-10', kind: 'pnpm', manager: () => pnpmOf(10) },
  { name: 'pnpm/pnpm-11', kind: 'pnpm', manager: () => pnpmOf(11) },
  { name: 'pnpm/pnpm-12', kind: 'pnpm', manager: () => pnpmOf(12) },
  { name: 'yarn-classic/yarn-1', kind: 'yarn1', manager: yarn1 },
  { name: 'yarn-berry/yarn-3', kind: 'yarn3', manager: yarn3 },
  { name: 'yarn-berry/yarn-4', kind: 'yarn4', manager: yarn4 },
  { name: 'bun/bun-1', kind: 'bun', manager: bun },
];
const LOCKFILES = ['pnpm-lock.yaml', 'yarn.lock', 'bun.lock'];

const wanted = process.argv.slice(2);
const world = await aWorldOfAllKinds();
for (const job of JOBS) if (wanted.length === 0 || wanted.includes(job.name)) await write(job, world);
await world.close();

async function write({ name, kind, manager }: Job, { registry, files }: World): Promise<void> {
  const dir = aProjectOfAllKinds(kind, { registry, files });
  const { run, version } = await manager();
  await resolveWith(kind, run, { dir, registry });
  const target = path.join(projectRoot, 'test/fixtures/lockfiles', name);
  mkdirSync(target, { recursive: true });
  for (const file of ['package.json', ...LOCKFILES]) {
    if (!existsSync(path.join(dir, file))) continue;
    const text = readFileSync(path.join(dir, file), 'utf8');
    writeFileSync(path.join(target, file), withoutLoopback(text, { registry, files }));
  }
  console.error(`${name}: ${version}`);
}

/** The same text as if it came from hosts that do not change: pnpm 8 makes keys of them. */
function withoutLoopback(text: string, { registry, files }: Pick<World, 'registry' | 'files'>): string {
  return text
    .replaceAll(registry.url, 'https://registry.example/')
    .replaceAll(files, 'https://files.example')
    .replaceAll(files.replace('http://', '').replace(':', '+'), 'files.example');
}
