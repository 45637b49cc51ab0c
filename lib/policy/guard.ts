/** Refuses to search where cosmiconfig's own settings could run a program or lead the search elsewhere. */
import { join, resolve } from 'node:path';
import { PolicyFileError } from '../errors.ts';
import { readNames, readText } from './files.ts';
import { isRecord } from './shape.ts';

// Read from cosmiconfig 10: before every search it loads its own settings from the process's working directory, out of the first of
// these that exists. The scripts are run. In the `config` files `$import` runs what it names, `cosmiconfig` moves the search, and
// `npmsign` would be taken for the policy. `<<` is here because its YAML reader might merge a key that ours leaves alone.
const SCRIPTS = [
  '.config/config.js',
  '.config/config.ts',
  '.config/config.cjs',
  '.config/config.mjs',
] as const;
const SETTINGS: readonly (readonly [string, readonly string[]])[] = [
  ['package.json', ['cosmiconfig']],
  ['package.yaml', ['cosmiconfig', '<<']],
  ['.config/config.json', ['cosmiconfig', '$import', 'npmsign']],
  ['.config/config.yaml', ['cosmiconfig', '$import', 'npmsign', '<<']],
  ['.config/config.yml', ['cosmiconfig', '$import', 'npmsign', '<<']],
];

/** Throws `POLICY_REDIRECTED` when one of the folders, or the process's working directory, holds such settings. */
export async function refuseRedirection(folders: readonly string[]): Promise<void> {
  for (const folder of new Set([resolve('.'), ...folders])) {
    const [script] = await readNames(folder, SCRIPTS);
    if (script !== undefined) throw redirected(script, 'is a program that cosmiconfig would run');
    for (const name of await readNames(
      folder,
      SETTINGS.map(([file]) => file),
    )) {
      await refuseSettings(join(folder, name), name);
    }
  }
}

async function refuseSettings(file: string, name: string): Promise<void> {
  const keys = SETTINGS.find(([known]) => known === name)?.[1] ?? [];
  const value = await readSettings(file, name);
  if (!isRecord(value)) return;
  const found = keys.find((key) => key in value);
  if (found !== undefined)
    throw redirected(name, `has the key "${found}", which can lead the search for the policy elsewhere`);
}

async function readSettings(file: string, name: string): Promise<unknown> {
  const text = await readText(file, name);
  // An empty file says nothing to either reader.
  if (text.trim() === '') return null;
  try {
    // JSON as cosmiconfig reads it. A key that stands twice is the business of npm, and of whoever reads a policy from it.
    if (name.endsWith('.json')) return JSON.parse(text);
    const { parseYaml } = await import('../text/yaml.ts');
    return parseYaml(text, name).value;
  } catch (cause) {
    if (name === 'package.json') {
      throw new PolicyFileError('POLICY_UNREADABLE', 'package.json is not valid JSON.', { cause });
    }
    throw redirected(name, 'cannot be read strictly, so what it says to cosmiconfig is unknown', cause);
  }
}

function redirected(name: string, why: string, cause?: unknown): PolicyFileError {
  return new PolicyFileError('POLICY_REDIRECTED', `${name} ${why}.`, {
    hint: 'Remove it, or name the policy with --policy <file>: then nothing is searched.',
    ...(cause === undefined ? {} : { cause }),
  });
}
