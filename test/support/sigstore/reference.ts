/** Verifies minted bundles with sigstore-js, the reference for what npmsign's own verification must accept. */
import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { type Signer, toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import type { BundleJson } from './bundle-json.ts';
import type { Sigstore } from './index.ts';
import type { TrustedRootRequest } from './trusted-root.ts';

/** Whom the reference verifier trusts, and what a bundle without an envelope is about. */
export type ReferenceTrust = {
  readonly sigstore: Sigstore;
  readonly trustedRoot?: TrustedRootRequest;
  readonly artifact?: Buffer;
};

/** The signer, or sigstore-js' own error. One log entry, one time and, for certificates, one certificate timestamp are required. */
export function verifyByReference(
  bundle: BundleJson,
  { sigstore, trustedRoot, artifact }: ReferenceTrust,
): Signer {
  const keys = new Map(sigstore.registryKeys.all.map((key) => [key.keyid, key]));
  const material = toTrustMaterial(TrustedRoot.fromJSON(sigstore.trustedRoot(trustedRoot)), (hint) => {
    const key = keys.get(hint);
    if (key === undefined) throw new Error(`no registry key ${hint}`);
    return { publicKey: key.keys.publicKey, validFor: () => true };
  });
  const ctlogThreshold = bundle.verificationMaterial.publicKey === undefined ? 1 : 0;
  const entity = toSignedEntity(
    bundleFromJSON(bundle),
    bundle.messageSignature === undefined ? undefined : artifact,
  );
  return new Verifier(material, { ctlogThreshold }).verify(entity);
}
