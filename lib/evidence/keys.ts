/** Finds the keys a package's registry signs with, reading each registry's keys once. */
import { TrustError } from '../errors.ts';
import type { ResolvedPackage } from '../model/package.ts';
import type { Told } from '../model/proof.ts';
import { parseRegistryKeys, type RegistryKey } from '../sigstore/index.ts';
import type { KeysOf, Sources } from './collector.ts';

/** Keys of the public npm registry come from the trust root, of others from the policy's file or the registry itself (SPEC 4.2). */
export function createKeysOf({ registry, trust }: Sources): KeysOf {
  const known = new Map<string, Promise<Told<readonly RegistryKey[]>>>();
  return (pkg) => {
    const { keys } = registry.sourceOf(pkg);
    if (keys.kind === 'npm') return Promise.resolve({ status: 'told', value: trust.npmKeys });
    const place = keys.kind === 'file' ? `file ${keys.path}` : `url ${keys.url}`;
    let found = known.get(place);
    if (found === undefined) {
      found = keysFrom(registry, pkg);
      known.set(place, found);
    }
    return found;
  };
}

async function keysFrom(
  registry: Sources['registry'],
  pkg: ResolvedPackage,
): Promise<Told<readonly RegistryKey[]>> {
  const told = await registry.keys(pkg);
  if (told.status !== 'told') return told;
  try {
    return { status: 'told', value: parseRegistryKeys(told.value) };
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
    return { status: 'unavailable', reason: error.message };
  }
}
