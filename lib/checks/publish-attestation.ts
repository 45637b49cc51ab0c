/** Is the publish itself logged publicly, signed by the registry's key? */
import { defineCheck } from './define.ts';
import { askForProof } from './required-proof.ts';

/** Is there a publish attestation by a registry key for these bytes? */
export const publishAttestation = defineCheck({
  id: 'publish-attestation',
  question: "Is the publish itself logged publicly, signed by the registry's key?",
  about:
    'A registry that served different bytes to different people would have to show the swap in a public log. Only a registry ' +
    'key counts: a publish attestation signed by a person is refuted.',
  restsOn: 'proof',
  ask(subject, { required }) {
    return askForProof(subject, {
      proof: subject.evidence.publish,
      noun: 'publish attestation',
      required,
      excuse: 'the policy does not require one',
      proved: ({ keyid, loggedAt }) =>
        `publish attested with registry key ${keyid}${loggedAt === undefined ? '' : `, logged ${loggedAt}`}`,
      hint: 'Choose a version published with an attestation, or set required to false.',
    });
  },
});
