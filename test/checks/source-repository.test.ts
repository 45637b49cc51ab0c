import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sourceRepository } from '../../lib/checks/source-repository.ts';
import { assertAnswer, having, signedBy, signedWithout } from './subjects.ts';

const none = { allow: [], ids: [], ownerIds: [] };
const lib = { ...none, allow: ['https://github.com/acme/lib'] };

describe('source-repository', () => {
  const cases = [
    ['passes the allowed repository', 'https://github.com/acme/lib', lib.allow, 'pass'],
    ['refuses a name that only starts like it', 'https://github.com/acme/lib-evil', lib.allow, 'fail'],
    ['refuses a path below it', 'https://github.com/acme/lib/evil', lib.allow, 'fail'],
    ['refuses the same name on another host', 'https://github.com.evil.example/acme/lib', lib.allow, 'fail'],
    ['passes another case on GitHub', 'https://github.com/Acme/Lib', lib.allow, 'pass'],
    [
      'refuses another case where case counts',
      'https://git.example/Acme/Lib',
      ['https://git.example/acme/lib'],
      'fail',
    ],
    [
      'passes a repository of the owner by glob',
      'https://github.com/acme/lib',
      ['https://github.com/acme/*'],
      'pass',
    ],
    [
      'refuses an owner that only starts alike',
      'https://github.com/acme-evil/lib',
      ['https://github.com/acme/*'],
      'fail',
    ],
  ] as const;
  for (const [name, repository, allow, kind] of cases) {
    it(name, () =>
      assertAnswer(sourceRepository.ask(signedBy({ repository }), { ...none, allow }), kind, /^built from /),
    );
  }

  it('passes the pinned numbers, and refuses the same name under another number', () => {
    const pinned = { ...lib, ids: ['71995937'], ownerIds: ['4711'] };
    assertAnswer(sourceRepository.ask(having({}), pinned), 'pass', /acme\/lib/);
    assertAnswer(
      sourceRepository.ask(signedBy({ repositoryId: '1' }), pinned),
      'fail',
      /repository id is 1; allowed: 71995937/,
    );
    assertAnswer(
      sourceRepository.ask(signedBy({ ownerId: '1' }), pinned),
      'fail',
      /owner id is 1; allowed: 4711/,
    );
  });

  it('refuses the right number under another name', () => {
    const subject = signedBy({ repository: 'https://github.com/acme/other' });
    assertAnswer(
      sourceRepository.ask(subject, { ...lib, ids: ['71995937'] }),
      'fail',
      /acme\/other; allowed/,
    );
  });

  it('judges by numbers alone when only they are given', () => {
    assertAnswer(sourceRepository.ask(having({}), { ...none, ids: ['1', '71995937'] }), 'pass', /acme\/lib/);
    assertAnswer(sourceRepository.ask(having({}), { ...none, ownerIds: ['1'] }), 'fail', /owner id/);
  });

  it('refuses a certificate that does not carry what is asked', () => {
    assertAnswer(sourceRepository.ask(signedWithout('repository'), lib), 'fail', /names no repository/);
    assertAnswer(
      sourceRepository.ask(signedWithout('repositoryId'), { ...none, ids: ['1'] }),
      'fail',
      /no repository id/,
    );
  });

  it('refuses everything when nothing is named, and says what to name', () => {
    const answer = sourceRepository.ask(having({}), none);
    assertAnswer(answer, 'fail', /the policy allows none/);
    assert.match(answer.hint ?? '', /allow/);
  });
});
