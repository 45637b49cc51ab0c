/** What two threads that prove say to each other. Each message is plain data, or keys, which threads may share. */
import type { RegistrySignature } from '../model/evidence.ts';
import type { Proof as ProofOf } from '../model/proof.ts';
import type {
  AttestationProofs,
  AttestationQuestion,
  RegistryKey,
  SignatureQuestion,
} from '../sigstore/index.ts';

/** Something to prove. The trust root is the prover's. */
export type Question =
  | ({ readonly kind: 'attestations' } & Omit<AttestationQuestion, 'trust'>)
  | ({ readonly kind: 'signature' } & SignatureQuestion);

/** What a question proves, by its kind. */
export type Proved = {
  readonly attestations: AttestationProofs;
  readonly signature: ProofOf<RegistrySignature>;
};

/** Either of them. */
export type Proof = Proved[keyof Proved];

/** A question as it travels: keys are few, and go ahead by number. */
export type Sent = Numbered<Question>;

type Numbered<T> = T extends Question ? Omit<T, 'keys'> & { readonly keys: number } : never;

/** To the thread. The first message is the root; keys come before the first question that names them. */
export type Order =
  | { readonly kind: 'root'; readonly json: unknown }
  | { readonly kind: 'keys'; readonly number: number; readonly keys: readonly RegistryKey[] }
  | { readonly kind: 'batch'; readonly number: number; readonly questions: readonly Sent[] }
  | { readonly kind: 'end' };

/** From the thread: the answers of one batch, in the order of its questions. */
export type Answered = { readonly number: number; readonly answers: readonly Proof[] };
