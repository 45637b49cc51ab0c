/** Every check there is, in report order. */
import type { CheckId } from '../model/policy.ts';
import { buildRunner } from './build-runner.ts';
import { buildTrigger } from './build-trigger.ts';
import { buildWorkflow } from './build-workflow.ts';
import { certificateIssuer } from './certificate-issuer.ts';
import { declaredRepository } from './declared-repository.ts';
import type { Check } from './define.ts';
import { installScript } from './install-script.ts';
import { lockedSigner } from './locked-signer.ts';
import { lockfileIntegrity } from './lockfile-integrity.ts';
import { lockfileResolved } from './lockfile-resolved.ts';
import { minimumAge } from './minimum-age.ts';
import { packageSource } from './package-source.ts';
import { provenance } from './provenance.ts';
import { provenanceRegression } from './provenance-regression.ts';
import { publishAttestation } from './publish-attestation.ts';
import { registrySignature } from './registry-signature.ts';
import { reservedBin } from './reserved-bin.ts';
import { signerIdentity } from './signer-identity.ts';
import { sourceRef } from './source-ref.ts';
import { sourceRepository } from './source-repository.ts';

export { type Check, defineCheck, fail, pass, type Subject, skip, unknown } from './define.ts';
export { repositoryUrlOf } from './repository-url.ts';

type Checks = { readonly [Id in CheckId]: Check<Id> };

/** Any one of the checks, tied to its own options. */
export type AnyCheck = Checks[CheckId];

// The order of SPEC 3. A check that is missing here does not compile, and neither does one under another's name.
const BY_ID: Checks = {
  'lockfile-integrity': lockfileIntegrity,
  'lockfile-resolved': lockfileResolved,
  'package-source': packageSource,
  'install-script': installScript,
  'reserved-bin': reservedBin,
  'registry-signature': registrySignature,
  'publish-attestation': publishAttestation,
  provenance,
  'source-repository': sourceRepository,
  'source-ref': sourceRef,
  'build-workflow': buildWorkflow,
  'build-trigger': buildTrigger,
  'build-runner': buildRunner,
  'certificate-issuer': certificateIssuer,
  'signer-identity': signerIdentity,
  'declared-repository': declaredRepository,
  'minimum-age': minimumAge,
  'provenance-regression': provenanceRegression,
  'locked-signer': lockedSigner,
};

/** All checks, in report order. */
export const checks: readonly AnyCheck[] = Object.values(BY_ID);

/** The check of that name, tied to its own options. */
export function checkOf<Id extends CheckId>(id: Id): Check<Id> {
  return BY_ID[id];
}
