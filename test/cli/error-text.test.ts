/** Tests of what an error says. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { errorText } from '../../lib/cli/error-text.ts';
import { PolicyFileError, RegistryError, TreeError, UsageError } from '../../lib/errors.ts';

const QUIET = { verbose: false };

describe('an error npmsign knows', () => {
  it('says message, code and hint, and nothing else', () => {
    const error = new TreeError('LOCKFILE_MISSING', 'There is no lockfile.', {
      hint: 'Run npm install.',
      cause: new Error('secret cause'),
    });
    assert.deepEqual(errorText(error, QUIET), {
      text: 'npmsign: There is no lockfile. [LOCKFILE_MISSING]\n  Run npm install.\n',
      exitCode: 2,
    });
  });

  it('says each issue of a policy with its file and line', () => {
    const issues = [
      { path: 'checks.provenence', message: 'There is no such check.', file: '.npmsignrc', line: 3 },
      { path: 'extends', message: 'Unknown preset.' },
    ];
    const { text } = errorText(
      new PolicyFileError('POLICY_INVALID', 'Two things are wrong.', { issues }),
      QUIET,
    );
    assert.deepEqual(text.split('\n').slice(1, 3), [
      '  .npmsignrc:3 checks.provenence: There is no such check.',
      '  extends: Unknown preset.',
    ]);
  });

  it('says a single issue of a policy once: it is the message', () => {
    const message = '.npmsignrc:3: checks.provenence: There is no such check.';
    const issues = [
      { path: 'checks.provenence', message: 'There is no such check.', file: '.npmsignrc', line: 3 },
    ];
    const { text } = errorText(new PolicyFileError('POLICY_INVALID', message, { issues }), QUIET);
    assert.equal(text, `npmsign: ${message} [POLICY_INVALID]\n`);
  });

  it('has the exit code of its kind', () => {
    assert.equal(errorText(new UsageError('UNKNOWN_FLAG', ''), QUIET).exitCode, 2);
    assert.equal(errorText(new RegistryError('REGISTRY_UNREACHABLE', ''), QUIET).exitCode, 3);
  });

  it('is shown harmless', () => {
    const error = new TreeError('LOCKFILE_MALFORMED', 'entry \u001b[2Jx\n::error::y', { hint: 'a\u202eb' });
    const { text } = errorText(error, QUIET);
    assert.match(
      text,
      /^npmsign: entry \\u\{1b\}\[2Jx\\u\{a\}::error::y \[LOCKFILE_MALFORMED\]\n {2}a\\u\{202e\}b\n$/,
    );
  });
});

describe('anything else', () => {
  const token = `npm_${'a'.repeat(36)}`;

  it('is a bug, says so, and shows no stack', () => {
    const { text, exitCode } = errorText(new TypeError('x is not a function'), QUIET);
    assert.equal(exitCode, 70);
    assert.match(text, /this is a bug in npmsign.*\[BUG\]\n {2}TypeError: x is not a function\n/);
    assert.doesNotMatch(text, /\bat .*:\d+/);
  });

  it('shows its stack when asked to be verbose', () => {
    const { text } = errorText(new TypeError('x'), { verbose: true });
    assert.match(text, /\bat .*error-text\.test\.ts/);
  });

  for (const verbose of [false, true]) {
    it(`never shows a token, ${verbose ? 'verbose' : 'ordinary'}`, () => {
      const { text } = errorText(new Error(`token ${token} was refused`), { verbose });
      assert.equal(text.includes(token), false);
    });
  }

  for (const thrown of [undefined, null, 'text', 7, { toString: () => 'object' }]) {
    it(`may be ${String(thrown)}`, () => assert.equal(errorText(thrown, QUIET).exitCode, 70));
  }
});
