/** Judges an attestation that arrives: does it hold, and is it about these very bytes? */
import { type TrustMaterial, verifyAttestations } from '../sigstore/index.ts';
import { parseIntegrity } from '../text/integrity.ts';
import { tame } from '../text/sanitize.ts';
import { settingsOf } from './options.ts';
import { kindOf, type Release, type StoredAttestation } from './records.ts';

/** Taken in, or refused for a reason that is safe to print. */
export type Judgement =
  | { readonly kind: 'accepted'; readonly attestation: StoredAttestation; readonly signer: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** An attestation, the release it came with, and whom it is traced back to. */
export type AttestationClaim = {
  readonly bundle: unknown;
  readonly release: Release;
  readonly trust: TrustMaterial;
};

/** Judges it as a consumer will. Never rejects: whatever it is given is accepted or refused. */
export async function judgeAttestation({ bundle, release, trust }: AttestationClaim): Promise<Judgement> {
  const predicateType = predicateTypeOf(bundle);
  if (predicateType === undefined) return refused('it is not a Sigstore bundle around an in-toto statement');
  const kind = kindOf(predicateType);
  if (kind === undefined)
    return refused(`this registry takes in no statements of type ${tame(predicateType, 200)}`);
  // No key signs for this registry's publishers, so no keys are given: a certificate must.
  const { provenance } = await verifyAttestations({
    id: release.id,
    integrity: parseIntegrity(release.integrity),
    response: { attestations: [{ predicateType, bundle }] },
    trust,
    keys: [],
  });
  const attestation = { predicateType, bundle };
  switch (provenance.status) {
    case 'proved': {
      const { repository, subject } = provenance.value.identity;
      return { kind: 'accepted', attestation, signer: tame(repository ?? subject, 200) };
    }
    case 'absent':
      // The bundle holds, and states something else than how the package was built.
      return kind === 'release'
        ? { kind: 'accepted', attestation, signer: 'a person or service' }
        : refused('it states no provenance');
    case 'refuted':
    case 'unavailable':
    case 'notApplicable':
      return refused(provenance.reason);
  }
}

/** What the statement says it is, before anything is verified: only to choose by what it will be judged. */
function predicateTypeOf(bundle: unknown): string | undefined {
  const payload = settingsOf(settingsOf(bundle)?.get('dsseEnvelope'))?.get('payload');
  if (typeof payload !== 'string') return undefined;
  try {
    const type = settingsOf(JSON.parse(Buffer.from(payload, 'base64').toString('utf8')))?.get(
      'predicateType',
    );
    return typeof type === 'string' ? type : undefined;
  } catch {
    return undefined; // Not JSON: no statement.
  }
}

function refused(reason: string): Judgement {
  return { kind: 'refused', reason };
}
