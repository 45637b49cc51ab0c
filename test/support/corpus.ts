/** Finds the corpus of real signed data, where the checkout has one. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's root directory. */
export const projectRoot = fileURLToPath(new URL('../../', import.meta.url));

/** What a test that needs the corpus says when it skips. */
export const corpusMissing =
  'the corpus of real signed data is not here: set NPMSIGN_CORPUS to its directory or to corpus.tar.xz';

/**
 * The directory holding the corpus' `INDEX.json`, or `undefined` when there is no corpus. `NPMSIGN_CORPUS` names the directory or the
 * archive; otherwise `../shared/corpus.tar.xz` beside the checkout is used. An archive is unpacked once per content and then reused.
 */
export function corpusDirectory(): string | undefined {
  const named = process.env['NPMSIGN_CORPUS'];
  const source = named ? path.resolve(named) : path.resolve(projectRoot, '../shared/corpus.tar.xz');
  const stats = statSync(source, { throwIfNoEntry: false });
  if (stats === undefined) {
    if (named) throw new Error(`NPMSIGN_CORPUS names ${source}, which does not exist.`);
    return undefined;
  }
  return stats.isDirectory() ? indexedDirectory(source) : unpacked(source, `${stats.size}-${stats.mtimeMs}`);
}

function unpacked(archive: string, version: string): string {
  const target = path.join(os.tmpdir(), `npmsign-corpus-${version}`);
  if (!existsSync(target)) {
    const partial = mkdtempSync(`${target}-`);
    execFileSync('tar', ['-xJf', archive, '-C', partial]);
    try {
      renameSync(partial, target);
    } catch (cause) {
      // Another process was faster: its copy is as good as ours.
      rmSync(partial, { recursive: true, force: true });
      if (!existsSync(target)) throw new Error(`The corpus cannot be unpacked to ${target}.`, { cause });
    }
  }
  return indexedDirectory(target);
}

function indexedDirectory(dir: string): string {
  const found = [dir, path.join(dir, 'corpus')].find((place) => existsSync(path.join(place, 'INDEX.json')));
  if (found === undefined) throw new Error(`${dir} holds no corpus: there is no INDEX.json in it.`);
  return found;
}
