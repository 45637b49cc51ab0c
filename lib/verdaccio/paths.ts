/** Understands the paths of a registry's requests (pure). */
import type { PackageId } from '../model/package.ts';
import { isPackageName, splitSpec } from '../text/package-id.ts';
import { isVersion } from '../text/semver.ts';

const ATTESTATIONS = '/-/npm/v1/attestations/';

/** The package a publish is sent to: `/name`, `/@scope/name`, `/@scope%2fname`. `undefined` for any other path. */
export function packageAt(path: string): string | undefined {
  const name = decoded(path.replace(/^\//, '').replace(/\/$/, ''));
  return name !== undefined && isPackageName(name) ? name : undefined;
}

/** The release whose attestations are meant, `undefined` for any other path, `malformed` for none a registry could hold. */
export function attestedAt(path: string): PackageId | 'malformed' | undefined {
  if (!path.startsWith(ATTESTATIONS)) return undefined;
  const { name, range: version } = splitSpec(decoded(path.slice(ATTESTATIONS.length)) ?? '');
  return isPackageName(name) && version !== undefined && isVersion(version) ? { name, version } : 'malformed';
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined; // Not an escaped path: none we know.
  }
}
