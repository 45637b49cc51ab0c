/** Reads from a project's package.json what decides how its lockfile is understood. */
import { isFields, type Want } from './npm-entry.ts';

const SECTIONS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const;

/** The part of package.json that the lockfile repeats, or that changes what the lockfile means. */
export type ProjectManifest = {
  readonly wants: readonly Want[];
  /** Names of the dependencies the project packs into its own tarball. */
  readonly bundles: readonly string[];
  /** Names of packages that `overrides` put in place of others. */
  readonly overrides: ReadonlySet<string>;
  /** As written; `undefined` where there is no package.json. */
  readonly workspaces: unknown;
};

/** Tolerant, as package managers are: what is malformed says nothing. */
export function projectManifest(manifest: unknown): ProjectManifest {
  const fields = isFields(manifest) ? manifest : {};
  const wants = SECTIONS.flatMap((section) => textsIn(fields[section])).map(([name, spec]) => ({
    name,
    spec,
  }));
  const bundles = fields['bundleDependencies'] ?? fields['bundledDependencies'];
  return {
    wants,
    bundles: bundles === true ? wants.map(({ name }) => name) : textsIn(bundles).map(([, name]) => name),
    overrides: isFields(fields['overrides'])
      ? aliasesIn([fields['overrides'], wants.map(({ spec }) => spec)])
      : new Set(),
    workspaces: fields['workspaces'],
  };
}

/** The name in every `npm:name@range`, at any depth. An override may refer to a dependency (`$name`), so those are searched too. */
export function aliasesIn(places: readonly unknown[]): ReadonlySet<string> {
  const names = new Set<string>();
  const queue = [...places];
  while (queue.length > 0) {
    const value = queue.pop();
    if (typeof value === 'object' && value !== null)
      for (const inner of Object.values(value)) queue.push(inner);
    const name = typeof value === 'string' ? /^npm:(@?[^@]+)/i.exec(value)?.[1] : undefined;
    if (name !== undefined) names.add(name);
  }
  return names;
}

function textsIn(value: unknown): readonly (readonly [string, string])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
}
