/** Keeps the files a package manager edits while it resolves, and puts them back byte for byte. */
import { randomUUID } from 'node:crypto';
import { readdir, readFile, realpath, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { GateError } from '../errors.ts';
import { tame } from '../text/sanitize.ts';

/** One file as it was; without bytes there was none. */
export type Original = {
  /** Relative to the project's root, with forward slashes. */
  readonly file: string;
  readonly bytes?: Buffer;
};

/** What some manager writes when it only resolves, in the root and in workspaces. */
const EDITED = [
  ...['package.json', 'package.json5', 'package.yaml', 'package-lock.json', 'npm-shrinkwrap.json'],
  ...['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'yarn.lock', '.yarnrc.yml', '.yarn/install-state.gz'],
  ...['.pnp.cjs', '.pnp.loader.mjs', 'bun.lock', 'bun.lockb'],
  // npm notes there what is installed, and does so too when it has installed nothing.
  'node_modules/.package-lock.json',
];
const MANIFESTS = ['package.json', 'package.json5', 'package.yaml'];

/** Reads every file a manager may edit, in `root`, in `here`, and in every folder below that holds a manifest. Throws `GateError`. */
export async function readOriginals(root: string, here: string): Promise<readonly Original[]> {
  const folders = new Set([root, here, ...(await foldersWithManifest(root))]);
  const originals: Original[] = [];
  for (const folder of folders) {
    for (const name of EDITED) {
      const file = path.join(folder, name);
      const bytes = await readFile(file).catch((cause: unknown) => absentOr(cause, unkept(file)));
      const relative = path.relative(root, file).replaceAll('\\', '/');
      originals.push({ file: relative, ...(bytes === undefined ? {} : { bytes }) });
    }
  }
  return originals;
}

/** Puts back what differs, and tells which files that were. Throws `GateError` `PROJECT_NOT_RESTORED`, after it has tried them all. */
export async function writeOriginals(
  root: string,
  originals: readonly Original[],
): Promise<readonly string[]> {
  const restored: string[] = [];
  const failed: { readonly file: string; readonly cause: unknown }[] = [];
  for (const original of originals) {
    try {
      if (await restore(path.join(root, original.file), original.bytes)) restored.push(original.file);
    } catch (cause) {
      failed.push({ file: original.file, cause });
    }
  }
  const [first] = failed;
  if (first === undefined) return restored;
  const names = failed.map(({ file }) => tame(file, 200)).join(', ');
  throw new GateError('PROJECT_NOT_RESTORED', `What the manager changed in ${names} cannot be put back.`, {
    cause: first.cause,
    hint: 'Restore it from version control before you install anything.',
  });
}

async function restore(file: string, bytes: Buffer | undefined): Promise<boolean> {
  const now = await readFile(file).catch((cause: unknown) => absentOr(cause, cause));
  if (bytes === undefined) {
    if (now === undefined) return false;
    await rm(file);
    return true;
  }
  if (now?.equals(bytes)) return false;
  // A link stays a link, and no reader ever sees half a file.
  const target = await realpath(file).catch(() => file);
  const draft = path.join(path.dirname(target), `.${path.basename(target)}.${randomUUID()}`);
  const { mode } = await stat(target).catch(() => ({ mode: 0o644 }));
  await writeFile(draft, bytes, { flag: 'wx', mode });
  await rename(draft, target);
  // npm does not believe its note about node_modules when that folder is younger, and the rename has just touched it.
  const moment = new Date();
  await utimes(target, moment, moment);
  return true;
}

/** Every folder with a manifest, where a project has workspaces. Looked for on disk: what patterns match is each manager's own affair. */
export async function foldersWithManifest(root: string): Promise<readonly string[]> {
  if (!(await hasWorkspaces(root))) return [];
  const found: string[] = [];
  const waiting = [root];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
      throw unkept(folder ?? root, cause);
    });
    if (entries.some(({ name }) => MANIFESTS.includes(name))) found.push(folder);
    for (const entry of entries) {
      const isOther = entry.name === 'node_modules' || entry.name === '.git' || entry.name === '.yarn';
      if (entry.isDirectory() && !isOther) waiting.push(path.join(folder, entry.name));
    }
  }
  return found;
}

async function hasWorkspaces(root: string): Promise<boolean> {
  const [manifest, pnpm] = await Promise.all(
    ['package.json', 'pnpm-workspace.yaml'].map((name) =>
      readFile(path.join(root, name), 'utf8').catch((cause: unknown) => absentOr(cause, cause)),
    ),
  );
  return pnpm !== undefined || (manifest?.includes('"workspaces"') ?? false);
}

function unkept(file: string, cause?: unknown): GateError {
  return new GateError('PROJECT_NOT_KEPT', `${tame(file, 300)} cannot be read, and so not be kept.`, {
    cause,
  });
}

function absentOr(error: unknown, otherwise: unknown): undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
  throw otherwise;
}
