/** Measures what a passing `npmsign ci` costs beside npm's own `npm ci`: `npm run bench:ci -- [--packages n] [--rounds n] [--npm 11,12]`. */
import { rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { type Contestant, contestantOf } from '../gates/contestants.ts';
import { type RunResult, run } from '../support/managers.ts';
import { aTempDirectory } from '../support/temp.ts';
import { installableIn } from './installable.ts';
import { lockfileOf } from './lockfile.ts';
import { builtCommand, writeProject } from './project.ts';
import { startServer } from './server.ts';
import { type Line, tableOf } from './table.ts';
import { worldOf } from './world.ts';

/** Where everything is installed: one project, one home with its caches, one npm. */
type Scene = {
  readonly project: string;
  readonly npm: Contestant;
  readonly env: Readonly<Record<string, string>>;
  readonly npmsign: string;
};

type Contender = {
  readonly name: string;
  readonly over?: string;
  readonly start: (scene: Scene) => Promise<RunResult>;
};

const PLAIN = 'npm ci';

const CONTENDERS: readonly Contender[] = [
  { name: PLAIN, start: ({ npm, ...scene }) => start(scene, npm.manager.command, ['ci']) },
  {
    name: 'npmsign ci',
    over: PLAIN,
    start: ({ npm, npmsign, ...scene }) =>
      start(scene, [npm.manager.command[0], npmsign], ['ci', '--no-remember']),
  },
  {
    name: 'npmsign ci, unchanged since the last run',
    over: PLAIN,
    start: ({ npm, npmsign, ...scene }) => start(scene, [npm.manager.command[0], npmsign], ['ci']),
  },
];

await main();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      packages: { type: 'string', default: '1150' },
      rounds: { type: 'string', default: '5' },
      npm: { type: 'string', default: '11,12' },
    },
  });
  const home = aTempDirectory('bench-home');
  const { lockfile: measured, origin } = await lockfileOf(Number(values.packages));
  const { lockfile, ...weight } = installableIn(path.join(home, 'npm-cache'), measured);
  const world = worldOf(lockfile);
  say(`${origin}: ${world.entries} lockfile entries, ${world.attested} versions attested`);
  say(
    `${weight.tarballs} tarballs, ${weight.megabytes.toFixed(0)} MB, ${weight.files} files, all in npm's cache`,
  );
  const server = await startServer(world.dir);
  try {
    const project = writeProject({ lockfile, world, registry: server.url, history: 'without' });
    const { '': root } = lockfile.packages;
    writeFileSync(path.join(project, 'package.json'), JSON.stringify(root, null, 2));
    const npmsign = await builtCommand();
    for (const major of values.npm.split(',')) {
      const npm = await contestantOf(`npm ${major}`);
      const scene = { project, npm, env: environmentOf(npm, home, server.url), npmsign };
      say(
        `\n${npm.title} (${npm.manager.version}), ${availableParallelism()} cores, ${values.rounds} rounds, interleaved\n`,
      );
      say(tableOf(await linesOf(scene, Number(values.rounds))));
    }
  } finally {
    await server.close();
  }
}

function environmentOf(npm: Contestant, home: string, registry: string): Record<string, string> {
  const env = npm.manager.environment({ home, registry });
  return {
    ...env,
    PATH: [npm.bin, env['PATH']].join(path.delimiter),
    npm_config_cache: path.join(home, 'npm-cache'),
  };
}

/** The first round only warms up: it fills npmsign's cache, and shows that all of them install the same. */
async function linesOf(scene: Scene, rounds: number): Promise<readonly Line[]> {
  const times = new Map<Contender, number[]>(CONTENDERS.map((contender) => [contender, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const [contender, known] of times) {
      rmSync(path.join(scene.project, 'node_modules'), { recursive: true, force: true });
      const began = performance.now();
      const { code, stdout, stderr } = await contender.start(scene);
      const ms = performance.now() - began;
      if (code !== 0)
        throw new Error(`${contender.name} ended with ${code}:\n${stderr.slice(-3000)}${stdout}`);
      if (round > 0) known.push(ms);
    }
  }
  return [...times].map(([{ name, over }, ms]) => ({
    ...{ name, ms, cpuMs: [], mebibytes: [], requests: 0, bytes: 0 },
    ...(over === undefined ? {} : { over }),
  }));
}

function start(
  { project, env }: Pick<Scene, 'project' | 'env'>,
  [program, ...first]: readonly [string, ...string[]],
  args: readonly string[],
): Promise<RunResult> {
  return run(program, [...first, ...args], { cwd: project, env, timeoutMs: 600_000 });
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
