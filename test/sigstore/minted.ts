/** A minted Sigstore with one ordinary bundle, and how to alter it one step at a time. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  type BundleOptions,
  type BundleResult,
  type FaultCode,
  parseRegistryKeys,
  parseTrustedRoot,
  type TrustMaterial,
  verifyBundle,
} from '../../lib/sigstore/index.ts';
import { anIdentity } from '../support/builders.ts';
import {
  type BundleJson,
  createSigstore,
  keysTargetJson,
  type TrustedRootRequest,
} from '../support/sigstore/index.ts';

/** The trusted Sigstore. */
export const sigstore = createSigstore();
/** What it is trusted by. */
export const trust = parseTrustedRoot(sigstore.trustedRoot());
/** Its registry's keys. */
export const keys = parseRegistryKeys(keysTargetJson(sigstore.registryKeys.all));
/** When everything happens. */
export const at = new Date('2026-10-23T12:00:00Z');
/** The ordinary identity. */
export const identity = anIdentity();
/** Signs with a certificate for that identity. */
export const byCertificate = { identity };
/** Signs with the registry's key. */
export const byRegistry = { registryKey: sigstore.registryKeys.current };
/** What the ordinary statement is about. */
export const artifact = Buffer.from('the artifact');
/** Digests in lower-case hex. */
export const sha256Hex = (bytes: Uint8Array | string): string =>
  createHash('sha256').update(bytes).digest('hex');
/** The ordinary statement. */
export const statement = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'the artifact', digest: { sha256: sha256Hex(artifact) } }],
  predicateType: 'https://example.test/predicate',
  predicate: {},
};
/** The ordinary bundle. */
export const minted = sigstore.mintBundle({ statement, signer: byCertificate, at });

/** Verifies it with the registry's keys at hand. */
export function judge(
  bundle: unknown,
  options: BundleOptions = {},
  material: TrustMaterial = trust,
): Promise<BundleResult> {
  return verifyBundle(bundle, material, { registryKeys: keys, ...options });
}

/** The fault, or `accepted`. */
export function codeOf(result: BundleResult): FaultCode | 'accepted' {
  return result.ok ? 'accepted' : result.code;
}

/** A copy with a change; of the ordinary bundle unless told otherwise. */
export function altered(change: (bundle: BundleJson) => void, of: BundleJson = minted): BundleJson {
  const copy = structuredClone(of);
  change(copy);
  return copy;
}

/** The bundle's only log entry. */
export function entryOf(bundle: BundleJson): BundleJson['verificationMaterial']['tlogEntries'][number] {
  const [entry] = bundle.verificationMaterial.tlogEntries;
  assert.ok(entry !== undefined);
  return entry;
}

/** That entry's inclusion proof. */
export function proofOf(bundle: BundleJson) {
  const proof = entryOf(bundle).inclusionProof;
  assert.ok(proof !== undefined && proof !== null);
  return proof;
}

/** The bundle's envelope. */
export function envelopeOf(bundle: BundleJson) {
  assert.ok(bundle.dsseEnvelope !== undefined);
  return bundle.dsseEnvelope;
}

/** The same bytes but for the very last bit. */
export function flipped(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  const last = bytes.length - 1;
  bytes[last] = (bytes[last] ?? 0) ^ 1;
  return bytes.toString('base64');
}

/** The trusted Sigstore, with something taken away. */
export function trusting(request: TrustedRootRequest): TrustMaterial {
  return parseTrustedRoot(sigstore.trustedRoot(request));
}
