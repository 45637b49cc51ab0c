/** Makes sure that pnpm runs no config dependency nobody has judged: it fetches them, and loads what they bring, before anything else. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ManagerError } from '../errors.ts';
import { compareVersions } from '../text/semver.ts';

/** Where they can be named. */
const PLACES = ['pnpm-workspace.yaml', 'package.json', 'package.json5', 'package.yaml'];

/** Throws `ManagerError` where settings name config dependencies: to resolve, pnpm fetches and loads them first. */
export async function assertNoConfigDependencies(root: string): Promise<void> {
  const place = await findConfigDependencies(root);
  if (place === undefined) return;
  throw new ManagerError(
    'MANAGER_CONFLICT',
    `${place} may name config dependencies: pnpm fetches and loads them before it resolves anything.`,
    { hint: 'Resolve with pnpm install --lockfile-only where nothing is lost, then run npmsign ci.' },
  );
}

/** The same for an install from the lockfile: that of pnpm 11 and later holds them, and a frozen install takes no others. */
export async function assertConfigDependenciesLocked(root: string, version: string): Promise<void> {
  if (compareVersions(version, '11.0.0') >= 0) return;
  const place = await findConfigDependencies(root);
  if (place === undefined) return;
  throw new ManagerError(
    'MANAGER_CONFLICT',
    `${place} may name config dependencies, and the lockfile of pnpm ${version} holds none: they could not be judged.`,
    { hint: 'Use pnpm 11 or later, which locks them, or do without them.' },
  );
}

/** The first file that may name some. An escape could spell the word without writing it. */
async function findConfigDependencies(root: string): Promise<string | undefined> {
  for (const place of PLACES) {
    const text = await readFile(path.join(root, place), 'utf8').catch(absentOrThrow);
    if (text !== undefined && mayName(place, text)) return place;
  }
  return undefined;
}

function mayName(place: string, text: string): boolean {
  if (place === 'package.json') return textOfKeys(text).includes('"configDependencies"');
  const lines = text.split(/\r?\n/).filter((line) => !/^\s*(?:#|\/\/)/.test(line));
  return /configDependencies|\\(?:[xuU]|$)/m.test(lines.join('\n'));
}

/** pnpm reads its settings in `package.json#pnpm`; parsed and written again, every escape is what it stands for. */
function textOfKeys(text: string): string {
  return JSON.stringify(Object(JSON.parse(text.replace(/^\u{feff}/u, ''))).pnpm ?? {});
}

function absentOrThrow(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
