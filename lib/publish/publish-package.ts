/** Publishes a package: packed by its own manager, signed, uploaded as that very tarball, and looked at afterwards. */
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { sign } from '../author/index.ts';
import type { Host } from '../model/host.ts';
import { loadPolicy } from '../policy/index.ts';
import { readTarball } from '../sign/index.ts';
import { findProject } from '../tree/index.ts';
import { attestAndCheck } from './afterwards.ts';
import { type PublishWish, parsePublishArguments } from './arguments.ts';
import { readCircumstances } from './circumstances.ts';
import { openDestination } from './destination.ts';
import { type PublishManifest, parsePublishManifest, readPublishManifest } from './manifest.ts';
import { type Circumstances, faultsIn, noticesIn } from './preflight.ts';
import type { PublishOutcome, PublishRequest, Run } from './run.ts';
import { pack, runScripts, upload } from './steps.ts';

/**
 * Publishes. Throws `NpmsignError`: what signing throws, with nothing uploaded, `ManagerError`, `UsageError` for arguments that do not fit.
 */
export async function publishPackage(host: Host, request: PublishRequest): Promise<PublishOutcome> {
  const wish = parsePublishArguments(request.args ?? []);
  const policy = await loadPolicy(host, request.policy);
  const manifest = await readManifest(host, wish);
  const about = {
    name: manifest.id.name,
    ...(request.registry === undefined ? {} : { asked: request.registry }),
    ...(manifest.registry === undefined ? {} : { stated: manifest.registry }),
  };
  const destination = await openDestination(host, policy, about);
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'npmsign-publish-')));
  try {
    const run: Run = { host, request, wish, policy, manifest, destination, folder };
    const circumstances = await readCircumstances(run);
    const faults = faultsIn(circumstances);
    if (faults.length > 0) return { kind: 'unready', faults };
    for (const notice of noticesIn(circumstances)) request.onNotice?.(notice);
    return await packAndPublish(run, circumstances);
  } finally {
    await rm(folder, { recursive: true, force: true });
    await destination.registry.close();
  }
}

async function readManifest(host: Host, { tarball }: PublishWish): Promise<PublishManifest> {
  if (tarball === undefined) return readPublishManifest(host.cwd);
  return parsePublishManifest((await readTarball(resolve(host.cwd, tarball))).manifest, tarball);
}

async function packAndPublish(run: Run, circumstances: Circumstances): Promise<PublishOutcome> {
  const { host, wish, folder } = run;
  const { root } = await findProject(host);
  const tarball = wish.tarball === undefined ? undefined : resolve(host.cwd, wish.tarball);
  const scripts = tarball === undefined && wish.runsScripts ? run.manifest.scripts : [];
  const before = await runScripts(run, root, scripts.includes('prepublishOnly') ? ['prepublishOnly'] : []);
  if (before !== undefined) return before;
  const packed = tarball === undefined ? await pack(run, root) : { kind: 'packed' as const, tarball };
  if (packed.kind !== 'packed') return packed;
  if (wish.isRehearsal) return upload(run, { root, tarball: packed.tarball, flags: [] });
  const signed = await sign(host, {
    ...run.request,
    ...(run.request.registry === undefined ? {} : { registry: run.request.registry }),
    tarball: packed.tarball,
    output: join(folder, 'npmsign.sigstore.json'),
  });
  run.request.onSigned?.(signed);
  const flags =
    signed.kind === 'signed' && circumstances.takesProvenance === 'publish'
      ? [`--provenance-file=${signed.file}`]
      : [];
  if (!circumstances.isThereUnattested) {
    const end = await upload(run, { root, tarball: packed.tarball, flags });
    if (end.kind !== 'ended' || end.code !== 0) return end;
  }
  const outcome = await attestAndCheck(run, circumstances, { signed, tarball: packed.tarball });
  const after = ['publish', 'postpublish'].filter((name) => scripts.includes(name));
  return (await runScripts(run, root, after)) ?? outcome;
}
