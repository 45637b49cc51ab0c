/** Runs the programs of a publish: scripts of the project, and npm's upload. */
import { findManager, findNpm, runErrand } from '../managers/index.ts';
import { findProject } from '../tree/index.ts';
import { destinationFlags } from './destination.ts';
import { packInto } from './pack.ts';
import type { Ended, Run } from './run.ts';

/** Packs this folder with the project's own manager. */
export async function pack({ host, wish, request, folder }: Run, root: string): ReturnType<typeof packInto> {
  const manager = await findManager(host, await findProject(host));
  request.onCommand?.(`${manager.name} pack`);
  return packInto(host, { manager, root, into: folder, runsScripts: wish.runsScripts });
}

/**
 * Runs what a manager runs around the publish of a folder, and not around that of a tarball (npm docs, "Life Cycle Operation Order");
 * `undefined` when all went well.
 */
export async function runScripts(
  { host, request }: Run,
  root: string,
  names: readonly string[],
): Promise<Ended | undefined> {
  if (names.length === 0) return undefined;
  const manager = await findManager(host, await findProject(host));
  for (const name of names) {
    // All but yarn 4 have run it already, as what comes after a script called publish.
    const hasRun = name === 'postpublish' && names.includes('publish') && manager.kind !== 'yarn-berry';
    if (hasRun) continue;
    request.onCommand?.(`${manager.name} run ${name}`);
    const end = await runErrand(host, { manager, root, args: ['run', name], prints: 'notes' });
    if (end.kind !== 'ended' || end.code !== 0) return end;
  }
  return undefined;
}

/** A tarball, and what npm is told besides. */
export type Upload = { readonly root: string; readonly tarball: string; readonly flags: readonly string[] };

/** Uploads by npm, whoever packed: no other manager hands a tarball over together with its provenance. */
export async function upload(
  { host, request, wish, manifest, destination }: Run,
  { root, tarball, flags }: Upload,
): Promise<Ended> {
  const manager = await findNpm(host, root);
  const own = wish.flags.filter((flag) => !flag.startsWith('--registry='));
  const where = destinationFlags(manifest.id.name, destination.source.url);
  request.onCommand?.(['npm publish', ...own, ...flags].join(' '));
  return runErrand(host, {
    manager,
    root,
    args: ['publish', tarball, ...own, ...where, ...flags],
    prints: 'result',
  });
}
