/** Hashes tarballs where a lockfile pins none of them but yarn's archive: what is proved about a tarball is then proved about what yarn installs. */
import { createHash } from 'node:crypto';
import type { Manifest } from '../model/evidence.ts';
import type { ResolvedPackage, Tree } from '../model/package.ts';
import type { Told } from '../model/proof.ts';
import type { Notice } from '../model/report.ts';
import { parseIntegrity } from '../text/integrity.ts';
import { specOf } from '../text/package-id.ts';
import { tame } from '../text/sanitize.ts';
import { yarnArchiveHash } from './yarn-archive.ts';

/** Whom the tarballs are asked of. */
export type HashSources = {
  readonly manifest: (pkg: ResolvedPackage) => Promise<Told<Manifest>>;
  /** The bytes of a package's tarball, if they are those its integrity names. */
  readonly tarball: (pkg: ResolvedPackage) => Promise<Told<Uint8Array>>;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
};

/** A tree in which more is pinned than the lockfile says, and what the report is to say about it. */
export type HashedTree = { readonly tree: Tree; readonly notices: readonly Notice[] };

/** Tarballs held in memory at once. */
const AT_ONCE = 4;

/**
 * Gives a package the sha512 of its tarball, if yarn's archive of that tarball is the one the lockfile pins. The registry chooses the
 * tarball, but cannot have yarn install another: yarn compares its archive with the lockfile. Where the archive is another, or cannot be
 * made, the package keeps its gap, and says why.
 */
export async function hashTree(tree: Tree, sources: HashSources): Promise<HashedTree> {
  const open = tree.packages.filter(
    (pkg) => pkg.integrityGap !== undefined && pkg.source.kind === 'registry',
  );
  const hashed = new Map<string, ResolvedPackage>();
  for (let from = 0; from < open.length; from += AT_ONCE) {
    const some = await Promise.all(open.slice(from, from + AT_ONCE).map((pkg) => hashPackage(pkg, sources)));
    for (const pkg of some) hashed.set(pkg.key, pkg);
    sources.onProgress?.({ done: hashed.size, total: open.length });
  }
  const count = [...hashed.values()].filter(({ integrity }) => integrity !== undefined).length;
  if (open.length === 0) return { tree, notices: [] };
  const message =
    `${count} of ${open.length} packages have the hash of a tarball that was fetched for it: yarn's archive of that tarball is the one ` +
    `${tame(tree.lockfile.path, 200)} pins`;
  return {
    tree: { ...tree, packages: tree.packages.map((pkg) => hashed.get(pkg.key) ?? pkg) },
    notices: [{ code: 'TARBALLS_HASHED', message }],
  };
}

async function hashPackage(pkg: ResolvedPackage, sources: HashSources): Promise<ResolvedPackage> {
  const { integrityGap, ...rest } = pkg;
  const found = await findHash(pkg, sources);
  if (found.status !== 'told') {
    const why = found.reason ?? 'there is no tarball of it';
    return { ...rest, integrityGap: `${integrityGap}: ${why}` };
  }
  const integrity = parseIntegrity(found.value);
  return integrity === undefined ? pkg : { ...rest, integrity };
}

/** An SRI value. */
async function findHash(pkg: ResolvedPackage, { manifest, tarball }: HashSources): Promise<Told<string>> {
  const { archiveHash, patched } = pkg;
  // The archive of a patched package holds the patch as well; the package beneath has an entry of its own.
  if (patched !== undefined) return unknown('the archive it pins is of the patched package');
  if (archiveHash === undefined)
    return unknown('only an archive in which nothing is compressed can be made again');
  const listed = await manifest(pkg);
  if (listed.status !== 'told') return listed;
  const integrity = parseIntegrity(listed.value.integrity ?? '');
  if (integrity === undefined) return unknown('the registry lists no hash of its tarball');
  const bytes = await tarball({ ...pkg, integrity });
  if (bytes.status !== 'told') return bytes;
  const archive = await yarnArchiveHash(bytes.value, pkg.id.name).catch(() => undefined);
  if (archive === undefined) return unknown('no archive could be made of its tarball as yarn makes it');
  if (archive !== archiveHash) {
    return unknown(
      `yarn's archive of the tarball the registry serves for ${tame(specOf(pkg.id), 200)} is another one`,
    );
  }
  return { status: 'told', value: `sha512-${createHash('sha512').update(bytes.value).digest('base64')}` };
}

function unknown(reason: string): Told<string> {
  return { status: 'unavailable', reason };
}
