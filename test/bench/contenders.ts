/** Who is measured: the floor, npmsign with caches cold and warm, and how long either takes merely to start. */
import { aTempDirectory } from '../support/temp.ts';
import { measure, type Sample } from './measure.ts';
import type { Served, Server } from './server.ts';

/** Where the programs run. */
export type Scene = {
  readonly project: string;
  readonly server: Server;
  /** The built command, and the floor as a script. */
  readonly npmsign: string;
  readonly floor: string;
  /** Homes whose caches a run before has filled. */
  readonly warm: { readonly npmsign: string; readonly floor: string };
};

/** One line of the table. */
export type Contender = {
  readonly name: string;
  /** How late the registry answers. */
  readonly latencyMs: number;
  /** The line its median is divided by. */
  readonly over?: string;
  readonly start: (scene: Scene) => Promise<Sample>;
};

/** What came of one run, and what the registry served meanwhile. */
export type Outcome = Sample & Served;

/** The lines of the table, in order. Latency makes no difference to who asks nothing, so warm runs stand there once. */
export function contendersFor(latencies: readonly number[]): readonly Contender[] {
  const cold = latencies.flatMap((latencyMs): Contender[] => {
    const suffix = latencyMs === 0 ? '' : `, ${latencyMs} ms away`;
    const floor = `floor, cold${suffix}`;
    return [
      { name: floor, latencyMs, start: (scene) => startFloor(scene, 'cold') },
      {
        name: `npmsign verify, cold${suffix}`,
        latencyMs,
        over: floor,
        start: (scene) => startVerify(scene, { home: aTempDirectory('bench-home'), flags: [] }),
      },
    ];
  });
  return [...cold, ...WARM, ...STARTUP];
}

/** Runs it once. Throws when a program that was to succeed did not. */
export async function runOnce(contender: Contender, scene: Scene): Promise<Outcome> {
  await scene.server.order({ latencyMs: contender.latencyMs });
  const sample = await contender.start(scene);
  const served = await scene.server.order({ latencyMs: 0 });
  return { ...succeeded(contender.name, sample), ...served };
}

/** Fills the warm caches. */
export async function warmUp(scene: Scene): Promise<void> {
  succeeded('the floor', await startFloor(scene, 'cold'));
  succeeded('npmsign verify', await startVerify(scene, { home: scene.warm.npmsign, flags: [] }));
}

function succeeded(name: string, sample: Sample): Sample {
  const { code, stdout, stderr } = sample.result;
  if (code === 0) return sample;
  throw new Error(`${name} ended with ${code}:\n${`${stdout}${stderr}`.slice(0, 4000)}`);
}

const WARM: readonly Contender[] = [
  { name: 'floor, warm', latencyMs: 0, start: (scene) => startFloor(scene, 'warm') },
  {
    name: 'npmsign verify, warm',
    latencyMs: 0,
    over: 'floor, warm',
    start: (scene) => startVerify(scene, { home: scene.warm.npmsign, flags: ['--no-remember'] }),
  },
  {
    name: 'npmsign verify --offline, warm',
    latencyMs: 0,
    over: 'floor, warm',
    start: (scene) => startVerify(scene, { home: scene.warm.npmsign, flags: ['--no-remember', '--offline'] }),
  },
];

const STARTUP: readonly Contender[] = [
  { name: 'node -e 0', latencyMs: 0, start: (scene) => startNode(scene, ['-e', '0']) },
  {
    name: 'npmsign --version',
    latencyMs: 0,
    over: 'node -e 0',
    start: (scene) => startNode(scene, [scene.npmsign, '--version']),
  },
];

function startFloor({ project, server, floor, warm }: Scene, temperature: 'cold' | 'warm'): Promise<Sample> {
  const args = [floor, project, server.url, `${warm.floor}/answers`, temperature];
  return measure({ args, cwd: project, home: warm.floor, watch: 'usage' });
}

function startVerify(
  { project, npmsign }: Scene,
  { home, flags }: { readonly home: string; readonly flags: readonly string[] },
): Promise<Sample> {
  return measure({ args: [npmsign, 'verify', ...flags], cwd: project, home, watch: 'usage' });
}

function startNode({ project, warm }: Scene, args: readonly string[]): Promise<Sample> {
  return measure({ args, cwd: project, home: warm.npmsign, watch: 'startup' });
}
