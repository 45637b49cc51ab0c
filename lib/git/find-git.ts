/** Finds git by its absolute path, outside the project: a dependency can ship a command of that name. */
import type { Host } from '../model/host.ts';
import { findProgram } from '../programs/index.ts';

/** The first git on `PATH` that lies neither in the project, nor in the repository around `dir`, nor in any node_modules. */
export async function findGit(host: Host, dir: string): Promise<string | undefined> {
  const names = [host.platform === 'win32' ? 'git.exe' : 'git'];
  return (await findProgram(host, { names, dir, installed: 'outside node_modules' }))?.real;
}
