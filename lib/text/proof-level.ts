/** Says how strongly a version is proved, as the signer lock counts it. */
import type { Evidence } from '../model/evidence.ts';
import type { ProofLevel } from '../model/lock.ts';

/** What a proof level rests on. */
export type Attestable = Pick<Evidence, 'signature' | 'publish' | 'provenance'>;

/** Every level, least proof first. */
export const PROOF_LEVELS: readonly ProofLevel[] = ['none', 'signature', 'publish', 'provenance'];

/** The strongest level that is proved. What was refuted or could not be asked counts for nothing here: ask about it first. */
export function proofLevelOf({ signature, publish, provenance }: Attestable): ProofLevel {
  if (provenance.status === 'proved') return 'provenance';
  if (publish.status === 'proved') return 'publish';
  return signature.status === 'proved' ? 'signature' : 'none';
}

/** Is `level` at least as much proof as `wanted`? */
export function isProofEnough(level: ProofLevel, wanted: ProofLevel): boolean {
  return PROOF_LEVELS.indexOf(level) >= PROOF_LEVELS.indexOf(wanted);
}

const WORDS: { readonly [Level in ProofLevel]: string } = {
  none: 'no proof at all',
  signature: "only the registry's signature",
  publish: 'a publicly logged publish, but no build provenance',
  provenance: 'build provenance',
};

/** A level in words: `only the registry's signature`. */
export function proofWords(level: ProofLevel): string {
  return WORDS[level];
}
