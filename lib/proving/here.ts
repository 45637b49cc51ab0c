/** Proves on the thread that asks. */
import { type TrustMaterial, verifyAttestations, verifyRegistrySignature } from '../sigstore/index.ts';
import type { Proof, Question } from './messages.ts';

/** Proves one question under a trust root. Never rejects. */
export function proveHere(trust: TrustMaterial, question: Question): Promise<Proof> {
  switch (question.kind) {
    case 'attestations':
      return verifyAttestations({ ...question, trust });
    case 'signature':
      return verifyRegistrySignature(question);
  }
}
