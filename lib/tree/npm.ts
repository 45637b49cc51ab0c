/** Reads npm's lockfiles: package-lock.json and npm-shrinkwrap.json, versions 2, 3 and 4. */
import { TreeError } from '../errors.ts';
import { holdsTooMany, MOST_VALUES } from '../text/json-values.ts';
import { scanKeysOf } from '../text/lines.ts';
import { tame } from '../text/sanitize.ts';
import { type ProjectManifest, projectManifest } from './manifest.ts';
import { LOCKFILES } from './names.ts';
import { isFields, type NpmEntry, parseEntry } from './npm-entry.ts';
import { graphOf, type NpmEntries } from './npm-graph.ts';
import { type NpmLockfile, packageOf } from './npm-package.ts';
import { type LockfileReader, MOST_ENTRIES, PROJECT } from './reader.ts';
import { workspacePatterns } from './workspace-patterns.ts';

const REWRITE =
  'Run npm install --package-lock-only --ignore-scripts to rewrite it, and review the difference.';

/**
 * Version 4 (npm 12) is version 3 with records of patches and manifest extensions of the project's own. They change neither names nor bytes
 * fetched, so all three versions are read alike.
 */
export const npm: LockfileReader = {
  format: 'npm',
  fileNames: ['npm-shrinkwrap.json', 'package-lock.json'],
  parse({ text, file, manifest }) {
    const { packages, lines } = packagesOf(text, file);
    const refuse = refusal(file, lines);
    const project = projectManifest(manifest);
    const entries = entriesOf(packages, refuse);
    const root = entries.get(PROJECT);
    if (root === undefined) throw malformed(`${file} has no entry for the project itself.`);
    const known = new Map(entries).set(PROJECT, believing(root, project));
    const lockfile: NpmLockfile = {
      entries: known,
      lines,
      graph: graphOf(known),
      workspaces: workspacePatterns(project.workspaces ?? root.workspaces),
      overrides: project.overrides,
      refuse,
    };
    return [...entries.values()]
      .filter(({ key }) => key !== PROJECT)
      .map((entry) => packageOf(entry, lockfile));
  },
};

/** npm takes the project's own wishes from package.json. What only the lockfile claims is added: it can make the reading stricter, never laxer. */
function believing(root: NpmEntry, project: ProjectManifest): NpmEntry {
  const said = new Set(project.wants.map(({ name, spec }) => `${name} ${spec}`));
  const more = root.wants.filter(({ name, spec }) => !said.has(`${name} ${spec}`));
  return { ...root, wants: [...project.wants, ...more], bundles: [...project.bundles, ...root.bundles] };
}

function entriesOf(packages: object, refuse: NpmLockfile['refuse']): NpmEntries {
  const entries = new Map<string, NpmEntry>();
  for (const [key, value] of Object.entries(packages)) {
    try {
      entries.set(key, parseEntry(key, value));
    } catch (cause) {
      throw refuse(key, cause instanceof Error ? cause.message : 'an unreadable entry');
    }
  }
  return entries;
}

function packagesOf(
  text: string,
  file: string,
): { readonly packages: object; readonly lines: ReadonlyMap<string, number> } {
  const lockfile = parseText(text, file);
  const version = lockfile['lockfileVersion'];
  if (version !== 2 && version !== 3 && version !== 4) {
    const found =
      version === undefined ? 'no lockfileVersion' : `lockfileVersion ${tame(JSON.stringify(version), 20)}`;
    throw new TreeError('LOCKFILE_VERSION', `${file} has ${found}; npmsign reads 2, 3 and 4.`, {
      hint:
        version === undefined && !LOCKFILES.has(file.split('/').at(-1) ?? file)
          ? 'Name the lockfile itself, such as package-lock.json.'
          : 'Run npm install --package-lock-only --ignore-scripts with npm 7 or later to rewrite it.',
    });
  }
  const { lines, duplicate } = scanKeysOf(lockfile, text, ['packages']);
  if (duplicate !== undefined) {
    const key = tame(JSON.stringify(duplicate.key), 200);
    const where = `on lines ${duplicate.firstLine} and ${duplicate.line}`;
    throw malformed(
      `${file} has the key ${key} twice in one object, ${where}: npm obeys the second, a reader sees the first.`,
    );
  }
  const packages = lockfile['packages'];
  if (!isFields(packages)) throw malformed(`${file} has no packages object.`);
  if (lines.size > MOST_ENTRIES) {
    throw malformed(`${file} has ${lines.size} entries; npmsign reads up to ${MOST_ENTRIES}.`);
  }
  return { packages, lines };
}

function parseText(text: string, file: string): Readonly<Record<string, unknown>> {
  // npm resolves merge conflicts by itself and finds their marks inside texts too: what it then installs is not what the JSON says.
  if (/<{7}/.test(text) && /={7}/.test(text) && />{7}/.test(text)) {
    throw new TreeError('LOCKFILE_MALFORMED', `${file} has the marks of a merge conflict in it.`, {
      hint: 'Resolve the conflict, then run npm install --package-lock-only --ignore-scripts.',
    });
  }
  if (holdsTooMany(text)) throw malformed(`${file} holds more than ${MOST_VALUES} values.`);
  try {
    const lockfile: unknown = JSON.parse(text.startsWith('\u{feff}') ? text.slice(1) : text);
    if (isFields(lockfile)) return lockfile;
  } catch (cause) {
    throw malformed(`${file} is not JSON.`, cause);
  }
  throw malformed(`${file} is not a JSON object.`);
}

function refusal(file: string, lines: ReadonlyMap<string, number>): NpmLockfile['refuse'] {
  return (key, problem) => {
    const line = lines.get(key);
    const place = line === undefined ? file : `${file}:${line}`;
    return malformed(`${place}: ${tame(JSON.stringify(key), 200)} has ${problem}.`);
  };
}

function malformed(message: string, cause?: unknown): TreeError {
  return new TreeError('LOCKFILE_MALFORMED', message, { hint: REWRITE, cause });
}
