/** Reads what a package.json says that decides whether and how it can be published (pure but for the file). */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SigningError } from '../errors.ts';
import type { PackageId } from '../model/package.ts';
import { isPackageName } from '../text/package-id.ts';
import { tame } from '../text/sanitize.ts';
import { isVersion } from '../text/semver.ts';

/** What its author wrote; nothing in it is proved. */
export type PublishManifest = {
  readonly id: PackageId;
  readonly isPrivate: boolean;
  /** As written: a URL or one of npm's shorthands. */
  readonly repository?: string;
  readonly access?: string;
  /** Where `publishConfig` wants it: the registry of its scope, else any. */
  readonly registry?: string;
  /** `publishConfig` names a provenance of its own. */
  readonly namesProvenance: boolean;
  /** Names of its scripts. */
  readonly scripts: readonly string[];
};

/** The package.json of a folder. Throws `SigningError` `ARTIFACT_UNREADABLE`. */
export async function readPublishManifest(folder: string): Promise<PublishManifest> {
  const path = join(folder, 'package.json');
  try {
    return parsePublishManifest(await readFile(path, 'utf8'), path);
  } catch (cause) {
    if (cause instanceof SigningError) throw cause;
    throw new SigningError('ARTIFACT_UNREADABLE', `${tame(path)} cannot be read.`, {
      hint: 'Run npmsign publish in the folder of the package, or name a tarball.',
      cause,
    });
  }
}

/** Parses the text; `where` is for the error. Throws `SigningError` `ARTIFACT_UNREADABLE`. */
export function parsePublishManifest(text: string, where: string): PublishManifest {
  const json = membersOf(jsonOf(text));
  const name = textAt(json, 'name') ?? '';
  const version = (textAt(json, 'version') ?? '').trim().replace(/^[v=]+/, '');
  if (!isPackageName(name) || !isVersion(version)) {
    const found = `${tame(name, 100)}@${tame(version, 100)}`;
    const message = `The package.json of ${tame(where)} names no package a registry could hold: ${found}.`;
    throw new SigningError('ARTIFACT_UNREADABLE', message);
  }
  const config = membersOf(json?.get('publishConfig'));
  const written = json?.get('repository');
  const scope = name.startsWith('@') ? name.slice(0, name.indexOf('/')) : '';
  return {
    id: { name, version },
    isPrivate: json?.get('private') === true,
    ...given('repository', typeof written === 'string' ? written : textAt(membersOf(written), 'url')),
    ...given('access', textAt(config, 'access')),
    ...given('registry', textAt(config, `${scope}:registry`) ?? textAt(config, 'registry')),
    namesProvenance: config?.has('provenance-file') === true || config?.get('provenance') === true,
    scripts: [...(membersOf(json?.get('scripts')) ?? new Map<string, unknown>()).keys()],
  };
}

type Members = ReadonlyMap<string, unknown>;

function given<K extends string>(name: K, value: string | undefined): { readonly [N in K]?: string } {
  // A computed name widens to string; it is K, and absent where there is no value.
  return (value === undefined || value === '' ? {} : { [name]: value }) as { readonly [N in K]?: string };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    return undefined; // No JSON, no name: the caller says so without quoting the file.
  }
}

function membersOf(value: unknown): Members | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? new Map<string, unknown>(Object.entries(value)) : undefined;
}

function textAt(members: Members | undefined, name: string): string | undefined {
  const value = members?.get(name);
  return typeof value === 'string' ? value : undefined;
}
