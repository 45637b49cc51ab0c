/** Reads a policy file and all it stands on, as layers from the ground up. */
import { dirname, relative, resolve } from 'node:path';
import { PolicyFileError } from '../errors.ts';
import type { ParsedDocument } from '../text/document.ts';
import { isJson, parseJson } from '../text/json.ts';
import { inNodeModules, PRESET_NAMES } from './faults.ts';
import { readRealPath, readText } from './files.ts';
import { PACKAGE_PLACE } from './places.ts';
import type { PresetName } from './presets.ts';
import type { PolicyFile } from './schema.ts';
import { isRecord } from './shape.ts';
import { type Origin, validatePolicy } from './validate.ts';

/** One layer of a policy. `nothing` is an empty `extends`: no default preset beneath. */
export type Layer =
  | { readonly kind: 'preset'; readonly name: PresetName }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'file'; readonly content: PolicyFile; readonly file: string };

const MAX_DEPTH = 8;
const MAX_FILES = 32;

/**
 * The layers of the policy in `file`, the ground first, the file itself last. Throws `PolicyFileError`: `POLICY_MISSING` for a file that is
 * not there, `POLICY_INVALID` for a wrong one, for a circle, for more than 8 files deep or 32 in all, and for one in `node_modules`.
 */
export async function readLayers(file: string, root: string): Promise<readonly Layer[]> {
  const read: string[] = [];

  async function layersOf(origin: Origin, below: readonly string[], by?: string): Promise<readonly Layer[]> {
    const shown = by === undefined ? origin.shown : `${origin.shown} (extends in ${by})`;
    const real = await readRealPath(origin.file, shown);
    refuseChain(origin, { real, below, read });
    read.push(real);
    const content = await readPolicy(origin);
    const layers: Layer[] = [];
    for (const name of content.extends ?? []) {
      const preset = PRESET_NAMES.find((known) => known === name);
      if (preset !== undefined) layers.push({ kind: 'preset', name: preset });
      else
        layers.push(
          ...(await layersOf(
            originOf(resolve(dirname(origin.file), name), root),
            [...below, real],
            origin.shown,
          )),
        );
    }
    if (content.extends?.length === 0) layers.push({ kind: 'nothing' });
    return [...layers, { kind: 'file', content, file: origin.file }];
  }

  return await layersOf(originOf(file, root), []);
}

/** A file's place, as people and messages name it: relative to the project's root, with forward slashes. */
function originOf(file: string, root: string): Origin {
  const shown = relative(root, file).replaceAll('\\', '/');
  return { file, shown, within: shown.split('/').at(-1) === PACKAGE_PLACE ? ['npmsign'] : [] };
}

type Chain = { readonly real: string; readonly below: readonly string[]; readonly read: readonly string[] };

function refuseChain({ file, shown }: Origin, { real, below, read }: Chain): void {
  const first = below[0];
  const between = below.length - 1 - below.indexOf(real);
  if (below.includes(real))
    throw refused(`${shown} extends itself${between === 0 ? '' : `, by way of ${counted(between)}`}.`);
  if (below.length >= MAX_DEPTH) throw refused(`${shown} is more than ${MAX_DEPTH} files deep in extends.`);
  if (read.length >= MAX_FILES) throw refused(`More than ${MAX_FILES} files in extends.`);
  // The gate runs before node_modules exists, and the packages it judges write there. A link may lead into it, too.
  if (first !== undefined && (leavesInto(first, real) || leavesInto(first, file))) {
    throw refused(`${shown} lies in node_modules, which the judged packages write.`);
  }
}

function counted(files: number): string {
  return files === 1 ? 'one other file' : `${files} other files`;
}

function leavesInto(from: string, to: string): boolean {
  return inNodeModules(relative(dirname(from), to));
}

async function readPolicy(origin: Origin): Promise<PolicyFile> {
  if (/\.[cm]?[jt]sx?$/i.test(origin.file))
    throw refused(`${origin.shown} is a program; a policy is data and is never run.`);
  const document = await parsed(await readText(origin.file, origin.shown), origin.shown);
  if (origin.within.length === 0) return validatePolicy(document.value, document, origin);
  if (!isRecord(document.value) || !('npmsign' in document.value)) {
    throw new PolicyFileError('POLICY_MISSING', `${origin.shown} has no key "npmsign".`);
  }
  return validatePolicy(document.value['npmsign'], document, origin);
}

async function parsed(text: string, file: string): Promise<ParsedDocument> {
  if (isJson(text, file)) return parseJson(text, file);
  // Loaded here, not above: who writes no YAML need not wait for its parser.
  const { parseYaml } = await import('../text/yaml.ts');
  return parseYaml(text, file);
}

function refused(message: string): PolicyFileError {
  return new PolicyFileError('POLICY_INVALID', message);
}
