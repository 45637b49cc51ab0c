/** Makes an npm cache that holds the bytes of judged packages and nothing else, so that an offline npm can install no others. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { arch, tmpdir } from 'node:os';
import path from 'node:path';
import { GateError } from '../errors.ts';
import type { ResolvedPackage } from '../model/package.ts';
import type { Told } from '../model/proof.ts';
import { specOf } from '../text/package-id.ts';
import { tame } from '../text/sanitize.ts';

/** What a cache is filled with. */
export type SealRequest = {
  /** All of them were judged, and none stops the install. */
  readonly packages: readonly ResolvedPackage[];
  /** Absolute path of the lockfile, which also says what is not for this system. */
  readonly lockfile: string;
  readonly platform: string;
  /** The bytes of a package's tarball, proved to be those the lockfile pins. */
  readonly tarball: (pkg: ResolvedPackage) => Promise<Told<Uint8Array>>;
};

/** An npm cache, and how it is done away with. */
export type SealedCache = { readonly folder: string; readonly remove: () => Promise<void> };

/** Tarballs held in memory at once. */
const AT_ONCE = 8;

/** Fills a cache in a folder of this user's alone. Throws `GateError` `SEAL_INCOMPLETE` for a package whose bytes cannot be had. */
export async function fillSealedCache(request: SealRequest): Promise<SealedCache> {
  const folder = await mkdtemp(path.join(tmpdir(), 'npmsign-sealed-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const elsewhere = await keysForOtherSystems(request);
    const wanted = request.packages.filter(
      ({ key, source }) => !elsewhere.has(key) && isFetched(source.kind),
    );
    for (let from = 0; from < wanted.length; from += AT_ONCE) {
      await Promise.all(wanted.slice(from, from + AT_ONCE).map((pkg) => seal(folder, pkg, request.tarball)));
    }
    return { folder, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** What npm would fetch. The rest lies in the project, or inside another package. */
function isFetched(kind: ResolvedPackage['source']['kind']): boolean {
  switch (kind) {
    case 'registry':
    case 'remote':
    case 'git':
      return true;
    case 'file':
    case 'workspace':
    case 'link':
    case 'bundled':
      return false;
  }
}

async function seal(folder: string, pkg: ResolvedPackage, tarball: SealRequest['tarball']): Promise<void> {
  const bytes = await tarball(pkg);
  if (bytes.status !== 'told') {
    const reason = tame(bytes.reason ?? 'there is no tarball of it', 300);
    const message = `${tame(specOf(pkg.id), 200)} cannot be sealed: ${reason}.`;
    throw new GateError('SEAL_INCOMPLETE', message, {
      hint: 'Nothing was installed. Without --sealed npm fetches it, and compares it with the lockfile.',
    });
  }
  // cacache, content-v2: content lies under its own hash, and npm asks for what the lockfile pins by that hash alone.
  const hex = createHash('sha512').update(bytes.value).digest('hex');
  const dir = path.join(folder, '_cacache', 'content-v2', 'sha512', hex.slice(0, 2), hex.slice(2, 4));
  await mkdir(dir, { recursive: true });
  await writeFile(path.join(dir, hex.slice(4)), bytes.value, { mode: 0o600 });
}

/** Optional packages that npm leaves out here: a native package brings one for each system, and all are in the lockfile. */
async function keysForOtherSystems({ lockfile, platform }: SealRequest): Promise<ReadonlySet<string>> {
  const { packages } = Object(JSON.parse((await readFile(lockfile, 'utf8')).replace(/^\u{feff}/u, '')));
  const keys = Object.entries(Object(packages)).flatMap(([key, entry]) => {
    const { optional, os, cpu } = Object(entry);
    return optional === true && !(isFor(platform, os) && isFor(arch(), cpu)) ? [key] : [];
  });
  return new Set(keys);
}

/** As npm reads `os` and `cpu` of package.json: names, any of which will do, or names with `!`, none of which may be. */
function isFor(here: string, wanted: unknown): boolean {
  if (wanted === undefined) return true;
  const list = [wanted].flat().map(String);
  if (list.length === 1 && list[0] === 'any') return true;
  if (list.includes(`!${here}`)) return false;
  return list.includes(here) || list.every((name) => name.startsWith('!'));
}
