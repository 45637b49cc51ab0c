/** What a reviewer must see of an update months in the making: 300 packages changed, seven of them in ways that matter. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { renderDiff } from '../../lib/report/diff.ts';
import { aBare, aDiff, aSigned, type Known } from './a-diff.ts';

const STYLE = { color: false, verbose: false, quiet: false } as const;

/** What GitHub takes as one comment. */
const COMMENT = 65_536;

/** Ordinary packages: releases of two large projects, small ones of their own, and many that nobody attests. */
function ordinary(version: string): readonly Known[] {
  const family = (project: string, count: number): readonly Known[] =>
    Array.from({ length: count }, (_, n) =>
      aSigned(`@${project}/part-${10 + n}`, version, {
        identity: { repository: `https://github.com/${project}/${project}` },
      }),
    );
  const single = Array.from({ length: 40 }, (_, n) => aSigned(`single-${10 + n}`, version));
  const bare = Array.from({ length: 140 }, (_, n) => aBare(`bare-${100 + n}`, version));
  return [...family('builder', 60), ...family('linter', 30), ...single, ...bare];
}

const before = [
  ...ordinary('1.0.0'),
  aSigned('taken', '2.0.0'),
  aSigned('moved', '3.0.0'),
  aSigned('renamed', '3.0.0', { identity: { repository: 'https://github.com/acme/old-name' } }),
  aSigned('reworked', '4.0.0'),
  aBare('scripted', '5.0.0'),
  aBare('commanding', '6.0.0'),
  ...Array.from({ length: 9 }, (_, n) => aBare(`@adopter/part-${n}`, '7.0.0')),
];
const after = [
  ...ordinary('1.1.0'),
  aBare('taken', '2.0.1'),
  aSigned('moved', '3.0.1', {
    identity: { repository: 'https://github.com/mallory/moved', ownerId: '1' },
  }),
  aSigned('renamed', '3.0.1'),
  aSigned('reworked', '4.0.1', { identity: { workflow: '.github/workflows/publish.yml' } }),
  aBare('scripted', '5.0.1', { scripts: ['postinstall'] }),
  aBare('commanding', '6.0.1', { bins: ['commander'] }),
  ...Array.from({ length: 9 }, (_, n) =>
    aSigned(`@adopter/part-${n}`, '7.0.1', { identity: { repository: 'https://github.com/acme/adopter' } }),
  ),
  ...Array.from({ length: 15 }, (_, n) =>
    aSigned(`@new/part-${10 + n}`, '1.0.0', { identity: { repository: 'https://github.com/new/new' } }),
  ),
  aBare('newcomer', '0.1.0', { bins: ['come'] }),
];
const update = aDiff(before, after);

describe('the diff of a large update', () => {
  const pretty = renderDiff(update, 'pretty', STYLE);
  const markdown = renderDiff(update, 'markdown', STYLE);

  it('says first how much changed, and how much of it must be explained', () => {
    assert.match(pretty, /^✖ 301 packages changed \(16 new, 285 updated\); 4 of them must be explained/);
    assert.match(markdown, /\*\*301 packages changed \(16 new, 285 updated\); 4 of them must be explained/);
  });

  it('tells what a stolen account leaves behind before anything else, and what only deserves a look after it', () => {
    const wanted = ['taken 2', 'moved 3', 'reworked 4', 'scripted 5', 'renamed 3', 'commanding 6'];
    for (const text of [pretty, markdown]) {
      const places = wanted.map((title) => text.indexOf(title));
      assert.ok(!places.includes(-1), text);
      assert.deepEqual(
        places,
        [...places].sort((a, b) => a - b),
        text,
      );
      assert.ok((places.at(-1) ?? 0) < text.indexOf('New, with their proof'));
    }
  });

  it('says of each what changed, what to do, and how it got here', () => {
    assert.match(pretty, /taken 2\.0\.0 → 2\.0\.1\n {4}✖ lost its build provenance: 2\.0\.0 was built from/);
    assert.match(
      pretty,
      /moved to another owner: .*\n? *https:\/\/github\.com\/mallory\/moved; it is the same one/,
    );
    assert.match(pretty, /next {2}Find out who the new owner is/);
    assert.match(pretty, /✖ built by another workflow: \.github\/workflows\/release\.yml → /);
    assert.match(pretty, /✖ runs postinstall at install; 5\.0\.0 ran nothing/);
    assert.match(pretty, /! installs a new command: commander/);
    assert.match(pretty, /! the repository was renamed: .*\n?.*the same by their/);
    assert.match(pretty, /path {2}project › framework › taken \(package-lock\.json:12\)/);
  });

  it('tells once what holds of all packages of a project', () => {
    assert.equal(pretty.match(/github\.com\/acme\/adopter/g)?.length, 1);
    assert.match(pretty, /@adopter\/part-7 7\.0\.0 → 7\.0\.1/);
    assert.match(pretty, /has build provenance now; before, only the registry's signature/);
    assert.equal(pretty.match(/github\.com\/new\/new/g)?.length, 1);
    assert.match(pretty, /each from its own tag/);
  });

  it('names a newcomer that nobody vouches for before those with provenance', () =>
    assert.ok(pretty.indexOf('newcomer 0.1.0') < pretty.indexOf('@new/part-10')));

  it('is read in a few minutes, and fits a comment', () => {
    assert.ok(pretty.split('\n').length < 120, `${pretty.split('\n').length} lines`);
    assert.ok(markdown.length < 25_000, `${markdown.length} characters`);
    assert.match(markdown, /<details><summary>Updated by the same signer · 130 packages<\/summary>/);
  });

  it('counts the same in JSON, and leaves nothing out there', () => {
    const { summary, changes } = JSON.parse(renderDiff(update, 'json', STYLE));
    assert.deepEqual(
      [summary.changed, summary.new, summary.updated, summary.alarms, summary.cautions, changes.length],
      [301, 16, 285, 4, 2, 301],
    );
  });
});

describe('a comment about 300 packages that must all be explained', () => {
  const name = (n: number) =>
    `@an-organisation-with-a-long-name/${'a-package-with-a-long-name-'.repeat(3)}${n}`;
  const diff = aDiff(
    Array.from({ length: 300 }, (_, n) => aSigned(name(n), '1.0.0')),
    Array.from({ length: 300 }, (_, n) =>
      aSigned(name(n), '1.0.1', {
        identity: { repository: `https://github.com/mallory/taken-${n}`, ownerId: '1' },
      }),
    ),
  );
  const markdown = renderDiff(diff, 'markdown', STYLE);

  it('fits, and ends as every comment does', () => {
    assert.ok(markdown.length < COMMENT, `${markdown.length} characters`);
    assert.match(markdown, /npmsign lock --accept[\s\S]*<sub>npmsign 0\.1\.0/);
  });

  it('tells the first in full, folds others, and says how many are left', () => {
    assert.match(markdown, /300 of them must be explained/);
    assert.match(markdown, /<summary>⚠️ More to look at · 270 packages<\/summary>/);
    assert.match(markdown, /… and \d+ more: `npmsign diff --verbose`/);
    assert.equal(markdown.match(/<details>/g)?.length, markdown.match(/<\/details>/g)?.length);
  });
});
