/** Measures what a passing `npmsign ci` costs beside npm's own `npm ci`: `npm run bench:ci -- [--packages n] [--rounds n] [--npm 11,12]`. */
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { type Npm, type NpmMajor, npmOf, run } from '../support/managers.ts';
import { aTempDirectory } from '../support/temp.ts';
import { type Installable, installableOf } from './installable.ts';
import { medianOf } from './line.ts';
import { lockfileOf } from './lockfile.ts';
import { builtCommand, writeProject } from './project.ts';
import { startServer } from './server.ts';
import { worldOf } from './world.ts';

/** What a verdict may cost, of npm's own time. */
const LIMIT = 1.1;

/** Where everything is installed: one project, one home with its caches, one npm. */
type Scene = {
  readonly project: string;
  readonly npm: Npm;
  readonly env: Readonly<Record<string, string>>;
  readonly npmsign: string;
};

/** One run: wall time, and processor time of all processes it took. */
type Sample = { readonly ms: number; readonly cpuMs: number };

await main();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      packages: { type: 'string', default: '1150' },
      rounds: { type: 'string', default: '5' },
      npm: { type: 'string', default: '11,12' },
    },
  });
  const { lockfile: measured, origin } = await lockfileOf(Number(values.packages));
  const installable = installableOf(measured);
  const { lockfile } = installable;
  const world = worldOf(lockfile);
  say(`${origin}: ${world.entries} lockfile entries, ${world.attested} versions attested`);
  say(weightOf(installable));
  const server = await startServer(world.dir);
  try {
    const project = writeProject({ lockfile, world, registry: server.url, history: 'without' });
    writeFileSync(path.join(project, 'package.json'), JSON.stringify(lockfile.packages[''], null, 2));
    const npmsign = await builtCommand();
    for (const major of values.npm.split(',')) {
      const npm = await npmOf(Number(major) as NpmMajor);
      const env = environmentOf(npm, installable.cache, server.url);
      say(`\nnpm ${npm.version}, ${availableParallelism()} cores, ${values.rounds} rounds, interleaved`);
      await compare({ project, npm, env, npmsign }, Number(values.rounds));
    }
  } finally {
    await server.close();
  }
}

function weightOf({ tarballs }: Installable): string {
  const sum = (of: 'bytes' | 'unpacked' | 'files') => tarballs.reduce((total, one) => total + one[of], 0);
  const [packed, unpacked] = [sum('bytes'), sum('unpacked')].map((bytes) => (bytes / 1e6).toFixed(0));
  return `${tarballs.length} tarballs in npm's cache: ${packed} MB, unpacked ${unpacked} MB in ${sum('files')} files`;
}

/** npm is found on PATH, as it is installed. */
function environmentOf(npm: Npm, cache: string, registry: string): Record<string, string> {
  const bin = aTempDirectory('bench-bin');
  symlinkSync(npm.npmCli, path.join(bin, 'npm'));
  symlinkSync(npm.node, path.join(bin, 'node'));
  const env = npm.environment({ home: aTempDirectory('bench-home'), registry });
  return { ...env, PATH: [bin, env['PATH']].join(path.delimiter), npm_config_cache: cache };
}

/** The first round only warms up. In CI everything is proved in each; at the desk what was proved within the day is judged anew. */
async function compare(scene: Scene, rounds: number): Promise<void> {
  const { npm, npmsign } = scene;
  const plain: Sample[] = [];
  const gated: readonly {
    readonly name: string;
    readonly args: readonly string[];
    readonly samples: Sample[];
  }[] = [
    { name: 'npmsign ci, as in CI', args: ['--no-remember'], samples: [] },
    { name: 'npmsign ci, at the desk', args: [], samples: [] },
  ];
  for (let round = 0; round <= rounds; round++) {
    const own = await installWith(scene, [npm.npmCli, 'ci']);
    if (round > 0) plain.push(own);
    for (const { args, samples } of gated) {
      const ours = await installWith(scene, [npmsign, 'ci', ...args]);
      if (round > 0) samples.push(ours);
    }
  }
  say(rowOf('npm ci', plain, plain));
  for (const { name, samples } of gated) {
    say(rowOf(name, samples, plain));
    const ratio = medianOf(samples.map(({ ms }) => ms)) / medianOf(plain.map(({ ms }) => ms));
    say(`${ratio <= LIMIT ? 'held' : 'NOT HELD'}: at most ${LIMIT} × npm ci`);
  }
}

async function installWith({ project, npm, env }: Scene, args: readonly string[]): Promise<Sample> {
  rmSync(path.join(project, 'node_modules'), { recursive: true, force: true });
  const timed = ['-c', '"$@"; code=$?; times >&2; exit $code', 'sh', npm.node, ...args];
  const began = performance.now();
  const { code, stdout, stderr } = await run('/bin/sh', timed, { cwd: project, env, timeoutMs: 600_000 });
  const ms = performance.now() - began;
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}:\n${stderr.slice(0, 3000)}${stdout}`);
  return { ms, cpuMs: processorTimeIn(stderr) };
}

/** The last line `times` prints is of the children: minutes and seconds of the user's, then of the system's. */
function processorTimeIn(text: string): number {
  const [last = ''] = text.trimEnd().split('\n').slice(-1);
  const parts = [...last.matchAll(/(\d+)m([\d.]+)s/g)];
  return parts.reduce(
    (sum, [, minutes, seconds]) => sum + (Number(minutes) * 60 + Number(seconds)) * 1000,
    0,
  );
}

function rowOf(name: string, samples: readonly Sample[], base: readonly Sample[]): string {
  const cells = (['ms', 'cpuMs'] as const).map((what) => {
    const values = samples.map((sample) => sample[what]);
    const median = medianOf(values);
    const ratio = median / medianOf(base.map((sample) => sample[what]));
    const spread = `${Math.min(...values).toFixed(0)}–${Math.max(...values).toFixed(0)}`;
    return `${{ ms: 'wall', cpuMs: 'processor' }[what]} ${median.toFixed(0)} ms (${spread}) ${ratio.toFixed(2)} ×`;
  });
  return `${name.padEnd(25)}${cells.join('   ')}`;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
