/** The door of the policy: from `.npmsignrc` to a whole, validated `Policy` (SPEC 3). */
import { dirname, join, relative, resolve } from 'node:path';
import { PolicyFileError } from '../errors.ts';
import type { Host } from '../model/host.ts';
import type { Policy } from '../model/policy.ts';
import { digestOf } from './digest.ts';
import { type Layer, readLayers } from './extends.ts';
import { readNames } from './files.ts';
import { findPolicyFile } from './find.ts';
import { mergeLayers } from './merge.ts';
import { FILE_PLACES } from './places.ts';
import { readFoldersAbove, readProjectFolders } from './project.ts';

export { checkIds } from './check-shapes.ts';
export { defaultSettings, type PresetName, presets } from './presets.ts';
export { policySchema } from './schema.ts';

/**
 * The project's policy: `file` (relative to `host.cwd`) when it is named, else the one that is found, else the preset `recommended`, whose
 * policy has no path. Throws `PolicyFileError`.
 */
export async function loadPolicy(host: Host, file?: string): Promise<Policy> {
  const folders = await readProjectFolders(host);
  const root = folders.at(-1) ?? host.cwd;
  const path = file === undefined ? await findPolicyFile(folders) : resolve(host.cwd, file);
  if (path === undefined) await refusePolicyAbove(root, host);
  const layers: readonly Layer[] = path === undefined ? [] : await readLayers(path, root);
  const policy = mergeLayers(layers);
  const files = layers.flatMap((layer) => (layer.kind === 'file' ? [layer.file] : []));
  return { ...policy, digest: digestOf(policy, root), files, ...(path === undefined ? {} : { path }) };
}

/** The policy files in `cwd` and the folders between it and `root`, nearest first. Throws `PolicyFileError` as {@link loadPolicy}. */
export async function findPoliciesBelow(root: string, cwd: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (let folder = resolve(cwd); folder !== root && folder !== dirname(folder); folder = dirname(folder)) {
    const file = await findPolicyFile([folder]);
    if (file !== undefined) found.push(file);
  }
  return found;
}

// Somebody wrote a policy for this repository. To judge by another, without a word, would be to ignore it.
async function refusePolicyAbove(root: string, host: Host): Promise<void> {
  for (const folder of await readFoldersAbove(root, host)) {
    const [name] = await readNames(folder, FILE_PLACES);
    if (name === undefined) continue;
    const above = relative(root, join(folder, name)).replaceAll('\\', '/');
    throw new PolicyFileError(
      'POLICY_MISSING',
      `This project has no policy; ${above} lies above its root and does not apply by itself.`,
      {
        hint: `Write "extends: ${above}" into a .npmsignrc beside the lockfile, or name the policy with --policy <file>.`,
      },
    );
  }
}
