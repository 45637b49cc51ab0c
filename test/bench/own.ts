/** npmsign's lines, beside the floor: caches cold, warm, unchanged, one package new, and merely starting. */
import path from 'node:path';
import { aTempDirectory } from '../support/temp.ts';
import { awayBy, type Contender, succeeded } from './contender.ts';
import type { Limit } from './line.ts';
import { measure, type Sample } from './measure.ts';
import { oneNewLines } from './one-new.ts';
import type { Scene } from './scene.ts';

/** What the lines are held to besides the floor. */
export type Demands = {
  /** How many times as long npm 12 takes at least, where something is asked of that. */
  readonly npmCold?: number;
  readonly npmWarm?: number;
  readonly mebibytes: number;
  readonly bytes?: number;
};

/** All of them. Latency makes no difference to who asks nothing, so warm runs stand there once. */
export async function ownLines(
  scene: Scene,
  latencies: readonly number[],
  demands: Demands,
): Promise<readonly Contender[]> {
  const { server, layOut, lockfile } = scene;
  const stage: Stage = {
    scene,
    project: layOut(lockfile),
    home: aTempDirectory('bench-home'),
    common: { server, latencyMs: 0, pace: 'always', limits: [] },
  };
  succeeded({ name: 'the floor' }, await startFloor(stage, 'cold'));
  succeeded({ name: 'npmsign verify' }, await startVerify(stage, { home: stage.home }));
  return [
    ...latencies.flatMap((latencyMs) => coldLines(stage, latencyMs, demands)),
    ...warmLines(stage, demands),
    ...(await oneNewLines(scene, latencies)),
    ...startLines(stage),
  ];
}

/** A home whose caches a run before has filled, and a project. */
type Stage = {
  readonly scene: Scene;
  readonly project: string;
  readonly home: string;
  readonly common: Pick<Contender, 'server' | 'latencyMs' | 'pace' | 'limits'>;
};

const UNCHANGED = 'npmsign verify, unchanged';

function coldLines(stage: Stage, latencyMs: number, demands: Demands): readonly Contender[] {
  const { common, scene } = stage;
  const { packages, attested } = scene.world;
  const floor = `floor, cold${awayBy(latencyMs)}`;
  const limits: readonly Limit[] = [
    { kind: 'ratio', over: floor, most: 1.5 },
    ...npmLimit(`npm 12 audit signatures, cold${awayBy(latencyMs)}`, demands.npmCold),
    { kind: 'memory', most: demands.mebibytes },
    { kind: 'requests', most: packages + attested + 9 },
    ...(demands.bytes === undefined ? [] : [{ kind: 'bytes', most: demands.bytes } as const]),
  ];
  return [
    { ...common, name: floor, latencyMs, start: () => startFloor(stage, 'cold') },
    {
      ...{ ...common, name: `npmsign verify, cold${awayBy(latencyMs)}`, latencyMs, over: floor, limits },
      start: () => startVerify(stage, { home: aTempDirectory('bench-home') }),
    },
  ];
}

function warmLines(stage: Stage, demands: Demands): readonly Contender[] {
  const { common, home } = stage;
  const floor = 'floor, warm';
  const limits: readonly Limit[] = [
    { kind: 'ratio', over: floor, most: 1.5 },
    ...npmLimit('npm 12 audit signatures, warm', demands.npmWarm),
    { kind: 'memory', most: demands.mebibytes },
    { kind: 'requests', most: 0 },
  ];
  const again = ['--no-remember'];
  return [
    { ...common, name: floor, start: () => startFloor(stage, 'warm') },
    {
      ...{ ...common, name: 'npmsign verify, warm', over: floor, limits },
      start: () => startVerify(stage, { home, flags: again }),
    },
    {
      ...{ ...common, name: 'npmsign verify --offline, warm', over: floor },
      start: () => startVerify(stage, { home, flags: [...again, '--offline'] }),
    },
    {
      ...{ ...common, name: UNCHANGED, over: 'node -e 0' },
      limits: [
        { kind: 'later', than: 'node -e 0', ms: 60 },
        { kind: 'requests', most: 0 },
      ],
      start: () => startVerify(stage, { home }),
    },
  ];
}

function startLines({ common, scene, project, home }: Stage): readonly Contender[] {
  const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    measure({ args, cwd: project, home, env, watch: 'startup' });
  const limits: readonly Limit[] = [{ kind: 'ratio', over: 'node -e 0', most: 1.6 }];
  const { npmsign } = scene.programs;
  const dryRun = { npm_lifecycle_event: 'postpack', npm_config_dry_run: 'true' };
  return [
    { ...common, name: 'node -e 0', start: () => start(['-e', '0']) },
    {
      ...{ ...common, name: 'npmsign --version', over: 'node -e 0', limits },
      start: () => start([path.join(npmsign, 'bin.mjs'), '--version']),
    },
    {
      ...{ ...common, name: 'postpack with nothing to sign', over: 'node -e 0', limits },
      start: () => start([path.join(npmsign, 'postpack.mjs')], dryRun),
    },
  ];
}

function npmLimit(who: string, least: number | undefined): readonly Limit[] {
  return least === undefined ? [] : [{ kind: 'slower', who, least }];
}

function startFloor({ scene, project, home }: Stage, temperature: 'cold' | 'warm'): Promise<Sample> {
  const args = [scene.programs.floor, project, scene.server.url, `${home}/answers`, temperature];
  return measure({ args, cwd: project, home, watch: 'usage' });
}

function startVerify(
  { scene, project }: Stage,
  { home, flags = [] }: { readonly home: string; readonly flags?: readonly string[] },
): Promise<Sample> {
  const args = [path.join(scene.programs.npmsign, 'bin.mjs'), 'verify', ...flags];
  return measure({ args, cwd: project, home, watch: 'usage' });
}
