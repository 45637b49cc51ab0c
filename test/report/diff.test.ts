/** What a reviewer reads about a change of dependencies. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type RenderStyle, renderDiff } from '../../lib/report/index.ts';
import { aBare, aDiff, anEventfulDiff, aSigned } from './a-diff.ts';
import { assertGolden } from './golden.ts';

const STYLE: RenderStyle = { color: false, verbose: false, quiet: false };

describe('a rendered diff', () => {
  it('reads like a review at a terminal', () =>
    assertGolden(renderDiff(anEventfulDiff(), 'pretty', STYLE), 'diff.txt'));

  it('is a good comment on a pull request', () =>
    assertGolden(renderDiff(anEventfulDiff(), 'markdown', STYLE), 'diff.md'));

  it('is one JSON document', () => assertGolden(renderDiff(anEventfulDiff(), 'json', STYLE), 'diff.json'));

  it('is calm about an update by the same signers', () => {
    const diff = aDiff([aSigned('a', '1.0.0')], [aSigned('a', '1.1.0')]);
    assert.equal(
      renderDiff(diff, 'pretty', STYLE),
      [
        '✔ 1 package changed (1 updated); nothing about who signs them got worse',
        '  HEAD:package-lock.json → package-lock.json',
        '',
        'Updated by the same signer · 1 package',
        '  a 1.0.0 → 1.1.0',
        '',
      ].join('\n'),
    );
  });

  it('says that nothing changed, and says nothing at all when it is quiet', () => {
    const diff = aDiff([aSigned('a', '1.0.0')], [aSigned('a', '1.0.0')]);
    assert.match(renderDiff(diff, 'pretty', STYLE), /^✔ no dependency changed\n/);
    assert.equal(renderDiff(diff, 'pretty', { ...STYLE, quiet: true }), '');
    assert.match(renderDiff(diff, 'markdown', STYLE), /no dependency changed/);
  });

  it('tells once what is the same for many packages, and names them', () => {
    const names = Array.from({ length: 12 }, (_, index) => `part-${10 + index}`);
    const stripped = { signature: { status: 'refuted', reason: 'stripped' } } as const;
    const text = renderDiff(
      aDiff(
        [],
        names.map((name) => aSigned(name, '1.0.0', { evidence: stripped })),
      ),
      'pretty',
      STYLE,
    );
    assert.equal(text.match(/its proof does not hold/g)?.length, 1);
    assert.match(text, /part-10 1\.0\.0 \(new\), part-11[\s\S]* and 4 more/);
    assert.match(text, /; 12 of them must be explained/);
  });

  it('links two proved commits of one repository on a known host, and nothing else', () => {
    const [a, b] = ['a'.repeat(40), 'b'.repeat(40)];
    const between = (repository: string, to = b) =>
      renderDiff(
        aDiff(
          [aSigned('x', '1.0.0', { identity: { repository, commit: a } })],
          [aSigned('x', '1.1.0', { identity: { repository, commit: to } })],
        ),
        'markdown',
        STYLE,
      );
    assert.ok(
      between('https://github.com/acme/x').includes(`(https://github.com/acme/x/compare/${a}...${b})`),
    );
    assert.ok(
      between('https://gitlab.com/acme/x').includes(`(https://gitlab.com/acme/x/-/compare/${a}...${b})`),
    );
    for (const repository of [
      'https://github.com.evil.example/a/b',
      'https://github.com/a/b)](x',
      'https://github.com/a/b/c',
    ]) {
      assert.doesNotMatch(between(repository), /compare/);
    }
    assert.doesNotMatch(between('https://github.com/acme/x', 'main'), /compare/);
  });

  it('shows hostile names and reasons harmless, in every format', () => {
    const hostile = 'x\u001b[2J\u202e](https://evil.example)\n::error::<img src=x>|##[group]';
    const diff = aDiff(
      [aSigned('a', '1.0.0')],
      [
        aBare('a', '1.0.1', { scripts: [hostile], bins: [hostile] }),
        aSigned('b', '1.0.0', {
          identity: { repository: hostile, workflow: hostile, trigger: hostile, ref: hostile },
        }),
        aSigned('c', '1.0.0', {
          evidence: { provenance: { status: 'refuted', reason: hostile } },
          package: { chain: [hostile] },
        }),
      ],
    );
    for (const format of ['pretty', 'markdown', 'json'] as const) {
      const text = renderDiff(diff, format, STYLE);
      assert.doesNotMatch(text, /[\u001b\u202e]/, format);
      assert.doesNotMatch(text, /^\s*::error|##\[group/m, format);
    }
    assert.doesNotMatch(renderDiff(diff, 'markdown', STYLE), /<img|\]\(https:\/\/evil/);
  });
});
