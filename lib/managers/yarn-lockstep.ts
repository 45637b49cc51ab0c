/** Makes sure that yarn 1 finds all it wants in its lockfile: what is missing it resolves, fetches and runs, `--frozen-lockfile` or not. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ManagerError } from '../errors.ts';
import { matchesGlob } from '../text/pattern.ts';
import { tame } from '../text/sanitize.ts';
import { isInRange } from '../text/semver.ts';
import { foldersWithManifest } from './originals.ts';

/**
 * Throws `ManagerError` where `.yarnrc` speaks of the lockfile, or where something the project, a workspace, a local folder or a locked
 * package depends on has no entry in yarn.lock. yarn itself only compares the root's own dependencies.
 */
export async function assertLockedByYarn(root: string, lockfile: string): Promise<void> {
  await refuseSettings(root);
  const locked = parseYarnLock(await readFile(lockfile, 'utf8'));
  const manifests = await readManifests(root, locked);
  const [project] = manifests;
  const wanted = [
    ...manifests.flatMap(wishesOf),
    ...locked.wishes,
    ...(project === undefined ? [] : resolutionsOf(project, locked)),
  ];
  const workspaces = new Map(manifests.slice(1).map(({ name, version }) => [name, version]));
  for (const { name, range } of wanted) {
    if (locked.patterns.has(`${name}@${range}`)) continue;
    const version = workspaces.get(name);
    if (version !== undefined && isInRange(version, range)) continue;
    throw new ManagerError(
      'MANAGER_CONFLICT',
      `yarn.lock has no entry for ${tame(`${name}@${range}`, 200)}: yarn 1 would fetch it all the same.`,
      { hint: 'Run yarn install --ignore-scripts, review what changes in yarn.lock, and run this again.' },
    );
  }
}

/** Settings can switch the lockfile off, or another folder on, for a command that does not say so. */
async function refuseSettings(root: string): Promise<void> {
  const text = await readFile(path.join(root, '.yarnrc'), 'utf8').catch(absentOrThrow);
  if (text === undefined || !/lockfile|cwd|use-yarnrc|\\/i.test(text)) return;
  throw new ManagerError('MANAGER_CONFLICT', '.yarnrc has settings that may keep yarn from its lockfile.', {
    hint: 'Remove what it says about the lockfile and the working directory.',
  });
}

type Wish = { readonly name: string; readonly range: string };
type YarnLock = { readonly patterns: ReadonlySet<string>; readonly wishes: readonly Wish[] };

/** The patterns of all entries, and what their packages depend on. The file was read strictly when it was judged; here lines are enough. */
function parseYarnLock(text: string): YarnLock {
  const patterns = new Set<string>();
  const wishes: Wish[] = [];
  let section = '';
  for (const line of text.split(/\r?\n/)) {
    if (/^[^\s#].*:$/.test(line)) {
      for (const pattern of line.slice(0, -1).split(', ')) patterns.add(unquoted(pattern));
      section = '';
    } else if (/^ {2}\S/.test(line)) {
      section = line.trim();
    } else if (/^ {4}\S/.test(line) && /^(?:optionalD|d)ependencies:$/.test(section)) {
      const [, name = '', range = ''] = /^ {4}("(?:[^"\\]|\\.)*"|\S+) (.*)$/.exec(line) ?? [];
      wishes.push({ name: unquoted(name), range: unquoted(range) });
    }
  }
  return { patterns, wishes };
}

function unquoted(text: string): string {
  return text.startsWith('"') ? String(JSON.parse(text)) : text;
}

type Manifest = {
  readonly name: string;
  readonly version: string;
  readonly fields: ReadonlyMap<string, unknown>;
};

/** package.json of the root, of its workspaces, and of the local folders it depends on, in that order. */
async function readManifests(root: string, { patterns }: YarnLock): Promise<readonly Manifest[]> {
  const project = await readManifest(root);
  const globs = globsOf(project.fields.get('workspaces'));
  const folders = globs.length === 0 ? [] : await foldersWithManifest(root);
  const workspaces = folders.filter((folder) => {
    const way = path.relative(root, folder).replaceAll('\\', '/');
    // More than `*` and `?` is not read here: then every folder counts as a workspace.
    return way !== '' && globs.some((glob) => /[{}()[\]!+]/.test(glob) || matchesGlob(way, glob));
  });
  const local = [...patterns].flatMap((pattern) => /@file:(.+)$/.exec(pattern)?.[1] ?? []);
  const places = [...workspaces, ...local.map((place) => path.resolve(root, place))];
  return [project, ...(await Promise.all(places.map(readManifest)))];
}

function globsOf(workspaces: unknown): readonly string[] {
  const list = Array.isArray(workspaces) ? workspaces : fieldsOf(workspaces).get('packages');
  const globs = Array.isArray(list) ? list.filter((glob) => typeof glob === 'string') : [];
  return globs.map((glob) => glob.replace(/^\.?\/+/, '').replace(/\/+$/, ''));
}

/** A folder without package.json, or an archive in place of a folder, wants nothing. */
async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(path.join(folder, 'package.json'), 'utf8').catch(absentOrThrow);
  const fields = fieldsOf(JSON.parse((text ?? '{}').replace(/^\u{feff}/u, '')));
  return { name: String(fields.get('name')), version: String(fields.get('version')), fields };
}

function wishesOf({ fields }: Manifest): readonly Wish[] {
  return ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((section) =>
    [...fieldsOf(fields.get(section))].map(([name, range]) => ({ name, range: String(range) })),
  );
}

/** A resolution that applies to something stands in the lockfile beside what it replaces. */
function resolutionsOf({ fields }: Manifest, { patterns }: YarnLock): readonly Wish[] {
  const names = new Set([...patterns].map((pattern) => pattern.slice(0, pattern.indexOf('@', 1))));
  return [...fieldsOf(fields.get('resolutions'))].flatMap(([place, range]) => {
    const way = place.match(/(?:@[^/]+\/)?[^/]+/g)?.filter((part) => part !== '**') ?? [];
    const applies = way.length > 0 && way.every((part) => names.has(part));
    return applies ? [{ name: way.at(-1) ?? '', range: String(range) }] : [];
  });
}

function fieldsOf(value: unknown): ReadonlyMap<string, unknown> {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  return new Map<string, unknown>(isRecord ? Object.entries(value) : []);
}

function absentOrThrow(error: unknown): undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
  throw error;
}
