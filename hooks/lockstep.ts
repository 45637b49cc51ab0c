/** Tells whether a lockfile already holds what package.json asks for: a bare `npm install` fetches the difference. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../lib/model/host.ts';
import { tame } from '../lib/text/sanitize.ts';

/** In step; or ahead, where npm is about to resolve packages no lockfile lists yet. */
export type Lockstep = { readonly kind: 'in-step' } | { readonly kind: 'ahead'; readonly because: string };

const LOCKFILES = ['npm-shrinkwrap.json', 'package-lock.json'];
const KINDS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];

/**
 * Compares the project's package.json, and that of each workspace or link the lockfile knows, with what the lockfile recorded of them.
 * `npm ci` makes this comparison itself. A workspace the lockfile has never seen is left to the after-check.
 */
export async function lockstepOf({ cwd }: Pick<Host, 'cwd'>): Promise<Lockstep> {
  const recorded = Object(await readFirst(LOCKFILES.map((name) => join(cwd, name))));
  // A lockfile without an entry for the project has recorded nothing of it.
  for (const [key, entry] of Object.entries({ '': {}, ...Object(recorded.packages) })) {
    if (key.split('/').includes('node_modules')) continue;
    const manifest = await readFirst([join(cwd, key, 'package.json')]);
    if (manifest === undefined) continue;
    const [wanted, known] = [wishesOf(manifest), wishesOf(entry)];
    const changed = [...wanted].find(([name, range]) => known.get(name) !== range);
    if (changed === undefined) continue;
    const because = `package.json asks for ${tame(changed.join('@'), 200)}, which the lockfile does not record`;
    return { kind: 'ahead', because };
  }
  return { kind: 'in-step' };
}

/** Every name a manifest asks for, with its range. npm lists an optional dependency under `dependencies` too, or not: one map. */
function wishesOf(manifest: unknown): ReadonlyMap<string, string> {
  const wishes = KINDS.flatMap((kind) =>
    Object.entries(Object(Object(manifest)[kind])).map(([name, range]) => [name, String(range)] as const),
  );
  return new Map(wishes);
}

/** The first of the files that is there, parsed; `undefined` when none is. Throws on what is not JSON. */
async function readFirst(files: readonly string[]): Promise<unknown> {
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(absentOrThrow);
    if (text !== undefined) return JSON.parse(text.replace(/^\ufeff/, ''));
  }
  return undefined;
}

function absentOrThrow(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
