import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { redact, tame, visible } from '../../lib/text/sanitize.ts';

describe('visible', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['a newline cannot start a line of its own', 'a\n::error::b', 'a\\u{a}::error::b'],
    ['a terminal escape is shown, not obeyed', '\u001b[31mred', '\\u{1b}[31mred'],
    ['a C1 control is shown', 'a\u009b31m', 'a\\u{9b}31m'],
    ['a right-to-left override is shown', 'a\u202egpj.exe', 'a\\u{202e}gpj.exe'],
    ['a zero-width space is shown', 'lo\u200bdash', 'lo\\u{200b}dash'],
    ['a tag character is shown', 'a\u{e0041}', 'a\\u{e0041}'],
    ['half a surrogate pair is shown', 'a\ud800', 'a\\u{d800}'],
    ['a line separator is shown', 'a\u2028b', 'a\\u{2028}b'],
    ['letters of any script stay', 'Ünïcode 日本 😀', 'Ünïcode 日本 😀'],
  ];
  for (const [title, text, shown] of cases) it(title, () => assert.equal(visible(text), shown));
});

describe('redact', () => {
  const token = `npm_${'a1'.repeat(18)}`;
  const cases: readonly (readonly [string, string, string])[] = [
    ['user and password in a URL', 'https://user:secret@npm.example/x', 'https://***@npm.example/x'],
    ['a password with an at-sign', 'https://user:se@cret@npm.example/x', 'https://***@npm.example/x'],
    ['an npm token', `token ${token}.`, 'token ***.'],
    ['a GitHub token', `ghs_${'x'.repeat(36)}`, '***'],
    ['a JSON Web Token', `eyJhbGciOiJub25l.eyJzdWIiOiIxIn0.c2ln end`, '*** end'],
    ['a torn JSON Web Token', 'eyJhbGciOiJub25lIn0', '***'],
    ['an authorization header', 'authorization: Bearer abcdefgh12345', 'authorization: Bearer ***'],
    ['an npmrc line', '//npm.example/:_authToken=hunter2', '//npm.example/:_authToken=***'],
    ['the same in JSON', '"_authToken": "hunter2"', '"_authToken": "***"'],
    [
      'a token in a query',
      'https://npm.example/?a=1&token=hunter2&b=2',
      'https://npm.example/?a=1&token=***&b=2',
    ],
  ];
  for (const [title, text, shown] of cases) it(`hides ${title}`, () => assert.equal(redact(text), shown));

  const harmless = [
    'https://npm.example/@acme/lib/-/lib-1.0.0.tgz',
    'basic auth',
    'npm_config_registry',
    'a@b.example',
  ];
  for (const text of harmless) it(`leaves ${text}`, () => assert.equal(redact(text), text));
});

describe('tame', () => {
  it('keeps what is short', () => assert.equal(tame('left-pad@1.3.0'), 'left-pad@1.3.0'));
  it('cuts at the limit and says so', () => assert.equal(tame('abcdef', 4), 'abc…'));
  it('never cuts a character in half', () => assert.equal(tame('ab😀cd', 4), 'ab…'));
  it('breaks commands that a workflow runner obeys in the middle of a line', () => {
    assert.equal(tame('a ##[add-mask]b'), 'a \\u{23}#[add-mask]b');
    assert.equal(tame('#\u034f#vso[x]'), '\\u{23}\u034f#vso[x]');
    assert.equal(tame('a #1 #2'), 'a #1 #2');
  });
  it('looks at no more than the beginning of a very long text', () => {
    for (const piece of ['a.', 'eyJ-', 'bearer ', 'https://', '\u202e']) {
      assert.ok(tame(piece.repeat(2_000_000)).length <= 500);
    }
  });
});
