import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { repositoryUrlOf } from '../../lib/checks/repository-url.ts';

const LIB = 'https://github.com/acme/lib';

describe('repositoryUrlOf', () => {
  for (const written of [
    'https://github.com/acme/lib',
    'http://www.github.com/acme/lib/',
    'git+https://github.com/acme/lib.git',
    'git+https://token@github.com/acme/lib.git',
    'git://github.com/acme/lib.git',
    'git+ssh://git@github.com/acme/lib.git',
    'ssh://git@github.com:22/acme/lib.git',
    'git@github.com:acme/lib.git',
    'github:acme/lib',
    'github:acme/lib#main',
    'acme/lib',
    'https://github.com/acme/lib.git#readme',
    'https://github.com/acme/lib/tree/main/packages/lib',
    '  https://github.com/acme/lib  ',
  ]) {
    it(`reads ${written}`, () => assert.equal(repositoryUrlOf(written), LIB));
  }

  it('reads GitLab groups, other hosts and ports', () => {
    assert.equal(repositoryUrlOf('gitlab:group/sub/lib'), 'https://gitlab.com/group/sub/lib');
    assert.equal(repositoryUrlOf('https://gitlab.com/g/s/lib/-/tree/main/x'), 'https://gitlab.com/g/s/lib');
    assert.equal(repositoryUrlOf('https://git.example:8443/acme/lib'), 'https://git.example:8443/acme/lib');
    assert.equal(repositoryUrlOf('bitbucket:acme/lib'), 'https://bitbucket.org/acme/lib');
  });

  it('takes a host disguised as credentials for what it is', () =>
    assert.equal(
      repositoryUrlOf('https://github.com@evil.example/acme/lib'),
      'https://evil.example/acme/lib',
    ));

  for (const written of [
    '',
    'lib',
    'gist:0123',
    'file:///etc/passwd',
    'javascript:alert(1)/x',
    'https://github.com/',
    'https://github.com/acme',
    'https://github.com/**',
    'https://github.com/acme/*',
    'github:acme/*',
  ]) {
    it(`reads nothing out of ${JSON.stringify(written)}`, () =>
      assert.equal(repositoryUrlOf(written), undefined));
  }
});
