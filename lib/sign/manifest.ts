/** Reads what signing wants to know of a package.json. */
import { readFile, stat } from 'node:fs/promises';
import { SigningError } from '../errors.ts';
import type { PackageId } from '../model/package.ts';
import { isPackageName } from '../text/package-id.ts';
import { tame } from '../text/sanitize.ts';
import { isVersion } from '../text/semver.ts';

/** What a package.json says about publishing. Its author wrote it: nothing in it is proved. */
export type Manifest = {
  readonly id: PackageId;
  readonly isPrivate: boolean;
  /** `publishConfig.access`. */
  readonly access?: string;
  /** `publishConfig.registry`, or the one for its scope. */
  readonly registry?: string;
  /** `publishConfig["provenance-file"]`. */
  readonly provenanceFile?: string;
};

const LIMIT = 1024 * 1024;

/** Reads the file. Throws `SigningError` `ARTIFACT_UNREADABLE`. */
export async function readManifestFile(path: string): Promise<Manifest> {
  try {
    const { size } = await stat(path);
    if (size > LIMIT) throw new Error('too large');
    return parseManifest(await readFile(path, 'utf8'), path);
  } catch (cause) {
    if (cause instanceof SigningError) throw cause;
    throw new SigningError('ARTIFACT_UNREADABLE', `${tame(path)} cannot be read.`, { cause });
  }
}

/** Parses the text; `where` is for the error. Throws `SigningError` `ARTIFACT_UNREADABLE`. */
export function parseManifest(text: string, where: string): Manifest {
  const json = objectOf(jsonOf(text));
  const [name, version] = [textAt(json, 'name'), textAt(json, 'version')];
  if (name === undefined || version === undefined) throw unreadable(where, 'has no name or no version');
  const id = packageId(name, version, where);
  const config = objectOf(json?.get('publishConfig'));
  const scope = name.startsWith('@') ? name.slice(0, name.indexOf('/')) : undefined;
  const registry =
    (scope === undefined ? undefined : textAt(config, `${scope}:registry`)) ?? textAt(config, 'registry');
  const access = textAt(config, 'access');
  const provenanceFile = textAt(config, 'provenance-file');
  return {
    id,
    isPrivate: json?.get('private') === true,
    ...(access === undefined ? {} : { access }),
    ...(registry === undefined ? {} : { registry }),
    ...(provenanceFile === undefined ? {} : { provenanceFile }),
  };
}

/** A name and version a registry could hold. Throws `SigningError` `ARTIFACT_UNREADABLE` for any other. */
export function packageId(name: string, version: string, where: string): PackageId {
  // npm publishes v1.2.3 and =1.2.3 as 1.2.3.
  const clean = version.trim().replace(/^[v=]+/, '');
  if (!isPackageName(name) || !isVersion(clean)) {
    throw unreadable(
      where,
      `names no package a registry could hold: ${tame(name, 100)}@${tame(version, 100)}`,
    );
  }
  return { name, version: clean };
}

type Members = ReadonlyMap<string, unknown>;

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    // What the parser says would quote the file; that it is no JSON shows in what is missing.
    return undefined;
  }
}

/** A `Map`, so that no name in the file can mean a member of every object. */
function objectOf(value: unknown): Members | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? new Map<string, unknown>(Object.entries(value)) : undefined;
}

function textAt(members: Members | undefined, name: string): string | undefined {
  const value = members?.get(name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function unreadable(where: string, why: string): SigningError {
  return new SigningError('ARTIFACT_UNREADABLE', `The package.json of ${tame(where)} ${why}.`);
}
