import { describe, it } from 'node:test';
import { signerIdentity } from '../../lib/checks/signer-identity.ts';
import { assertAnswer, having, signedBy } from './subjects.ts';

const WORKFLOW = 'https://github.com/acme/lib/.github/workflows/release.yml';

describe('signer-identity', () => {
  const cases = [
    [
      'passes the exact workflow at its tag',
      `${WORKFLOW}@refs/tags/v1.2.3`,
      `${WORKFLOW}@refs/tags/v1.2.3`,
      'pass',
    ],
    ['refuses a pattern without the ref: it is no prefix', `${WORKFLOW}@refs/tags/v1.2.3`, WORKFLOW, 'fail'],
    ['passes any tag by glob', `${WORKFLOW}@refs/tags/v1.2.3`, `${WORKFLOW}@refs/tags/*`, 'pass'],
    [
      'refuses a branch under the glob for tags',
      `${WORKFLOW}@refs/heads/evil`,
      `${WORKFLOW}@refs/tags/*`,
      'fail',
    ],
    ['passes an e-mail address', 'release@acme.example', 'release@acme.example', 'pass'],
    ['refuses an address in a longer domain', 'release@acme.example.evil.example', '*@acme.example', 'fail'],
  ] as const;
  for (const [name, subject, pattern, kind] of cases) {
    it(name, () =>
      assertAnswer(signerIdentity.ask(signedBy({ subject }), { allow: [pattern] }), kind, /^signed by /),
    );
  }

  it('refuses everybody when nobody is named', () =>
    assertAnswer(signerIdentity.ask(having({}), { allow: [] }), 'fail', /allows nobody/));
});
