/** Compares one folder of node_modules with the files its tarball holds. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExpectedFile } from './unpack.ts';

/** How a folder differs, and which packages stand in a node_modules of its own. */
export type Comparison = {
  readonly changed: readonly string[];
  readonly missing: readonly string[];
  readonly extra: readonly string[];
};

/** Compares every file, hidden ones included. What stands in `node_modules` below counts where the tarball brings it. */
export async function compareFolder(
  folder: string,
  expected: ReadonlyMap<string, ExpectedFile>,
): Promise<Comparison> {
  const bundled = bundledIn(expected);
  const changed: string[] = [];
  const extra: string[] = [];
  const seen = new Set<string>();
  for (const { path, isFile } of await filesBelow(folder, '', bundled)) {
    const file = expected.get(path);
    seen.add(path);
    if (file === undefined) extra.push(path);
    else if (!isFile || !file.hashes.includes(await hashOf(join(folder, path)))) changed.push(path);
  }
  const missing = [...expected].flatMap(([path, { isOptional }]) =>
    isOptional || seen.has(path) ? [] : [path],
  );
  return { changed: changed.sort(), missing: missing.sort(), extra: extra.sort() };
}

/** The names in `node_modules` that a tarball brings itself. */
export function bundledIn(expected: ReadonlyMap<string, ExpectedFile>): ReadonlySet<string> {
  const names = [...expected.keys()].map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  return new Set(names.flatMap((name) => name ?? []));
}

type Found = { readonly path: string; readonly isFile: boolean };

async function filesBelow(
  folder: string,
  below: string,
  bundled: ReadonlySet<string>,
): Promise<readonly Found[]> {
  const entries = await readdir(join(folder, below), { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry): Promise<readonly Found[]> => {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (!entry.isDirectory()) return [{ path, isFile: entry.isFile() }];
      return isOthers(path, bundled) ? [] : filesBelow(folder, path, bundled);
    }),
  );
  return found.flat();
}

/** Links to commands, and packages that the lockfile lists on their own: those are compared on their own. */
function isOthers(path: string, bundled: ReadonlySet<string>): boolean {
  const inside = /^node_modules\/(.+)$/.exec(path)?.[1];
  if (inside === undefined) return path === 'node_modules' && bundled.size === 0;
  if (inside.startsWith('@') && !inside.includes('/'))
    return ![...bundled].some((name) => name.startsWith(`${inside}/`));
  const [first = '', second] = inside.split('/');
  return !bundled.has(first.startsWith('@') ? `${first}/${second}` : first);
}

function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  return new Promise((resolve, reject) => {
    createReadStream(file)
      .on('data', (chunk) => hash.update(chunk))
      .on('error', reject)
      .on('end', () => resolve(hash.digest('hex')));
  });
}
