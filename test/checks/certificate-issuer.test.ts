import { describe, it } from 'node:test';
import { certificateIssuer } from '../../lib/checks/certificate-issuer.ts';
import { assertAnswer, having, signedBy } from './subjects.ts';

const GITHUB = 'https://token.actions.githubusercontent.com';

describe('certificate-issuer', () => {
  for (const [name, issuer, kind] of [
    ['passes the accepted issuer', GITHUB, 'pass'],
    ['refuses another issuer', 'https://gitlab.com', 'fail'],
    ['refuses an issuer that only starts alike', `${GITHUB}.evil.example`, 'fail'],
    ['refuses a path below it', `${GITHUB}/evil`, 'fail'],
  ] as const) {
    it(name, () =>
      assertAnswer(
        certificateIssuer.ask(signedBy({ issuer }), { allow: [GITHUB] }),
        kind,
        /^vouched for by /,
      ),
    );
  }

  it('refuses everything when nothing is named', () =>
    assertAnswer(certificateIssuer.ask(having({}), { allow: [] }), 'fail', /the policy allows none/));
});
