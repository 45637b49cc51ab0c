/** Tells versions that are older than provenance itself: none before them can have had any. */
import type { Evidence } from '../model/evidence.ts';

// The first attestation on the public npm registry is of January 2023.
const FIRST_PROVENANCE = Date.UTC(2022, 9, 1);

/**
 * The registry's own stamp says so, and what signed this version is a key it has since retired: who publishes today can have neither. Without
 * both, nothing is said.
 */
export function isBeforeProvenance({
  signature,
  provenance,
  manifest,
}: Pick<Evidence, 'signature' | 'provenance' | 'manifest'>): boolean {
  if (provenance.status !== 'absent' || manifest.status !== 'told') return false;
  if (signature.status !== 'proved' || signature.value.timeFrom === 'unknown') return false;
  const { publishedAt } = manifest.value;
  return publishedAt?.from === 'manifest' && Date.parse(publishedAt.at) < FIRST_PROVENANCE;
}
