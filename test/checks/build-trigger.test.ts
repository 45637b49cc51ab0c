import { describe, it } from 'node:test';
import { buildTrigger } from '../../lib/checks/build-trigger.ts';
import { assertAnswer, having, signedBy, signedWithout } from './subjects.ts';

describe('build-trigger', () => {
  const cases = [
    ['passes an allowed event', 'push', ['push', 'release'], [], 'pass'],
    ['refuses a comment by a stranger', 'issue_comment', ['push', 'release'], [], 'fail'],
    ['refuses an event that only starts alike', 'push_evil', ['push'], [], 'fail'],
    [
      'refuses a denied event even where a glob allows it',
      'pull_request_target',
      ['*'],
      ['pull_request_target'],
      'fail',
    ],
    ['passes what is not denied, with deny alone', 'workflow_dispatch', [], ['pull_request_target'], 'pass'],
    ['refuses what is denied by glob', 'pull_request_target', [], ['pull_request*'], 'fail'],
  ] as const;
  for (const [name, trigger, allow, deny, kind] of cases) {
    it(name, () =>
      assertAnswer(buildTrigger.ask(signedBy({ trigger }), { allow, deny }), kind, /^started by /),
    );
  }

  it('refuses a certificate that names no event, with deny alone too', () => {
    const options = { allow: [], deny: ['pull_request_target'] };
    assertAnswer(buildTrigger.ask(having({}), options), 'pass', /started by push/);
    assertAnswer(buildTrigger.ask(signedWithout('trigger'), options), 'fail', /names no event/);
  });

  it('refuses everything when nothing is named', () =>
    assertAnswer(buildTrigger.ask(having({}), { allow: [], deny: [] }), 'fail', /the policy allows none/));
});
