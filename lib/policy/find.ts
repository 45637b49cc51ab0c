/** Finds the project's policy file (cosmiconfig), and only where SPEC 3 says it can be. */
import { basename, join, relative } from 'node:path';
import type { Loader } from 'cosmiconfig';
import { PolicyFileError } from '../errors.ts';
import { readNames, readSize } from './files.ts';
import { refuseRedirection } from './guard.ts';
import { FILE_PLACES, PACKAGE_PLACE, SCRIPT_PLACES } from './places.ts';

/**
 * The policy file of the nearest of the folders that has one, as an absolute path; `undefined` when none has. A `package.json` is found
 * only when it has the key `npmsign`. Two policies in one folder are `POLICY_INVALID`, as is one that is a program.
 */
export async function findPolicyFile(folders: readonly string[]): Promise<string | undefined> {
  await refuseRedirection(folders);
  for (const folder of folders) {
    const found = await findIn(folder);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function findIn(folder: string): Promise<string | undefined> {
  const [script] = await readNames(folder, SCRIPT_PLACES);
  if (script !== undefined) throw isProgram(script);
  const present = await readNames(folder, FILE_PLACES);
  for (const name of present) await readSize(join(folder, name), name);
  const found = await searchIn(folder);
  const places = new Set([
    ...(found === undefined ? [] : [found]),
    ...present.map((name) => join(folder, name)),
  ]);
  const [first, second] = [...places];
  if (second === undefined) return first;
  throw ambiguous([...places].map((place) => relative(folder, place).replaceAll('\\', '/')));
}

async function searchIn(folder: string): Promise<string | undefined> {
  const places = [PACKAGE_PLACE, ...FILE_PLACES];
  const found = await searchPlaces(folder, places);
  if (found === undefined || places.some((place) => join(folder, place) === found)) return found;
  throw new PolicyFileError('POLICY_REDIRECTED', 'The search for the policy was led elsewhere.', {
    hint: 'Name the policy with --policy <file>.',
  });
}

async function searchPlaces(folder: string, searchPlaces: string[]): Promise<string | undefined> {
  // Loaded here, not above: a run that is told its policy need not wait for it.
  const { cosmiconfig } = await import('cosmiconfig');
  try {
    const explorer = cosmiconfig('npmsign', {
      searchPlaces,
      loaders: LOADERS,
      // Not `global`: that goes on to the user's configuration directory, scripts included.
      searchStrategy: 'none',
      ignoreEmptySearchPlaces: false,
      cache: false,
    });
    return (await explorer.search(folder))?.filepath;
  } catch (cause) {
    // Its own errors about a file name that file, and the disk's have a code. Anything else is a bug, ours or its.
    if (!(cause instanceof Error) || !('filepath' in cause || 'code' in cause)) throw cause;
    if (cause instanceof PolicyFileError) throw cause;
    throw new PolicyFileError('POLICY_UNREADABLE', 'The search for the policy cannot read package.json.', {
      cause,
      hint: 'Save package.json as JSON in UTF-8 without a byte order mark, or name the policy with --policy <file>.',
    });
  }
}

// cosmiconfig only finds; what it found is read again, strictly. A loader that gives text leaves it nothing to follow: `$import` in a
// file that it parses would be read, or run.
const asText: Loader = (_file, text) => text;

const jsonLoader: Loader = (file, text) => {
  if (basename(file) !== PACKAGE_PLACE) return text;
  const value: unknown = JSON.parse(text);
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'npmsign')
    ? { npmsign: text }
    : {};
};

const refuseProgram: Loader = (file) => {
  throw isProgram(file);
};

const LOADERS = {
  noExt: asText,
  '.json': jsonLoader,
  '.yaml': asText,
  '.yml': asText,
  '.js': refuseProgram,
  '.cjs': refuseProgram,
  '.mjs': refuseProgram,
  '.ts': refuseProgram,
  '.cts': refuseProgram,
  '.mts': refuseProgram,
};

function isProgram(name: string): PolicyFileError {
  return new PolicyFileError('POLICY_INVALID', `${name} is a program; a policy is data and is never run.`, {
    hint: 'Write it as YAML or JSON in .npmsignrc.',
  });
}

function ambiguous(names: readonly string[]): PolicyFileError {
  return new PolicyFileError('POLICY_INVALID', `Two policies in one place: ${names.join(' and ')}.`, {
    hint: 'Keep one of them.',
  });
}
