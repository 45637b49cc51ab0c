/** Tells what was packed, and where its signature goes: from what npm hands to postpack, or from a tarball. */
import { resolve } from 'node:path';
import { SigningError, UsageError } from '../errors.ts';
import type { Host } from '../model/host.ts';
import { parseIntegrity, sha512Hex } from '../text/integrity.ts';
import { specOf } from '../text/package-id.ts';
import { findDigest } from './digest.ts';
import { type Manifest, packageId, parseManifest, readManifestFile } from './manifest.ts';

/** What is to be signed. */
export type Artifact = {
  readonly manifest: Manifest;
  /** Of the packed bytes, hex. */
  readonly sha512: string;
  /** Absolute path of the file the bundle is written to. */
  readonly output: string;
};

/** What was asked for. Paths are relative to `host.cwd`. */
export type ArtifactQuestion = {
  /** Absent: what npm hands to postpack. */
  readonly tarball?: string;
  /** Absent: beside the tarball, or where npm will look for it. */
  readonly output?: string;
};

/** An artifact, or none because npm only rehearses. */
export type ArtifactAnswer =
  | { readonly kind: 'artifact'; readonly artifact: Artifact }
  | { readonly kind: 'rehearsal' };

/** Reads it. Throws `SigningError` `ARTIFACT_UNREADABLE` or `SIGNATURE_UNWRITABLE`, and `UsageError` where there is nothing to sign. */
export async function readArtifact(host: Host, question: ArtifactQuestion): Promise<ArtifactAnswer> {
  const output = question.output === undefined ? undefined : resolve(host.cwd, question.output);
  if (question.tarball !== undefined) {
    const path = resolve(host.cwd, question.tarball);
    // postpack needs no tarball, and npm waits for it.
    const { readTarball } = await import('./tarball.ts');
    const { sha512, manifest } = await readTarball(path);
    return {
      kind: 'artifact',
      artifact: {
        sha512,
        manifest: parseManifest(manifest, question.tarball),
        output: output ?? `${path}.sigstore.json`,
      },
    };
  }
  const { env } = host;
  if (env['npm_lifecycle_event'] !== 'postpack') throw nothingToSign();
  if (isOn(env['npm_config_dry_run'])) return { kind: 'rehearsal' };
  return { kind: 'artifact', artifact: await readHandedOver(host, output) };
}

/** npm sets `npm_package_integrity` for postpack to the digest of what it packed, in every version since 7. */
async function readHandedOver(host: Host, output: string | undefined): Promise<Artifact> {
  const { env, cwd } = host;
  const integrity = parseIntegrity(env['npm_package_integrity'] ?? '');
  const sha512 = integrity === undefined ? undefined : sha512Hex(integrity);
  // Another manager started from a script of npm's inherits npm's environment, digest included.
  const isNpm = env['npm_config_user_agent']?.startsWith('npm/') ?? false;
  if (sha512 === undefined || !isNpm) throw noDigest();
  const written = await readManifestFile(resolve(cwd, env['npm_package_json'] ?? 'package.json'));
  const { npm_package_name: name, npm_package_version: version } = env;
  const id = packageId(name ?? written.id.name, version ?? written.id.version, cwd);
  const manifest = { ...written, id };
  const artifact = { manifest, sha512, output: output ?? outputFor(host, manifest) };
  if (env['npm_command'] === 'pack') await refuseOtherTarball(host, artifact);
  return artifact;
}

function outputFor(host: Host, manifest: Manifest): string {
  const { env } = host;
  if (env['npm_command'] === 'pack') return `${tarballPath(host, manifest)}.sigstore.json`;
  const file = env['npm_config_provenance_file'] || manifest.provenanceFile;
  if (file !== undefined) return resolve(startOf(host), file);
  throw new SigningError('SIGNATURE_UNWRITABLE', 'npm was not told which signature to publish.', {
    hint: 'Add provenance-file=npmsign.sigstore.json to .npmrc, or publish with npmsign publish.',
  });
}

/** Where npm pack writes it (npm's libnpmpack): under a name without scope marks, relative to where npm was started. */
function tarballPath(host: Host, { id }: Manifest): string {
  const name = `${id.name}-${id.version}.tgz`.replace(/^@/, '').replace('/', '-');
  return resolve(startOf(host), host.env['npm_config_pack_destination'] || '.', name);
}

/** In a workspace the script runs in the workspace, and npm works from where it was started. */
function startOf({ env, cwd }: Host): string {
  return env['INIT_CWD'] || cwd;
}

/** The tarball lies there already: a signature beside other bytes would help nobody. */
async function refuseOtherTarball(host: Host, { manifest, sha512 }: Artifact): Promise<void> {
  const found = await findDigest(tarballPath(host, manifest));
  if (found === undefined || found === sha512) return;
  const message = `The tarball of ${specOf(manifest.id)} on disk is not what npm packed.`;
  throw new SigningError('ARTIFACT_UNREADABLE', message, { hint: 'Something changed it. Pack again.' });
}

function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== 'false' && value !== '0';
}

function nothingToSign(): UsageError {
  return new UsageError(
    'BAD_FLAG_VALUE',
    'There is nothing to sign: no tarball is named, and npm is not packing.',
    {
      hint: 'npmsign sign <tarball>, or "postpack": "npmsign sign" among the scripts of package.json.',
    },
  );
}

function noDigest(): SigningError {
  return new SigningError(
    'ARTIFACT_UNREADABLE',
    'This package manager does not tell postpack what it packed.',
    {
      hint: 'Publish with npmsign publish, or sign the tarball afterwards: npmsign sign <tarball>.',
    },
  );
}
