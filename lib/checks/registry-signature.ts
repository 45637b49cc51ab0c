/** Did the registry sign exactly the bytes this lockfile pins? */
import type { RegistrySignature } from '../model/evidence.ts';
import { defineCheck } from './define.ts';
import { askForProof } from './required-proof.ts';

/** Is there a registry signature over `name@version:integrity`, with the lockfile's integrity? */
export const registrySignature = defineCheck({
  id: 'registry-signature',
  question: 'Did the registry sign exactly these bytes, with a key valid at publish time?',
  about:
    'Detects a tarball swapped after publish, on a mirror, in transit or in the lockfile: the signature is checked against the ' +
    "lockfile's own hash. Without a log entry the publish time is told by the registry, and the answer says so. A registry " +
    'without signatures fails where they are required and passes, said aloud, where they are not.',
  restsOn: 'proof',
  ask(subject, { required }) {
    return askForProof(subject, {
      proof: subject.evidence.signature,
      noun: 'registry signature',
      required,
      excuse: 'the policy does not require one',
      proved: signedWords,
      hint: 'Choose a version the registry signed, or exempt this one with a reason and a date.',
    });
  },
});

function signedWords({ keyid, timeFrom }: RegistrySignature): string {
  switch (timeFrom) {
    case 'log':
      return `signed with registry key ${keyid}, valid at the logged publish time`;
    case 'told':
      return `signed with registry key ${keyid}, valid at the publish time the registry tells`;
    case 'unknown':
      return `signed with registry key ${keyid}, whose expiry no publish time was held against`;
  }
}
