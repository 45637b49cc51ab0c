/** A minted Sigstore: authorities, logs, timestamps, trusted root and registry keys, all of one name. */
import { type AttestationsRequest, mintAttestations } from './attestations.ts';
import { type BundleRequest, mintBundle } from './bundle.ts';
import type { AttestationsJson, BundleJson } from './bundle-json.ts';
import { createFulcio, type Fulcio } from './fulcio.ts';
import { keyAt, type RegistryKeys, registryKeysOf } from './registry-keys.ts';
import { createRekorV1, createRekorV2, type Rekor } from './rekor.ts';
import { createTimestampAuthority, type TimestampAuthority } from './timestamps.ts';
import { type TrustedRootJson, type TrustedRootRequest, trustedRootJson } from './trusted-root.ts';

export { type AttestationsRequest, identityFor } from './attestations.ts';
export type { BundleRequest, BundleSigner } from './bundle.ts';
export type { AttestationsJson, BundleJson, EnvelopeJson, TlogEntryJson } from './bundle-json.ts';
export { canonicalJson, type Json } from './canonical.ts';
export { keyPairOf, pemOf, sha256, signatureOf, spkiOf } from './keys.ts';
export {
  type KeysEndpointJson,
  keyAt,
  keysEndpointJson,
  keysTargetJson,
  type RegistryKey,
  type RegistryKeys,
  ROTATED_AT,
  registryKey,
  registryKeysOf,
  registrySignature,
} from './registry-keys.ts';
export {
  PUBLISH_TYPE,
  publishStatement,
  SLSA_V1_TYPE,
  SLSA_V02_TYPE,
  type StatementJson,
  slsaV1Statement,
  slsaV02Statement,
} from './statements.ts';
export type { TrustedPart, TrustedRootJson, TrustedRootRequest } from './trusted-root.ts';

/** One whole Sigstore. Two of the same name in a process share keys and authorities, not logs. */
export type Sigstore = {
  readonly name: string;
  readonly fulcio: Fulcio;
  readonly rekorV1: Rekor;
  readonly rekorV2: Rekor;
  readonly timestamps: TimestampAuthority;
  /** The keys of the registry that belongs to this world. */
  readonly registryKeys: RegistryKeys;
  readonly trustedRoot: (request?: TrustedRootRequest) => TrustedRootJson;
  readonly mintBundle: (request: BundleRequest) => BundleJson;
  /** `publishKey` is the key this world's registry signed with at that moment, unless said otherwise. */
  readonly mintAttestations: (
    request: Omit<AttestationsRequest, 'publishKey'> & Partial<Pick<AttestationsRequest, 'publishKey'>>,
  ) => AttestationsJson;
};

/** A Sigstore of that name. Use another name for an attacker's own: nothing trusts it. */
export function createSigstore(name = 'acme'): Sigstore {
  const parts = {
    name,
    fulcio: createFulcio(name),
    rekorV1: createRekorV1(name),
    rekorV2: createRekorV2(name),
    timestamps: createTimestampAuthority(name),
  };
  const registryKeys = registryKeysOf(name);
  return {
    ...parts,
    registryKeys,
    trustedRoot: (request) => trustedRootJson(parts, request),
    mintBundle: (request) => mintBundle(parts, request),
    mintAttestations: (request) =>
      mintAttestations(parts, { publishKey: keyAt(registryKeys, request.at), ...request }),
  };
}
