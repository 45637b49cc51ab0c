/** Where evidence is proved: on this thread, and on another one as soon as there is work enough for two. */
import type { RegistrySignature } from '../model/evidence.ts';
import type { StartThread } from '../model/host.ts';
import type { Proof } from '../model/proof.ts';
import type { AttestationProofs, AttestationQuestion, SignatureQuestion, Trust } from '../sigstore/index.ts';
import { createAway } from './away.ts';
import { hasCoreToSpare } from './cores.ts';
import { proveHere } from './here.ts';
import type { Proved, Question } from './messages.ts';

export { serveProofs } from './serve.ts';

/** Proves. Nothing in it rejects. Where a proof is made changes nothing about it. */
export type Prover = {
  readonly attestations: (question: Omit<AttestationQuestion, 'trust'>) => Promise<AttestationProofs>;
  readonly signature: (question: SignatureQuestion) => Promise<Proof<RegistrySignature>>;
  /** Ends the other thread, if there is one. What is asked later is proved on this one. */
  readonly close: () => void;
};

/** What a prover works with. */
export type ProverRequest = {
  readonly trust: Pick<Trust, 'material' | 'json'>;
  /** Absent: everything is proved here. */
  readonly startThread?: StartThread | undefined;
  /** Most questions that wait for an answer at a time. */
  readonly concurrency: number;
  /** So many questions at least are going to be asked. */
  readonly expected: number;
};

/** A prover under one trust root. */
export function createProver({ trust, startThread, concurrency, expected }: ProverRequest): Prover {
  const here = (question: Question) => proveHere(trust.material, question);
  const away =
    startThread === undefined || !hasCoreToSpare()
      ? undefined
      : createAway({ here, startThread, root: trust.json, crowd: concurrency / 2, expected });
  const prove = away?.prove ?? here;
  return {
    // A question is answered by a proof of its own kind, here and there.
    attestations: async (question) =>
      (await prove({ kind: 'attestations', ...question })) as Proved['attestations'],
    signature: async (question) => (await prove({ kind: 'signature', ...question })) as Proved['signature'],
    close: () => away?.close(),
  };
}
