/** The front door of the room that knows package managers: which one a project uses, and how it installs only what was judged. */
import type { Host } from '../model/host.ts';
import { inheritable } from './environment.ts';
import { findManager as findManagerOf } from './find.ts';
import type { Manager } from './manager.ts';
import { type ProjectPlace, readProject } from './project.ts';

export type { Task } from './arguments.ts';
export { type Errand, type ErrandEnd, findNpm, runErrand } from './errand.ts';
export { type Gated, type GateRequest, gate, type Tarballs } from './gate.ts';
export type { Manager, ManagerKind } from './manager.ts';
export type { ProjectPlace } from './project.ts';

/** The manager of a project, by what lies in the project, and the version that runs. Throws `ManagerError`. */
export async function findManager(host: Host, place: ProjectPlace): Promise<Manager> {
  return findManagerOf({ ...host, env: inheritable(host.env) }, await readProject(place));
}

/** Makes sure that yarn 1 finds all it wants in its lockfile. Throws `ManagerError`. What compares versions is loaded for yarn 1 alone. */
export async function assertLockedByYarn(root: string, lockfile: string): Promise<void> {
  const yarn = await import('./yarn-lockstep.ts');
  return yarn.assertLockedByYarn(root, lockfile);
}
