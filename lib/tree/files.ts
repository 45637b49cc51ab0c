/** Reads the files beside a lockfile, as tolerantly as package managers do. */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { NpmsignError, TreeError } from '../errors.ts';
import { tame } from '../text/sanitize.ts';

/** The file's JSON; `undefined` where a manager too would go on as if there were no such file. */
export async function readJson(file: string): Promise<unknown> {
  return parseTolerantly(await readText(file));
}

/** JSON; `undefined` for anything else. A byte order mark is skipped. */
export function parseTolerantly(text: string | undefined): unknown {
  try {
    return JSON.parse((text ?? '').replace(/^\u{feff}/u, ''));
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

/** The file's text; `undefined` when there is no such file, or it cannot be read. */
export async function readText(file: string): Promise<string | undefined> {
  return (await isFile(file)) ? readFile(file, 'utf8').catch(() => undefined) : undefined;
}

/** The file's YAML; `undefined` where there is no such file, or it is malformed. The parser is loaded where there is something to parse. */
export async function readYaml(file: string): Promise<unknown> {
  const text = await readText(file);
  if (text === undefined) return undefined;
  const { parseYaml } = await import('../text/yaml.ts');
  try {
    return parseYaml(text, basename(file)).value;
  } catch (cause) {
    if (cause instanceof NpmsignError) return undefined;
    throw cause;
  }
}

/** Is there a file of that name? */
export async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

/** A real lockfile of this size would hold a quarter of a million packages. */
const LARGEST = 128 * 1024 * 1024;

/** The text of a lockfile, shown in messages as `shown`. Throws `TreeError` when it is missing, no file, too large or not UTF-8. */
export async function readLockfile(file: string, shown: string): Promise<string> {
  const name = tame(shown, 200);
  const stats = await stat(file).catch((cause: unknown) => {
    throw new TreeError('LOCKFILE_MISSING', `There is no lockfile at ${name}.`, { cause });
  });
  if (!stats.isFile()) throw new TreeError('LOCKFILE_MALFORMED', `${name} is not a file.`);
  if (stats.size > LARGEST) {
    throw new TreeError(
      'LOCKFILE_MALFORMED',
      `${name} has ${stats.size} bytes; npmsign reads up to ${LARGEST}.`,
    );
  }
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new TreeError('LOCKFILE_MALFORMED', `${name} cannot be read (${codeOf(cause)}).`, { cause });
  });
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new TreeError('LOCKFILE_MALFORMED', `${name} cannot be read as UTF-8 text.`, { cause });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
}
