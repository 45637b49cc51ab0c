/** Identity checks read only verified provenance, and silence never means yes. */
import { describe, it } from 'node:test';
import type { Subject } from '../../lib/checks/define.ts';
import { checkOf } from '../../lib/checks/index.ts';
import type { Answer } from '../../lib/model/report.ts';
import { assertAnswer, from, having } from './subjects.ts';

const asks: readonly (readonly [string, (subject: Subject) => Answer])[] = [
  ['source-repository', (s) => checkOf('source-repository').ask(s, { allow: ['**'], ids: [], ownerIds: [] })],
  ['source-ref', (s) => checkOf('source-ref').ask(s, { allow: ['**'] })],
  ['build-workflow', (s) => checkOf('build-workflow').ask(s, { allow: ['**'], builders: [] })],
  ['build-trigger', (s) => checkOf('build-trigger').ask(s, { allow: ['*'], deny: [] })],
  ['build-runner', (s) => checkOf('build-runner').ask(s, {})],
  ['certificate-issuer', (s) => checkOf('certificate-issuer').ask(s, { allow: ['**'] })],
  ['signer-identity', (s) => checkOf('signer-identity').ask(s, { allow: ['**'] })],
];

for (const [name, ask] of asks) {
  describe(`${name}, allowing everybody`, () => {
    it('passes verified provenance', () => assertAnswer(ask(having({})), 'pass', /./));

    it('fails without provenance', () =>
      assertAnswer(ask(having({ provenance: { status: 'absent' } })), 'fail', /no verified provenance/));

    it('fails on refuted provenance, with its reason', () => {
      const subject = having({ provenance: { status: 'refuted', reason: 'a wrong signature' } });
      assertAnswer(ask(subject), 'fail', /a wrong signature/);
    });

    it('is unknown when provenance could not be asked for', () => {
      const subject = having({ provenance: { status: 'unavailable', reason: 'timed out' } });
      assertAnswer(ask(subject), 'unknown', /timed out/);
    });

    it('fails for git, remote, file and bundled packages, which nobody signs', () => {
      for (const kind of ['git', 'remote', 'file', 'bundled'] as const) {
        assertAnswer(ask(from(kind)), 'fail', /no verified provenance/);
      }
    });

    it('skips only the project’s own code', () => {
      assertAnswer(ask(from('workspace')), 'skip', /own code/);
      assertAnswer(ask(from('link')), 'skip', /own code/);
    });
  });
}
