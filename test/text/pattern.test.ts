import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { matchesGlob, matchesPackage, matchesPackages, matchesRepository } from '../../lib/text/pattern.ts';
import { globFault, packagePatternFault } from '../../lib/text/pattern-fault.ts';

describe('matchesGlob', () => {
  /** Glob, texts it matches, texts one step away it does not match. */
  const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    [
      'https://github.com/acme/lib',
      ['https://github.com/acme/lib'],
      ['https://github.com/acme/lib-evil', 'https://github.com/acme/li'],
    ],
    [
      'https://github.com/acme/*',
      ['https://github.com/acme/lib'],
      [
        'https://github.com/acme/lib/x',
        'https://github.com/acme-evil/lib',
        'https://github.com/acme/lib/',
        'https://github.com//acme/lib',
        'xhttps://github.com/acme/lib',
      ],
    ],
    [
      'https://github.com/**',
      ['https://github.com/acme/lib', 'https://github.com/acme/lib/x'],
      ['https://github.example/acme/lib', 'http://github.com/acme'],
    ],
    ['https:/github.com/*/*', [], ['https://github.com/acme/lib']],
    [
      'refs/tags/v*',
      ['refs/tags/v1.0.0', 'refs/tags/v'],
      ['refs/tags/v1/evil', 'refs/heads/v1', 'refs/tags/x/v1'],
    ],
    [
      'refs/tags/**',
      ['refs/tags/a', 'refs/tags/a/b'],
      ['refs/tags', 'refs/tagsx/a', 'refs/tags/../heads/main'],
    ],
    ['**', ['', 'a', '@acme/lib', 'x'.repeat(10_000)], []],
    ['*', ['lib', '.lib', '#lib', '!lib'], ['@acme/lib', '', '..']],
    ['v?', ['v1'], ['v', 'v12', 'v/']],
    [
      '49699333+dependabot[bot]@*',
      ['49699333+dependabot[bot]@users.example'],
      ['49699333+dependabotb@users.example'],
    ],
    ['a{b,c}*', ['a{b,c}d'], ['ab', 'ac']],
    ['+(a)*', ['+(a)'], ['a', 'aa']],
    ['!a*', ['!ab'], ['b']],
    ['#a*', ['#a'], ['a']],
    ['a\\*', ['a\\b'], ['a*', 'ab']],
    ['A*', ['Ab'], ['ab']],
    ['*/\u0000', [], ['a']],
  ];
  for (const [glob, matching, others] of cases) {
    it(`${JSON.stringify(glob)} matches ${matching.length} texts and not their neighbours`, () => {
      for (const text of matching) assert.ok(matchesGlob(text, glob), text);
      for (const text of others) assert.ok(!matchesGlob(text, glob), text);
    });
  }

  it('many wildcards cost no time', () => {
    assert.ok(!matchesGlob(`${'a'.repeat(4000)}b`, '*a'.repeat(500)));
    assert.ok(!matchesGlob(`${'a/'.repeat(2000)}b`, `${'**/a/'.repeat(200)}c`));
  });
});

describe('matchesRepository', () => {
  it('ignores case on hosts where names ignore case', () => {
    assert.ok(matchesRepository('https://github.com/Acme/LIB', 'https://github.com/acme/lib'));
    assert.ok(matchesRepository('https://gitlab.com/Acme/LIB', 'https://GitLab.com/acme/*'));
  });
  it('and nowhere else', () => {
    assert.ok(!matchesRepository('https://git.example/Acme/lib', 'https://git.example/acme/lib'));
    assert.ok(!matchesRepository('https://github.com.example/Acme', 'https://github.com.example/acme'));
    assert.ok(!matchesRepository('http://github.com/Acme/lib', 'http://github.com/acme/lib'));
  });
});

describe('matchesPackage', () => {
  const id = { name: '@acme/lib', version: '1.2.3' };
  for (const pattern of [
    '@acme/lib',
    '@acme/*',
    '**',
    '@acme/lib@1.2.3',
    '@acme/lib@^1.0.0',
    '@acme/*@<2',
    '@*/lib',
  ]) {
    it(`${pattern} names @acme/lib@1.2.3`, () => assert.ok(matchesPackage(id, pattern)));
  }
  for (const pattern of [
    '@acme/lib2',
    'lib',
    '*',
    '@acme/lib@1.2.4',
    '@acme/lib@^2',
    '@acme/lib@latest',
    '@ACME/lib',
  ]) {
    it(`${pattern} does not`, () => assert.ok(!matchesPackage(id, pattern)));
  }
  it('a range counts prereleases inside it, and only those', () => {
    assert.ok(matchesPackage({ name: 'a', version: '2.0.0-rc.1' }, 'a@>=1'));
    assert.ok(!matchesPackage({ name: 'a', version: '2.0.0-rc.1' }, 'a@^1'));
  });
  it('in a list the last pattern that matches decides, and ! excludes', () => {
    assert.ok(matchesPackages(id, ['@acme/*']));
    assert.ok(!matchesPackages(id, ['@acme/*', '!@acme/lib']));
    assert.ok(matchesPackages(id, ['@acme/*', '!@acme/lib', '@acme/lib@1']));
    assert.ok(!matchesPackages(id, ['!@acme/other']));
  });
});

describe('globFault', () => {
  it('finds nothing wrong with exact text and simple globs', () => {
    for (const glob of [
      'push',
      'refs/tags/**',
      'https://github.com/acme/*',
      '*[bot]@users.example',
      'a (b)',
      'a{1}',
    ]) {
      assert.equal(globFault(glob), undefined, glob);
    }
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy spells variables so
    assert.equal(globFault('refs/tags/${name}@${version}', ['name', 'version']), undefined);
  });
  const cases: readonly (readonly [string, RegExp])[] = [
    ['', /is empty/],
    ['x'.repeat(1025), /is longer than 1024 characters/],
    ['push ', /blank at its end/],
    ['pu\u200bsh', /invisible character/],
    ['!push', /starts with "!"/],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy spells variables so
    ['refs/tags/v${version}', /has a variable; known here: none/],
    ['{push,release}', /alternatives/],
    ['@(push|release)', /alternatives/],
    ['refs/tags**', /stands alone between slashes/],
  ];
  for (const [glob, fault] of cases) {
    it(`${JSON.stringify(glob.slice(0, 30))} ${fault.source}`, () =>
      assert.match(String(globFault(glob)), fault));
  }
  it('a variable that is not known is a fault', () =>
    assert.match(
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy spells variables so
      String(globFault('v${vresion}', ['name', 'version'])),
      /known here: \$\{name\}, \$\{version\}/,
    ));
});

describe('packagePatternFault', () => {
  it('finds nothing wrong with names, globs and ranges', () => {
    for (const pattern of [
      'lodash',
      '@acme/*',
      '**',
      '*',
      '@acme/lib@1.2.3',
      'a@^1 || >=3 <4',
      'JSONStream',
    ]) {
      assert.equal(packagePatternFault(pattern), undefined, pattern);
    }
  });
  for (const pattern of [
    '',
    '@',
    'a b',
    'a/b',
    '@acme',
    'a@',
    'a@latest',
    'a@npm:b@1',
    '!a',
    '../a',
    '__proto__',
  ]) {
    it(`${JSON.stringify(pattern)} can match nothing`, () => assert.ok(packagePatternFault(pattern)));
  }
});
