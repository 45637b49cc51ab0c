import { describe, it } from 'node:test';
import { publishAttestation } from '../../lib/checks/publish-attestation.ts';
import { aPublishAttestation, proved, without } from '../support/builders.ts';
import { assertAnswer, having } from './subjects.ts';

describe('publish-attestation', () => {
  it('passes an attestation whose log entry has no verified time, and tells none', () => {
    const subject = having({ publish: proved(without(aPublishAttestation(), 'loggedAt')) });
    assertAnswer(publishAttestation.ask(subject, { required: true }), 'pass', /SHA256:acme$/);
  });

  it('fails one signed by a person instead of the registry', () => {
    const reason = 'signed by a certificate, not by a registry key';
    const subject = having({ publish: { status: 'refuted', reason } });
    assertAnswer(publishAttestation.ask(subject, { required: true }), 'fail', /not by a registry key/);
  });
});
