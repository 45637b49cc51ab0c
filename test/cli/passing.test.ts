/** What is npmsign's and what is the package manager's on one command line. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { splitPassed } from '../../lib/cli/passing.ts';
import { SHARED_FLAGS } from '../../lib/cli/shared-flags.ts';

const both = ['registry', 'offline'];
const split = (...args: readonly string[]) => splitPassed(args, { flags: SHARED_FLAGS, both });

describe('the arguments of a command that runs a package manager', () => {
  it('are npmsign’s where it has such a flag, the manager’s where it has none, and of both where both do', () => {
    assert.deepEqual(
      split('--policy', 'a.yaml', 'lodash', '-D', '--format=json', '--offline', '--no-lockfile'),
      {
        own: ['--policy', 'a.yaml', '--format=json', '--offline'],
        passed: ['lodash', '-D', '--offline', '--no-lockfile'],
      },
    );
  });

  for (const typo of ['--polcy', '--poilcy=a.yaml', '--formats', '--trusted-rot', '--evidense', '--Policy']) {
    it(`are refused where ${typo} would be passed on in the place of a flag of npmsign's`, () => {
      assert.throws(() => split(typo, 'a.yaml'), { code: 'UNKNOWN_FLAG', hint: /^Did you mean --/ });
      assert.deepEqual(split('--', typo), { own: [], passed: [typo] });
    });
  }

  it('are passed on where they are further away, or next to a flag the manager has too', () => {
    for (const arg of [
      '--force',
      '--frozen-lockfile',
      '--no-optional',
      '--ofline',
      '--registy',
      '-o',
      'policy',
    ])
      assert.deepEqual(split(arg), { own: [], passed: [arg] });
  });
});
