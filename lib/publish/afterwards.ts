/** What is left to do once a tarball is published: hand over its attestation, and look at what the registry serves. */
import { copyFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { SignOutcome } from '../author/index.ts';
import { RegistryError } from '../errors.ts';
import type { PackageId } from '../model/package.ts';
import { openTrustFor } from '../opening/index.ts';
import { readTarball } from '../sign/index.ts';
import { openDestination } from './destination.ts';
import { parsePublishManifest } from './manifest.ts';
import type { Circumstances } from './preflight.ts';
import { checkPublished, type PublishedCheck } from './published.ts';
import type { PublishOutcome, Run } from './run.ts';
import { patiently } from './waiting.ts';

/** A tarball by its absolute path, and whether it was signed. */
export type Made = { readonly signed: SignOutcome; readonly tarball: string };

/** Does it. What the registry does wrong is in the outcome. */
export async function attestAndCheck(
  run: Run,
  { takesProvenance }: Circumstances,
  { signed, tarball }: Made,
): Promise<PublishOutcome> {
  const { sha512, manifest } = await readTarball(tarball);
  const { id } = parsePublishManifest(manifest, tarball);
  if (signed.kind === 'signed' && takesProvenance === 'afterwards') {
    const reason = await refusalOf(run, id, signed.bundle);
    if (reason !== undefined) return { kind: 'unattested', id, reason, tarball: await keep(run, tarball) };
  }
  const bundle = signed.kind === 'signed' && takesProvenance !== 'never' ? { bundle: signed.bundle } : {};
  const look = () => lookAt(run, id, { sha512, ...bundle });
  return { kind: 'published', check: await patiently(look, run.request.waits ?? WAITS) };
}

/** A large registry needs a moment until every server of it knows a new version. */
const WAITS = [1000, 2000, 4000, 8000, 15_000];

/** Why the registry did not take it; `undefined` when it did. */
async function refusalOf({ destination }: Run, id: PackageId, bundle: unknown): Promise<string | undefined> {
  const { source, registry } = destination;
  try {
    const taken = await registry.delivery.attach(source, id, bundle);
    return taken.kind === 'refused' ? taken.reason : undefined;
  } catch (error) {
    if (error instanceof RegistryError) return error.message;
    throw error;
  }
}

/** What was packed here is kept, so that it can be sent again. As it is to be named on the command line. */
async function keep({ host, wish }: Run, tarball: string): Promise<string> {
  if (wish.tarball !== undefined) return wish.tarball;
  const name = basename(tarball);
  await copyFile(tarball, resolve(host.cwd, name));
  return `./${name}`;
}

/** With a client of its own each time: one client asks about a version once. */
async function lookAt(
  { host, policy, request, manifest, destination }: Run,
  id: PackageId,
  signed: { readonly sha512: string; readonly bundle?: unknown },
): Promise<PublishedCheck> {
  const about = { name: manifest.id.name, asked: destination.source.url };
  const { source, registry } = await openDestination(host, policy, about);
  try {
    const trust = await openTrustFor(host, { policy, request, registry });
    return await checkPublished({ id, source, registry, trust, signed });
  } finally {
    await registry.close();
  }
}
