/** Says which evidence may be used again, and of what exactly it was proved. */
import type { Evidence } from '../model/evidence.ts';
import type { ResolvedPackage } from '../model/package.ts';
import type { Sources } from './collector.ts';

/**
 * Names the bytes the lockfile pins, the registry they are judged by, and what was asked about them. `undefined` where the registry itself
 * hands out the keys: those can change from one run to the next.
 */
export function provedKey(
  pkg: ResolvedPackage,
  { registry, wants }: Pick<Sources, 'registry' | 'wants'>,
): string | undefined {
  const { id, source, integrity } = pkg;
  if (source.kind !== 'registry' || integrity === undefined) return undefined;
  const judged = registry.sourceOf(pkg);
  if (judged.keys.kind === 'registry') return undefined;
  const asked = [wants.minimumAge(pkg) ?? null, wants.history(pkg)];
  return JSON.stringify([id.name, id.version, source, integrity.text, judged, asked]);
}

/**
 * Signed, of the very bytes the lockfile pins, with attestations that hold or none at all: nothing in it that matters can change. Whatever
 * else was found is found out again.
 */
export function isProved({ integrity }: ResolvedPackage, evidence: Evidence): boolean {
  const { signature, publish, provenance, manifest } = evidence;
  if (signature.status !== 'proved' || manifest.status !== 'told' || integrity === undefined) return false;
  if (manifest.value.integrity !== integrity.text) return false;
  return [publish, provenance].every(({ status }) => status === 'proved' || status === 'absent');
}
