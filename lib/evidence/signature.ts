/** Collects the registry's signature over one package, and proves it against the lockfile's integrity. */
import type { Manifest, RegistrySignature } from '../model/evidence.ts';
import type { ResolvedPackage } from '../model/package.ts';
import type { Proof, Told } from '../model/proof.ts';
import type { Attested } from './attestations.ts';
import type { Context } from './collector.ts';
import { publishTime } from './publish-time.ts';

/** Proves the signature; where a key has expired, by the best publish time there is (SPEC 4.2, 4.8). */
export async function collectSignature(
  pkg: ResolvedPackage,
  told: { readonly manifest: Told<Manifest>; readonly attested: Attested },
  { sources, keysOf, prover }: Context,
): Promise<Proof<RegistrySignature>> {
  const { manifest, attested } = told;
  if (manifest.status !== 'told') return manifest;
  const { signatures } = manifest.value;
  if (signatures.length === 0) return unsigned(sources.registry.sourceOf(pkg).isNpm);
  const keys = await keysOf(pkg);
  if (keys.status === 'absent') {
    return { status: 'absent', reason: 'the registry publishes no signing keys' };
  }
  if (keys.status !== 'told') return keys;

  const keyids = new Set(signatures.map((signature) => signature.keyid));
  const expires = keys.value.some((key) => keyids.has(key.keyid) && key.validUntil !== undefined);
  const published = expires
    ? await publishTime(pkg, { manifest: manifest.value, attested }, sources)
    : undefined;
  return prover.signature({
    id: pkg.id,
    integrity: pkg.integrity,
    signatures,
    keys: keys.value,
    ...(published === undefined ? {} : { publishedAt: published }),
  });
}

function unsigned(isNpm: boolean): Proof<RegistrySignature> {
  return isNpm
    ? // The public npm registry signs every version it holds (SPEC 4.6).
      {
        status: 'refuted',
        reason: 'stripped: the public npm registry signs every version, and this answer has no signature',
      }
    : { status: 'absent', reason: 'the registry serves no signature for this version' };
}
