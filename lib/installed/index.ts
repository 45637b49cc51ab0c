/** The front door of the room that compares node_modules with the verified tarballs, file by file. */
import { join } from 'node:path';
import type { Installed, InstalledFinding } from '../model/installed.ts';
import type { ResolvedPackage, Tree } from '../model/package.ts';
import type { Told } from '../model/proof.ts';
import type { Notice } from '../model/report.ts';
import { specOf } from '../text/package-id.ts';
import { tame } from '../text/sanitize.ts';
import { bundledIn, compareFolder } from './compare.ts';
import { createPlaces, type Place, type Places } from './places.ts';
import { type ExpectedFile, unpackFiles } from './unpack.ts';

export { type HashedTree, type HashSources, hashTree } from './hashed-tree.ts';

/** What a comparison rests on. */
export type InstalledInput = {
  /** Absolute path. */
  readonly project: string;
  readonly tree: Tree;
  /** The bytes of a package's tarball, already proved to be those the lockfile pins. */
  readonly tarball: (pkg: ResolvedPackage) => Promise<Told<Uint8Array>>;
  /** Does it run scripts at install? They may write into its folder. */
  readonly runsScripts: (pkg: ResolvedPackage) => boolean;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
};

/** Tarballs held in memory at once. */
const AT_ONCE = 8;

/** Compares all that lies in node_modules. What the lockfile lists and is not installed is nothing to fear, and not told. */
export async function compareInstalled(input: InstalledInput): Promise<Installed> {
  const places = createPlaces(input.project, input.tree);
  const findings: InstalledFinding[] = [];
  const queue: Modules[] = (await places.roots()).map((folder) => ({ folder, except: NONE }));
  let compared = 0;
  while (queue.length > 0) {
    const open = await openPlaces(places, queue.splice(0, AT_ONCE));
    for (let from = 0; from < open.length; from += AT_ONCE) {
      const seen = await Promise.all(open.slice(from, from + AT_ONCE).map((place) => lookAt(place, input)));
      for (const { finding, next, isCompared } of seen) {
        if (isCompared) compared++;
        if (finding !== undefined) findings.push(finding);
        if (next !== undefined) queue.push(next);
      }
      input.onProgress?.({ done: compared, total: input.tree.packages.length });
    }
  }
  const unseen = await places.unseen();
  return { compared, findings: findings.sort((a, b) => (a.folder < b.folder ? -1 : 1)), unseen };
}

/** One notice for each folder that is not what was verified, and one for all that was not compared with anything. */
export function installedNotices({ compared, findings, unseen }: Installed): readonly Notice[] {
  const nothing = compared === 0 && findings.length === 0;
  if (nothing)
    return [
      {
        code: 'INSTALLED_NOTHING',
        message: 'there is nothing in node_modules to compare',
        effect: 'unverified',
      },
    ];
  return [...findings.map(noticeOf), ...unseenNotices(unseen)];
}

function unseenNotices(unseen: readonly string[]): readonly Notice[] {
  if (unseen.length === 0) return [];
  const left = unseen.length > 5 ? ` and ${unseen.length - 5} more` : '';
  const names = unseen.slice(0, 5).map((folder) => tame(folder, 200));
  const message = `not compared with anything, for no tarball holds what managers and tools write there: ${names.join(', ')}${left}`;
  return [{ code: 'INSTALLED_UNSEEN', message }];
}

function noticeOf({ folder, package: spec, kind, because, ...files }: InstalledFinding): Notice {
  const of = spec === undefined ? '' : ` (${tame(spec, 200)})`;
  const message = `${tame(folder, 300)}${of}: ${because}${filesText(files)}`;
  switch (kind) {
    case 'differs':
      return { code: 'INSTALLED_DIFFERS', message, effect: 'fail' };
    case 'foreign':
      return { code: 'INSTALLED_FOREIGN', message, effect: 'fail' };
    case 'unknown':
      return { code: 'INSTALLED_UNKNOWN', message, effect: 'unverified' };
    case 'scripted':
      return { code: 'INSTALLED_BY_SCRIPT', message };
  }
}

function filesText({
  changed,
  missing,
  extra,
}: Pick<InstalledFinding, 'changed' | 'missing' | 'extra'>): string {
  const all = [
    ...changed.map((file) => `${tame(file, 200)} changed`),
    ...missing.map((file) => `${tame(file, 200)} is missing`),
    ...extra.map((file) => `${tame(file, 200)} is extra`),
  ];
  if (all.length === 0) return '';
  const left = all.length > 3 ? ` and ${all.length - 3} more` : '';
  return `: ${all.slice(0, 3).join(', ')}${left}`;
}

/** A node_modules folder, and what in it belongs to the tarball around it. */
type Modules = { readonly folder: string; readonly except: ReadonlySet<string> };
const NONE: ReadonlySet<string> = new Set();

async function openPlaces(places: Places, modules: readonly Modules[]): Promise<readonly Place[]> {
  return (await Promise.all(modules.map(({ folder, except }) => places.within(folder, except)))).flat();
}

type Look = { readonly finding?: InstalledFinding; readonly next?: Modules; readonly isCompared: boolean };

async function lookAt(place: Place, input: InstalledInput): Promise<Look> {
  const { what, folder, shown } = place;
  const none = { changed: [], missing: [], extra: [] };
  switch (what.kind) {
    case 'own':
      return { isCompared: false };
    case 'foreign':
      return {
        isCompared: false,
        finding: { folder: shown, kind: 'foreign', because: what.because, ...none },
      };
    case 'package': {
      const next = { folder: join(folder, 'node_modules'), except: NONE };
      const files = await expectedFiles(what.package, input);
      const named = { folder: shown, package: specOf(what.package.id) };
      if (files.status !== 'told') {
        const because = files.reason ?? 'there is no tarball to compare it with';
        return { isCompared: false, next, finding: { ...named, kind: 'unknown', because, ...none } };
      }
      const difference = await compareFolder(folder, files.value);
      const isSame = Object.values(difference).every((list) => list.length === 0);
      const finding = isSame
        ? {}
        : { finding: { ...named, ...judged(difference, input.runsScripts(what.package)), ...difference } };
      return { isCompared: true, next: { ...next, except: bundledIn(files.value) }, ...finding };
    }
  }
}

/** A script may write new files and replace others; it has no business taking files away. */
function judged(
  { missing }: { readonly missing: readonly string[] },
  runsScripts: boolean,
): Pick<InstalledFinding, 'kind' | 'because'> {
  return runsScripts && missing.length === 0
    ? { kind: 'scripted', because: 'its install scripts may have written this' }
    : { kind: 'differs', because: 'it is not what the verified tarball holds' };
}

async function expectedFiles(
  pkg: ResolvedPackage,
  { tarball }: InstalledInput,
): Promise<Told<ReadonlyMap<string, ExpectedFile>>> {
  const told = await tarball(pkg);
  if (told.status !== 'told') return told;
  try {
    return { status: 'told', value: await unpackFiles(told.value) };
  } catch {
    // The bytes are those that were verified; what they are is another question.
    return { status: 'unavailable', reason: 'its tarball cannot be unpacked' };
  }
}
