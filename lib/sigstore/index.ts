/** The front door of the room that proves: trust roots, signatures, bundles and attestations. */
export type { BundleArtifact } from './artifact.ts';
export { type Attestation, type AttestRequest, attest, type SignedBundle } from './attest.ts';
export { type AttestationProofs, type AttestationQuestion, verifyAttestations } from './attestations.ts';
export { type BundleOutcome, type BundleQuestion, type ExpectedSigner, judgeBundle } from './bundle-file.ts';
export { verifyOnThisThread } from './crypto.ts';
export type { FaultCode } from './fault.ts';
export { type IdentityToken, parseIdentityToken } from './identity-token.ts';
export { type KeyUsage, parseRegistryKeys, type RegistryKey } from './registry-keys.ts';
export { type SignatureQuestion, verifyRegistrySignature } from './registry-signature.ts';
export { type SigningServices, signingServices } from './signing-config.ts';
export { type AskService, fetchAnswer, posted, type ServiceAnswer } from './signing-service.ts';
export { openTrust, type Trust, type TrustRequest } from './trust-root.ts';
export { parseTrustedRoot, type TrustMaterial } from './trusted-root.ts';
export {
  type BundleOptions,
  type BundleResult,
  type BundleThresholds,
  type SignedContent,
  type Signer,
  verifyBundle,
} from './verify-bundle.ts';
