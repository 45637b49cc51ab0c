/** Registry signature, publish attestation and provenance answer alike about presence and absence. */
import { describe, it } from 'node:test';
import { provenance } from '../../lib/checks/provenance.ts';
import { publishAttestation } from '../../lib/checks/publish-attestation.ts';
import { registrySignature } from '../../lib/checks/registry-signature.ts';
import type { Evidence } from '../../lib/model/evidence.ts';
import { anEvidence, aPackage, aSubject } from '../support/builders.ts';
import { assertAnswer, from, having } from './subjects.ts';

const cases = [
  ['registry-signature', registrySignature, 'signature', /registry key SHA256:acme/],
  ['publish-attestation', publishAttestation, 'publish', /registry key SHA256:acme, logged 2026-10-23/],
  ['provenance', provenance, 'provenance', /built from https:\/\/github\.com\/acme\/lib by https/],
] as const;

for (const [name, check, fact, words] of cases) {
  const unproved = (proof: Exclude<Evidence['signature'], { status: 'proved' }>) => having({ [fact]: proof });
  describe(name, () => {
    it('passes what is proved, and says by whom', () =>
      assertAnswer(check.ask(having({}), { required: true }), 'pass', words));

    it('fails what is refuted, required or not, with the reason', () => {
      const subject = unproved({ status: 'refuted', reason: 'stripped: announced and not served' });
      assertAnswer(check.ask(subject, { required: true }), 'fail', /stripped/);
      assertAnswer(check.ask(subject, { required: false }), 'fail', /stripped/);
    });

    it('fails what is absent only where it is required', () => {
      const subject = unproved({ status: 'absent' });
      assertAnswer(check.ask(subject, { required: true }), 'fail', /the registry has no /);
      assertAnswer(
        check.ask(subject, { required: false }),
        'pass',
        /the registry has no .*; the policy does not/,
      );
    });

    it('counts a registry without keys as not covered: the policy decides', () => {
      const subject = unproved({ status: 'notApplicable', reason: 'the registry publishes no keys' });
      assertAnswer(check.ask(subject, { required: true }), 'fail', /no keys/);
      assertAnswer(check.ask(subject, { required: false }), 'pass', /no keys; /);
    });

    it('is unknown when the registry could not be asked, required or not', () => {
      const subject = unproved({ status: 'unavailable', reason: 'timed out' });
      assertAnswer(check.ask(subject, { required: true }), 'unknown', /timed out/);
      assertAnswer(check.ask(subject, { required: false }), 'unknown', /timed out/);
    });

    it('skips the project’s own code and what lies in another tarball', () => {
      assertAnswer(check.ask(from('workspace'), { required: true }), 'skip', /own code/);
      assertAnswer(check.ask(from('link'), { required: true }), 'skip', /own code/);
      assertAnswer(
        check.ask(from('bundled'), { required: true }),
        'skip',
        /inside the tarball of node_modules\/outer/,
      );
    });

    it('fails what comes from no registry where it is required, and skips it otherwise', () => {
      for (const kind of ['git', 'remote', 'file'] as const) {
        assertAnswer(check.ask(from(kind), { required: true }), 'fail', / has no /);
        assertAnswer(check.ask(from(kind), { required: false }), 'skip', / has no .*; the policy/);
      }
    });

    it('fails refuted evidence about a package from no registry too', () => {
      const pkg = aPackage({ source: { kind: 'git', resolved: 'git+ssh://git@git.example/a.git#0' } });
      const refuted = { [fact]: { status: 'refuted', reason: 'a wrong signature' } };
      const subject = aSubject({ package: pkg, evidence: anEvidence(refuted, pkg) });
      assertAnswer(check.ask(subject, { required: false }), 'fail', /a wrong signature/);
    });
  });
}
