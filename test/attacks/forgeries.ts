/** Attestations that are not what they seem: each one step away from what the registry serves. */
import type { Identity } from '../../lib/model/evidence.ts';
import { anIdentity } from '../support/builders.ts';
import { publicRegistry } from '../support/public-registry.ts';
import type { Misbehaviour, Published } from '../support/registry/index.ts';
import {
  type AttestationsJson,
  type BundleJson,
  type BundleSigner,
  identityFor,
  keyAt,
  publishStatement,
  type Sigstore,
  slsaV1Statement,
} from '../support/sigstore/index.ts';

/** A person's certificate, which anybody with an e-mail address gets. */
const PERSON: Identity = {
  issuer: 'https://accounts.example',
  subject: 'mallory@evil.example',
};

/** What the registry serves as attestations, altered. */
export function alteredAttestations(
  edit: (attestations: AttestationsJson['attestations'], published: Published) => void,
): Misbehaviour {
  return {
    kind: 'edit',
    edit(published) {
      if (published.attestations === undefined) throw new Error('nothing attested, nothing to forge');
      edit(published.attestations.attestations, published);
    },
  };
}

/** The right shape and the right certificate; the signature is of other bytes. */
export const wrongSignature = alteredAttestations((attestations) => {
  for (const { bundle } of attestations) flipSignature(bundle);
});

/** The publish attestation, word for word, signed by a person's certificate. */
export function publishedByPerson(sigstore: Sigstore): Misbehaviour {
  return alteredAttestations((attestations, published) => {
    const statement = publishStatement(statedOf(published), publicRegistry());
    attestations[0] = attestationOf(sigstore, statement, { identity: PERSON }, published);
  });
}

/** Build provenance, word for word, signed with the registry's own key. */
export function builtByRegistry(sigstore: Sigstore): Misbehaviour {
  return alteredAttestations((attestations, published) => {
    const statement = slsaV1Statement(statedOf(published), identityFor(published));
    const registryKey = keyAt(sigstore.registryKeys, published.publishedAt);
    attestations[1] = attestationOf(sigstore, statement, { registryKey }, published);
  });
}

/** The good provenance, and beside it one about other bytes. */
export function secondProvenance(sigstore: Sigstore): Misbehaviour {
  return alteredAttestations((attestations, published) => {
    const other = { ...statedOf(published), sha512: 'ab'.repeat(64) };
    const identity = anIdentity();
    attestations.push(attestationOf(sigstore, slsaV1Statement(other, identity), { identity }, published));
  });
}

type Statement = { readonly predicateType: string };

function attestationOf(
  sigstore: Sigstore,
  statement: Statement,
  signer: BundleSigner,
  { publishedAt }: Published,
): AttestationsJson['attestations'][number] {
  const bundle = sigstore.mintBundle({ statement, signer, at: publishedAt });
  return { predicateType: statement.predicateType, bundle };
}

function statedOf({ name, version, manifest }: Published) {
  const integrity = manifest.dist.integrity ?? '';
  const sha512 = Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex');
  return { name, version, sha512 };
}

function flipSignature({ dsseEnvelope }: BundleJson): void {
  const [first] = dsseEnvelope?.signatures ?? [];
  if (first === undefined) throw new Error('an envelope has a signature');
  const bytes = Buffer.from(first.sig, 'base64');
  const last = bytes.length - 1;
  bytes[last] = (bytes[last] ?? 0) ^ 1;
  first.sig = bytes.toString('base64');
}
