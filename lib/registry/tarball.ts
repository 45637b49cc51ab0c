/** Has the bytes of a package: out of npm's own cache, or from where the lockfile says; never others than it pins. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';

import { RegistryError } from '../errors.ts';
import type { ResolvedPackage } from '../model/package.ts';
import type { Told } from '../model/proof.ts';
import { readSmallFile } from '../state/index.ts';
import { sha512Hex } from '../text/integrity.ts';

/** Where tarballs come from in one run. */
export type TarballSources = {
  /** npm's cache directory; only read. */
  readonly cache: string;
  readonly offline: boolean;
  /** Throws `RegistryError`. */
  readonly download: (url: string) => Promise<Uint8Array | undefined>;
  /** The URL a registry lists, for a lockfile that names none. */
  readonly listed: (pkg: ResolvedPackage) => Promise<string | undefined>;
};

const LARGEST = 1024 ** 3;

/** The tarball whose sha512 is the lockfile's; `unavailable` with the reason where those bytes cannot be had. */
export async function fetchTarballOf(
  pkg: ResolvedPackage,
  sources: TarballSources,
): Promise<Told<Uint8Array>> {
  const { source, integrity } = pkg;
  if (source.kind !== 'registry' && source.kind !== 'remote') {
    return { status: 'unavailable', reason: `it comes from ${source.kind}, and no tarball is pinned for it` };
  }
  const pinned = integrity === undefined ? undefined : sha512Hex(integrity);
  if (pinned === undefined)
    return { status: 'unavailable', reason: 'the lockfile has no sha512 of its tarball' };
  const cached = cachedIn(sources.cache, pinned);
  if (cached !== undefined) return { status: 'told', value: cached };
  if (sources.offline)
    return { status: 'unavailable', reason: "its tarball is not in npm's cache, and this run is offline" };
  const url = source.resolved ?? (await sources.listed(pkg));
  if (url === undefined)
    return { status: 'unavailable', reason: 'neither lockfile nor registry says where its tarball is' };
  try {
    const bytes = await sources.download(url);
    if (bytes !== undefined && hexOf(bytes) === pinned) return { status: 'told', value: bytes };
    const reason =
      bytes === undefined
        ? 'its tarball is not there any more'
        : 'its tarball is not the one the lockfile pins';
    return { status: 'unavailable', reason };
  } catch (error) {
    if (error instanceof RegistryError) return { status: 'unavailable', reason: error.message };
    throw error;
  }
}

/** cacache keeps content by its hash. Whatever lies there is hashed again: a cache can be written by others. */
function cachedIn(cache: string, hex: string): Buffer | undefined {
  const file = join(
    cache,
    '_cacache',
    'content-v2',
    'sha512',
    hex.slice(0, 2),
    hex.slice(2, 4),
    hex.slice(4),
  );
  const found = readSmallFile(file, LARGEST);
  return found.status === 'told' && hexOf(found.value) === hex ? found.value : undefined;
}

function hexOf(bytes: Uint8Array): string {
  return createHash('sha512').update(bytes).digest('hex');
}
