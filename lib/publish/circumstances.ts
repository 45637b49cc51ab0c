/** Gathers what decides whether a publish will succeed: settings, the registry's word, and who would sign. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { RegistryError } from '../errors.ts';
import type { Manifest } from '../model/evidence.ts';
import type { Host } from '../model/host.ts';
import type { ResolvedPackage } from '../model/package.ts';
import type { Told } from '../model/proof.ts';
import { findSigner, readTarball } from '../sign/index.ts';
import { parseIntegrity, sha512Hex } from '../text/integrity.ts';
import { specOf } from '../text/package-id.ts';
import type { Circumstances } from './preflight.ts';
import type { Run } from './run.ts';

/** Asks the registry and looks around. Throws what finding an identity throws: in CI it names the line that is missing. */
export async function readCircumstances(run: Run): Promise<Circumstances> {
  const { host, manifest, destination, policy, wish, request } = run;
  const { source, registry } = destination;
  const pkg = packageOf(run);
  const signer = wish.isRehearsal
    ? ({ kind: 'signer' } as const)
    : await findSigner(host, policy.sign, undefined);
  const listed = await registry.manifest(pkg);
  const history = source.isNpm && listed.status === 'absent' ? await registry.history(pkg) : undefined;
  const access = wish.access ?? host.env['npm_config_access'];
  const takesProvenance = source.isNpm ? 'publish' : await takesAfterwards(run);
  const trustsPublicGood = policy.trust.root.kind === 'public-good' && request.trustedRoot === undefined;
  return {
    manifest,
    env: host.env,
    registry: source,
    listed,
    isNew: history?.status === 'absent',
    takesProvenance,
    isThereUnattested: takesProvenance === 'afterwards' && (await isThereUnattested(run, listed)),
    signer,
    isRequired: policy.sign.required,
    trustsPublicGood,
    ...(access === undefined ? {} : { access }),
    settings: await settingsIn(host, run),
  };
}

function packageOf({ manifest, destination }: Run): ResolvedPackage {
  return {
    key: specOf(manifest.id),
    id: manifest.id,
    source: { kind: 'registry', resolved: destination.source.url },
    use: 'production',
    chain: [manifest.id.name],
  };
}

/** A registry that cannot be asked is reported once, by the question whether it has this version. */
async function takesAfterwards({ destination }: Run): Promise<'afterwards' | 'never'> {
  try {
    return (await destination.registry.delivery.takesAttestations(destination.source))
      ? 'afterwards'
      : 'never';
  } catch (error) {
    if (error instanceof RegistryError) return 'never';
    throw error;
  }
}

/** A publish that was broken off between tarball and attestation: these bytes are there, and nothing is said of them. */
async function isThereUnattested({ host, wish }: Run, listed: Told<Manifest>): Promise<boolean> {
  if (listed.status !== 'told' || wish.tarball === undefined || listed.value.announcesAttestations)
    return false;
  const integrity = parseIntegrity(listed.value.integrity ?? '');
  const { sha512 } = await readTarball(resolve(host.cwd, wish.tarball));
  return integrity !== undefined && sha512Hex(integrity) === sha512;
}

/** Where npm would find a provenance of its own to publish; its command line cannot take that back. */
async function settingsIn({ cwd, env }: Host, { manifest }: Run): Promise<readonly string[]> {
  // A file that is not there, or cannot be read, sets nothing for npm either.
  const npmrc = await readFile(join(cwd, '.npmrc'), 'utf8').catch(() => '');
  const variables = ['npm_config_provenance', 'npm_config_provenance_file'].filter((name) => env[name]);
  return [
    ...(manifest.namesProvenance ? ['publishConfig in package.json'] : []),
    ...(/^[ \t]*provenance(?:-file)?[ \t]*=/m.test(npmrc) ? ['.npmrc'] : []),
    ...variables,
  ];
}
