/** What collectors share: where facts come from, and which of them the policy needs. */
import type { Evidence } from '../model/evidence.ts';
import type { StartThread } from '../model/host.ts';
import type { ResolvedPackage } from '../model/package.ts';
import type { Told } from '../model/proof.ts';
import type { Recalled } from '../model/request.ts';
import type { Prover } from '../proving/index.ts';
import type { Registry } from '../registry/index.ts';
import type { RegistryKey, Trust } from '../sigstore/index.ts';

/** Facts that cost a further request each, and are fetched only where a check asks for them. */
export type Wants = {
  /** Days a release must be public; `undefined` when no check asks for an age. */
  readonly minimumAge: (pkg: ResolvedPackage) => number | undefined;
  /** Does a check compare this version with earlier ones? */
  readonly history: (pkg: ResolvedPackage) => boolean;
};

/** Where facts come from. */
export type Sources = {
  readonly registry: Registry;
  readonly trust: Trust;
  readonly wants: Wants;
  readonly now: Date;
  /** Starts a thread that proves beside this one. */
  readonly startThread?: StartThread;
  /** What was proved before, where that may be used again. */
  readonly recalled?: Recalled;
  /** Packages in flight at once. */
  readonly concurrency: number;
};

/** What collecting the evidence of one package takes. */
export type Context = { readonly sources: Sources; readonly keysOf: KeysOf; readonly prover: Prover };

/** As {@link Context}, and the same for evidence that does not hold: nothing in it comes out of the cache. */
export type CollectContext = Context & { readonly afresh: () => Context | undefined };

/** Keys of the registry a package comes from; `absent` when it publishes none. */
export type KeysOf = (pkg: ResolvedPackage) => Promise<Told<readonly RegistryKey[]>>;

/** The evidence of a package that was never published to a registry. */
export function noEvidence(reason: string): Evidence {
  const fact = { status: 'notApplicable', reason } as const;
  return { signature: fact, publish: fact, provenance: fact, manifest: fact, history: fact };
}
