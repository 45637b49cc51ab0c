/** The page a person opens in a browser. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { type RenderStyle, render } from '../../lib/report/index.ts';
import { aManifest, anEvidence, aPackage, told } from '../support/builders.ts';
import { aFailure, anEventfulReport, aReport, aVerdict, RULES } from './a-report.ts';
import { assertGolden } from './golden.ts';

const STYLE: RenderStyle = { color: false, verbose: false, quiet: false, rules: RULES };

describe('an HTML report', () => {
  it('tells an eventful run as reviewed', () => {
    assertGolden(render(anEventfulReport(), 'html', STYLE), 'report.html');
  });

  it('admits its own style and script by hash, and nothing else', () => {
    const page = render(aReport(), 'html', STYLE);
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '';
    assert.ok(policy.startsWith("default-src 'none'; "), policy);
    assert.doesNotMatch(policy, /unsafe|https?:|\*/);
    const admitted = [
      ['style-src', /<style>([\s\S]*?)<\/style>/],
      ['script-src', /<script>([\s\S]*?)<\/script>/],
    ] as const;
    for (const [directive, element] of admitted) {
      const hash = createHash('sha256')
        .update(element.exec(page)?.[1] ?? '')
        .digest('base64');
      assert.ok(policy.includes(`${directive} 'sha256-${hash}'`), `${directive} should be 'sha256-${hash}'`);
    }
  });

  it('loads nothing from anywhere', () => {
    assert.doesNotMatch(
      render(anEventfulReport(), 'html', STYLE),
      /\b(src|href|action|srcset|poster|data)=|url\(|@import/,
    );
  });

  it('lists every package, each with its effect and its trust in words', () => {
    const page = render(anEventfulReport(), 'html', STYLE);
    assert.equal(page.split('<li data-effect=').length - 1, 6);
    assert.match(page, /✖ fail<\/span> <b>left-pad@1\.3\.0<\/b> <span class="trust refuted">refuted<\/span>/);
    assert.match(
      page,
      /✔ pass<\/span> <b>@acme\/lib@1\.2\.3<\/b> <span class="trust provenance">provenance proved<\/span>/,
    );
  });

  it('hangs a package beneath the one that brought it, and unfolds the way to what stops the install', () => {
    const parent = aPackage({ id: { name: 'parent', version: '1.0.0' }, chain: ['project', 'parent'] });
    const child = aPackage({
      id: { name: 'child', version: '1.0.0' },
      chain: ['project', 'parent', 'child'],
    });
    const pageFor = (outcomes: Parameters<typeof aVerdict>[0]) =>
      render(
        aReport([aVerdict({ package: child, ...outcomes }), aVerdict({ package: parent })]),
        'html',
        STYLE,
      );
    const page = pageFor({ outcomes: [aFailure('provenance', 'none')] });
    assert.match(page, /<b>parent@1\.0\.0<\/b>[\s\S]*?<ul>\n<li [^>]*data-name="child@1\.0\.0"/);
    assert.equal(page.split('<details open>').length - 1, 2);
    assert.equal(pageFor({}).split('<details open>').length - 1, 0);
  });

  it('survives a chain ten thousand levels deep', () => {
    const chain = ['project', ...Array.from({ length: 10_000 }, (_, index) => `p${index}`)];
    const deep = [5, 100, 10_001].map((length) =>
      aVerdict({
        package: aPackage({ id: { name: `d${length}`, version: '1.0.0' }, chain: chain.slice(0, length) }),
      }),
    );
    assert.equal(render(aReport(deep), 'html', STYLE).split('<li data-effect=').length - 1, 3);
  });

  const hostile = [
    '</script><img src=x onerror=alert(1)>',
    '"><svg onload=alert(1)>',
    "' autofocus onfocus='alert(1)",
    '<!--',
    '&lt;script>',
  ];
  for (const text of hostile) {
    it(`shows ${text} as text, wherever it stands`, () => {
      const pkg = aPackage({ id: { name: text, version: text }, alias: text, chain: ['project', text] });
      const evidence = anEvidence({ manifest: told(aManifest({ deprecated: text, bins: [text] })) }, pkg);
      const outcomes = [aFailure('provenance', text, text)];
      const page = render(
        aReport([aVerdict({ package: pkg, evidence, outcomes })], {
          notices: [{ code: text, message: text }],
          lockfile: { path: text, format: text },
          trust: { root: text, source: 'file', ageDays: 1 },
        }),
        'html',
        STYLE,
      );
      assert.ok(!page.includes(text));
      assert.equal(page.split(/<script|<img|<svg|<!--/).length - 1, 1);
    });
  }
});
