/** Reads the project's lockfile into a tree, and what the project allows to run at install. */
import path from 'node:path';
import { TreeError } from '../errors.ts';
import type { Host } from '../model/host.ts';
import type { Allowances, Tree } from '../model/package.ts';
import { tame } from '../text/sanitize.ts';
import { allowancesOf } from './allowances.ts';
import { chainsOf } from './chains.ts';
import { parseTolerantly, readJson, readLockfile, readText, readYaml } from './files.ts';
import { findLockfile } from './find.ts';
import { assertText } from './names.ts';
import type { ParsedPackage } from './reader.ts';

export { findProject, findRoot, type ProjectPlace } from './find.ts';

/**
 * Reads the lockfile of the project that `host.cwd` is in, or the one `file` names. Throws `TreeError`.
 */
export async function readTree(host: Host, file?: string): Promise<Tree> {
  const found = file === undefined ? await findLockfile(host) : path.resolve(host.cwd, file);
  const shown = path.relative(host.cwd, found).replaceAll('\\', '/');
  // Said before the file is read as the text it is not.
  assertText(path.basename(found));
  return parseTree({
    file: shown,
    text: await readLockfile(found, shown),
    manifest: await readText(path.join(path.dirname(found), 'package.json')),
  });
}

/** A lockfile as text, from wherever it was read, such as an earlier revision. */
export type TreeText = {
  /** Its name as it is shown, such as `HEAD:package-lock.json`. */
  readonly file: string;
  readonly text: string;
  /** The text of the package.json that stood beside it. */
  readonly manifest: string | undefined;
};

/** Parses a lockfile into a tree. Throws `TreeError`. */
export async function parseTree({ file, text, manifest }: TreeText): Promise<Tree> {
  // Who only looks for a lockfile needs nothing that reads one.
  const { readerFor } = await import('./formats.ts');
  const reader = await readerFor(file.split(/[/:]/).at(-1) ?? file, text);
  const parsed = reader.parse({ text, file: tame(file, 200), manifest: parseTolerantly(manifest) });
  assertUnique(parsed, tame(file, 200));
  const chains = chainsOf(parsed);
  const packages = parsed.map(({ dependents: _, ...pkg }) => ({ ...pkg, chain: chains.get(pkg.key) ?? [] }));
  return { lockfile: { path: file, format: reader.format }, packages };
}

/**
 * Reads which install scripts the project in `dir` has already reviewed for its package manager. What is missing or malformed allows nothing.
 */
export async function readAllowances(_host: Host, dir: string): Promise<Allowances> {
  const [manifest, npmrc, pnpmWorkspace] = await Promise.all([
    readJson(path.join(dir, 'package.json')),
    readText(path.join(dir, '.npmrc')),
    readYaml(path.join(dir, 'pnpm-workspace.yaml')),
  ]);
  return allowancesOf({ manifest, npmrc, pnpmWorkspace });
}

/** Evidence goes by key: of two entries with one key, the second would be judged by what is known of the first. */
function assertUnique(packages: readonly ParsedPackage[], file: string): void {
  const keys = new Set<string>();
  for (const { key, line } of packages) {
    if (keys.has(key)) {
      const place = line === undefined ? file : `${file}:${line}`;
      const name = tame(JSON.stringify(key), 200);
      throw new TreeError('LOCKFILE_MALFORMED', `${place}: two entries would both be called ${name}.`);
    }
    keys.add(key);
  }
}
