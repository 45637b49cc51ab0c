/** Strings from strangers, in every place a report has for them, in every format. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Report } from '../../lib/model/report.ts';
import { formats, type RenderStyle, render, renderExplain } from '../../lib/report/index.ts';
import {
  aManifest,
  anEvidence,
  anIdentity,
  aPackage,
  aProvenance,
  proved,
  told,
} from '../support/builders.ts';
import { aFailure, anExemption, anOpenQuestion, anOutcome, aReport, aVerdict, RULES } from './a-report.ts';
import { assertWellFormed } from './xml.ts';

const STYLE: RenderStyle = { color: false, verbose: true, quiet: false, rules: RULES };

/** Line ends are ours; every other control, bidi or invisible character would be a stranger's. */
const HARMFUL =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

const HOSTILE = [
  ['a terminal escape', '\u001b[2J\u001b]8;;https://evil.example\u0007all is well'],
  ['a right-to-left override', 'safe\u202egpj.exe'],
  ['a line end', 'a\r\n::error::b\nc'],
  ['a workflow command', '::error file=x,line=1::hacked'],
  [
    'a workflow command where lines are broken',
    `${'x'.repeat(86)} ::add-mask::y ${'z'.repeat(97)}::stop-commands::t`,
  ],
  ['an old workflow command', 'a ##[add-mask]b ##vso[task.setvariable x]y #\u034f#[group]'],
  ['the end of a script', '</script><script>alert(1)</script>'],
  ['the end of a CDATA section', ']]><x/>'],
  ['a table cell', 'a | b | c'],
  ['a credential', 'https://user:hunter2secret@evil.example/ npm_0123456789abcdefghijklmnopqrstuvwxyz'],
  ['a lone surrogate', 'a\ud800b'],
  ['a name of an object', '__proto__'],
  ['a very long text', 'long '.repeat(20_000)],
] as const;

for (const [what, text] of HOSTILE) {
  describe(`${what}, wherever a stranger can write`, () => {
    const report = reportFull(text);
    const texts = [
      ...formats.map((format) => [format, render(report, format, STYLE)] as const),
      ...[true, false].map(
        (verbose) => ['explain', renderExplain(report, text, { ...STYLE, verbose }).text] as const,
      ),
      ['not found', renderExplain(aReport(), text, STYLE).text] as const,
    ];
    for (const [format, rendered] of texts) {
      it(`is harmless in ${format}`, () => {
        assert.doesNotMatch(rendered, HARMFUL);
        assert.doesNotMatch(rendered, /\p{Surrogate}/u);
        assert.doesNotMatch(rendered, /#[\u034f]*#\w*\[/);
        assert.doesNotMatch(rendered, /hunter2secret|npm_0123456789/);
        if (format !== 'github') assert.doesNotMatch(rendered, /^\s*::/m);
        assert.ok(rendered.length < 500_000, `${rendered.length} characters`);
      });
    }

    it('breaks no format', () => {
      const of = (format: (typeof formats)[number]) => render(report, format, STYLE);
      assert.equal(JSON.parse(of('json')).verdicts.length, 4);
      assert.equal(JSON.parse(of('sarif')).runs[0].results.length, 4);
      assertWellFormed(of('junit'));
      const commands = of('github').trimEnd().split('\n');
      assert.equal(commands.length, 5);
      for (const line of commands) assert.match(line, /^::(error|warning|notice) /);
      assert.equal(of('html').split('<script').length - 1, 1);
      for (const row of of('markdown').split('\n')) {
        if (row.startsWith('| <code>')) assert.equal(row.split('|').length, 6, row);
      }
    });
  });
}

function reportFull(text: string): Report {
  const pkg = aPackage({
    id: { name: text, version: text },
    key: `node_modules/${text}`,
    alias: text,
    integrity: { text, hashes: [] },
    chain: ['project', text, text],
  });
  const identity = anIdentity({
    subject: text,
    repository: text,
    ref: text,
    trigger: text,
    runner: text,
    builder: text,
  });
  const evidence = anEvidence({
    signature: { status: 'refuted', reason: text },
    provenance: proved(aProvenance({ identity, predicateType: text, builder: text })),
    manifest: told(aManifest({ repository: text, installScripts: [text], bins: [text], deprecated: text })),
  });
  const failure = aFailure('provenance', text, text);
  const exemption = anExemption({ package: text, reason: text, at: text });
  const outcomes = [
    failure,
    anOpenQuestion('registry-signature', text),
    anOutcome({ ...failure, level: 'warn', effect: 'warn' }),
    anOutcome({ ...failure, effect: 'exempt', exemption, decidedBy: text }),
  ];
  const verdicts = outcomes.map((outcome) => aVerdict({ package: pkg, evidence, outcomes: [outcome] }));
  return aReport(verdicts, {
    policy: { path: text, digest: text },
    lockfile: { path: text, format: text },
    trust: { root: text, source: 'file', ageDays: 3 },
    notices: [{ code: text, message: text }],
  });
}
