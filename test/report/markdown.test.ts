/** The comment on a pull request. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type RenderStyle, render } from '../../lib/report/index.ts';
import { aFailure, anEventfulReport, anOutcome, aReport, aVerdict, RULES } from './a-report.ts';
import { assertGolden } from './golden.ts';

const STYLE: RenderStyle = { color: false, verbose: false, quiet: false, rules: RULES };

describe('a Markdown report', () => {
  it('tells an eventful run as reviewed', () => {
    assertGolden(render(anEventfulReport(), 'markdown', STYLE), 'markdown.md');
  });

  // What syntax means, it means in a name and in a finding alike; in a name, which is code, hosts look for nothing else.
  const syntax = [
    ['a link', '[x](https://evil.example)', /\[x\]|https:\/\//],
    ['a bare link', 'https://evil.example www.evil.example', /https:\/\/|www\./],
    ['an image', '![x](//evil.example/x.png)', /!\[/],
    ['a cell', 'a | b', /a \|/],
    ['code', 'a `b`', /`/],
    ['a tag', '<img src=x onerror=alert(1)>', /<img/],
    ['a comment', '<!-- x -->', /<!--/],
    ['emphasis', '**all is well**', /\*/],
    ['an entity', '&lt;b&gt;', /&lt;/],
    ['mathematics', '$$x$$', /\$/],
  ] as const;
  for (const [what, text, meaning] of syntax) {
    it(`lets no finding and no name become ${what}`, () => {
      assert.doesNotMatch(rowOf({ because: text }), meaning);
      assert.doesNotMatch(rowOf({ name: text }), meaning);
    });
  }

  const references = [
    ['a mention', 'ask @octocat', 'ask <span>@</span>octocat'],
    ['an issue reference', 'see acme/lib#2', 'see acme/lib<span>#</span>2'],
    ['another kind of issue reference', 'see GH-1', 'see GH<span>-</span>1'],
    ['a merge request reference', 'see !7', 'see <span>!</span>7'],
    ['an emoji', 'fine :white_check_mark:', 'fine <span>:</span>white&#95;check&#95;mark:'],
  ] as const;
  for (const [what, text, expected] of references) {
    it(`lets no finding become ${what}`, () => assert.ok(rowOf({ because: text }).includes(expected)));
  }

  it('cuts long tables, and itself before a comment may hold no more', () => {
    const verdicts = Array.from({ length: 900 }, (_, index) =>
      aVerdict({
        name: `package-${index}`,
        outcomes: RULES.map(({ id }) =>
          anOutcome({ ...aFailure(id, `${index} ${'@|'.repeat(300)}`), check: id }),
        ),
      }),
    );
    const text = render(aReport(verdicts), 'markdown', STYLE);
    assert.match(text, /… and 8\d\d more: <code>npmsign explain/);
    assert.match(text, /… cut here/);
    assert.ok(text.length < 65_536, String(text.length));
  });
});

/** The package and finding cells of the one row in which these strings are a stranger's. */
function rowOf({
  because = 'none',
  name = 'a',
}: {
  readonly because?: string;
  readonly name?: string;
}): string {
  const verdict = aVerdict({ name, outcomes: [aFailure('provenance', because)] });
  const rows = render(aReport([verdict]), 'markdown', STYLE)
    .split('\n')
    .filter((line) => line.startsWith('| <code>'));
  assert.equal(rows.length, 1);
  const cells = (rows[0] ?? '').split('|');
  assert.equal(cells.length, 6);
  return `${cells[1]} ${cells[2]}`;
}
