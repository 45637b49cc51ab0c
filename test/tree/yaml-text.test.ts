/** YAML in lockfiles is read strictly: what two parsers could take for different things is refused with its line. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRefusal } from '../../lib/tree/refusal.ts';
import type { Written } from '../../lib/tree/written.ts';
import { parseYamlText } from '../../lib/tree/yaml-text.ts';
import { treeError } from './lockfile.ts';

function parsed(text: string, firstLine = 1): Written {
  return parseYamlText({ text, firstLine }, createRefusal('x.yaml', 'Write it anew.'));
}

/** The value without lines: texts with a mark where they stand without quotes. */
function plain(written: Written | undefined): unknown {
  if (written === undefined) return undefined;
  if (written.kind === 'text') return written.plain ? { bare: written.text } : written.text;
  if (written.kind === 'list') return written.items.map(plain);
  return [...written.entries].map(([key, value]) => [key, plain(value)]);
}

describe('YAML in a lockfile', () => {
  it('is maps, lists and texts; nothing else is made of a text', () => {
    const text =
      'a: 1.10\nb: true\nc: "1.10"\nd: {e: [x, \'y\'], f: {}}\n__proto__: ~\n? long\n: g\nh: |-\n  i\n  j\n';
    assert.deepEqual(plain(parsed(text)), [
      ['a', { bare: '1.10' }],
      ['b', { bare: 'true' }],
      ['c', '1.10'],
      [
        'd',
        [
          ['e', [{ bare: 'x' }, 'y']],
          ['f', []],
        ],
      ],
      ['__proto__', { bare: '~' }],
      ['long', { bare: 'g' }],
      ['h', 'i\nj'],
    ]);
  });

  it('knows the line of every key', () => {
    const root = parsed('a:\n  b: 1\n\n  c:\n    d: 2\r\ne: 3\n', 10);
    const lines = (written: Written): unknown =>
      written.kind === 'map'
        ? [...written.entries].map(([key, value]) => [key, value.line, lines(value)])
        : [];
    assert.deepEqual(lines(root), [
      [
        'a',
        10,
        [
          ['b', 11, []],
          ['c', 13, [['d', 14, []]]],
        ],
      ],
      ['e', 15, []],
    ]);
  });

  const refused: readonly (readonly [what: string, text: string, message: RegExp])[] = [
    ['a key twice', 'a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n', /x\.yaml:5 has the key "c" twice/],
    ['a key twice, once in quotes', 'a: 1\n"a": 2\n', /x\.yaml:2 has the key "a" twice/],
    ['a key twice, once in escapes', 'a: 1\n"\\x61": 2\n', /x\.yaml:2 has the key "a" twice/],
    ['an anchor', 'a: &x 1\n', /anchor/],
    ['an alias', 'a: &x 1\nb: *x\n', /anchor|alias/],
    ['an alias of nothing', 'b: *x\n', /alias/],
    ['a merge', 'a: {b: 1}\nc:\n  <<: *a\n', /alias/],
    ['a tag', 'a: !!binary aGk=\n', /tag/],
    ['a tag on a map', 'a: !evil {b: 1}\n', /tag/],
    ['a directive', '%YAML 1.2\n---\na: 1\n', /document mark|directive/],
    ['a document mark', '---\na: 1\n', /document mark/],
    ['a second document', 'a: 1\n---\nb: 1\n', /more than one YAML document/],
    ['a key that is a list', '? [a]\n: b\n', /key that is not a text/],
    ['a key that is a map', '? {a: b}\n: b\n', /key that is not a text/],
    ['a list', '- a\n', /not a YAML map/],
    ['a text', 'a\n', /not a YAML map/],
    ['nothing', '', /is empty/],
    ['nothing but a comment', '# x\n', /is empty/],
    ['a broken bracket', 'a: [b\n', /not valid YAML/],
    ['a tab for indentation', 'a:\n\tb: 1\n', /not valid YAML/],
    ['seventeen levels', `a: ${'['.repeat(17)}${']'.repeat(17)}\n`, /nested too deeply/],
    ['a hundred thousand levels', `a: ${'['.repeat(100_000)}`, /nested too deeply/],
    ['two million values', `a: [${'b,'.repeat(2_000_000)}]\n`, /holds more than/],
  ];
  for (const [what, text, message] of refused) {
    it(`may not be ${what}`, () =>
      assert.throws(() => parsed(text), treeError('LOCKFILE_MALFORMED', message)));
  }

  it('is gone through once, however long its lines', () => {
    const root = parsed(`a: [${'b,'.repeat(300_000)}]\n`);
    assert.equal(root.kind === 'map' && root.entries.get('a')?.kind, 'list');
  });

  it('may be as deep as lockfiles are, and no error quotes it', () => {
    assert.equal(parsed(`a: ${'['.repeat(14)}${']'.repeat(14)}\n`).kind, 'map');
    assert.throws(
      () => parsed('secret: "abc\n'),
      (error: Error) =>
        !error.message.includes('secret') && treeError('LOCKFILE_MALFORMED', /not valid/)(error),
    );
  });
});
