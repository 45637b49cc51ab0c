/** Everything the lines about one tree run in: its registry, a way to lay out projects, the built programs, and homes with warm caches. */
import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { buildCommandInto, buildGateInto } from '../../scripts/build.ts';
import { aTempDirectory } from '../support/temp.ts';
import type { Lockfile } from './lockfile.ts';
import { builtFloor, writeProject } from './project.ts';
import { type Server, startServer } from './server.ts';
import { type World, worldOf } from './world.ts';

/** The programs that are measured, as they are published. */
export type Programs = {
  /** A folder with `bin.mjs`, `postpack.mjs` and `gate.mjs`. */
  readonly npmsign: string;
  /** The floor as a plain script. */
  readonly floor: string;
};

/** One tree and what judges it. */
export type Scene = {
  readonly programs: Programs;
  readonly lockfile: Lockfile;
  readonly world: World;
  readonly server: Server;
  /** Writes a project with that lockfile, the gate in it, and gives back its folder. */
  readonly layOut: (lockfile: Lockfile) => string;
  readonly close: () => Promise<void>;
};

/** How a scene is set. */
export type SceneRequest = {
  readonly programs: Programs;
  readonly lockfile: Lockfile;
  /** `with`: the policy also compares earlier versions. */
  readonly history: 'with' | 'without';
};

/** Builds what is measured, from the source as it stands. */
export async function buildPrograms(): Promise<Programs> {
  const npmsign = aTempDirectory('bench-npmsign');
  await Promise.all([buildCommandInto(npmsign), buildGateInto(npmsign)]);
  return { npmsign, floor: await builtFloor() };
}

/** Starts the registry of a tree. */
export async function openScene({ programs, lockfile, history }: SceneRequest): Promise<Scene> {
  const world = worldOf(lockfile);
  const server = await startServer(world.dir);
  return {
    programs,
    lockfile,
    world,
    server,
    layOut(laid) {
      const project = writeProject({ lockfile: laid, world, registry: server.url, history });
      mkdirSync(path.join(project, '.npmsign'));
      copyFileSync(path.join(programs.npmsign, 'gate.mjs'), path.join(project, '.npmsign/gate.mjs'));
      return project;
    },
    close: server.close,
  };
}
