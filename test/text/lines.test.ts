/** Keys of a JSON text are found on the lines where they stand, and twice-written keys are noticed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { scanKeys, scanKeysOf } from '../../lib/text/lines.ts';

const LOCKFILE = `{
  "name": "a",
  "packages": {
    "": { "name": "a", "dependencies": { "b": "1" } },
    "node_modules/b": {
      "version": "1.0.0"
    }, "node_modules/c": {}
  },
  "dependencies": { "x": {} }
}`;

describe('scanKeys', () => {
  const places: readonly (readonly [
    string,
    string,
    readonly string[],
    readonly (readonly [string, number])[],
  ])[] = [
    [
      'finds the keys of a nested object',
      LOCKFILE,
      ['packages'],
      [
        ['', 4],
        ['node_modules/b', 5],
        ['node_modules/c', 7],
      ],
    ],
    [
      'finds the keys of the whole',
      LOCKFILE,
      [],
      [
        ['name', 2],
        ['packages', 3],
        ['dependencies', 9],
      ],
    ],
    ['finds the keys of a deeper object', LOCKFILE, ['packages', 'node_modules/b'], [['version', 6]]],
    ['finds nothing where there is no such object', LOCKFILE, ['nothing'], []],
    ['does not take an object inside a list for the one asked for', '{"a": [{"b": 1}]}', ['a'], []],
    [
      'counts CRLF as one line',
      '{\r\n"a":\r\n1,\r\n"b": 2}',
      [],
      [
        ['a', 2],
        ['b', 4],
      ],
    ],
    ['reads past a byte order mark', '\u{feff}{\n"a": 1}', [], [['a', 2]]],
    ['reads escapes in keys', '{"\\u0061\\n": 1}', [], [['a\n', 1]]],
    [
      'is not misled by quotes, braces and colons in texts',
      '{"a": "\\"}{:,\\\\", "b": "\\\\\\"", \n"c": 1}',
      [],
      [
        ['a', 1],
        ['b', 1],
        ['c', 2],
      ],
    ],
    ['knows the key __proto__', '{"packages": {"__proto__": {}}}', ['packages'], [['__proto__', 1]]],
  ];
  for (const [name, text, path, expected] of places) {
    it(name, () => {
      JSON.parse(text.replace('\u{feff}', ''));
      assert.deepEqual([...scanKeys(text, path).lines], expected);
    });
  }

  const duplicates: readonly (readonly [string, string, object | undefined])[] = [
    ['accepts a key once in each of two objects', '{"a": {"k": 1},\n"b": {"k": 1}}', undefined],
    ['notices a key twice in one object', '{"a": 1,\n"b": 2,\n"a": 3}', { key: 'a', firstLine: 1, line: 3 }],
    [
      'notices a key spelt with an escape the second time',
      '{"a": 1,\n"\\u0061": 2}',
      { key: 'a', firstLine: 1, line: 2 },
    ],
    [
      'notices it at any depth, and in lists',
      '[[{"x": [{"a": 1,\n"a": 2}]}]]',
      { key: 'a', firstLine: 1, line: 2 },
    ],
    ['accepts equal texts that are values', '{"a": ["a", "a"], "b": "a"}', undefined],
    [
      'notices a second __proto__',
      '{"__proto__": 1, "__proto__": 2}',
      { key: '__proto__', firstLine: 1, line: 1 },
    ],
  ];
  for (const [name, text, expected] of duplicates) {
    it(name, () => assert.deepEqual(scanKeys(text, []).duplicate, expected));
  }

  it('survives a depth no call stack would', () => {
    const depth = 200_000;
    const text = `${'{"a":['.repeat(depth)}${']}'.repeat(depth)}`;
    assert.deepEqual([...scanKeys(text, []).lines.keys()], ['a']);
  });

  it('ends on text that is not JSON', () => {
    for (const text of ['', '"', '{"a', '}}}:', '{"\\":1}', '[:', '{"\\x":1'])
      assert.doesNotThrow(() => scanKeys(text, ['a']));
  });
});

describe('a text whose value is known', () => {
  const entry = {
    version: '1.0.0',
    dependencies: { b: '1', 'node_modules/b': '2' },
    bin: {},
    files: ['{', '"a": '],
  };
  const odd = JSON.parse(
    '{"__proto__": {"packages": 1}, "a\\"b": 1, "a\\nb": {"packages": {}}, "\u00e9\\\\": "\\n  \\"packages\\": {"}',
  );
  const values: readonly (readonly [string, unknown])[] = [
    [
      'a lockfile',
      {
        name: 'x',
        packages: { '': entry, 'node_modules/b': entry, 'node_modules/c': {} },
        dependencies: { b: {} },
      },
    ],
    [
      'one that names the object asked for elsewhere first',
      { a: { packages: { x: 1 } }, packages: { packages: { x: 1 }, x: 1 } },
    ],
    ['odd keys', { ...odd, packages: odd }],
    ['keys that are numbers', { packages: { b: 1, 2: 1, 1: 1 } }],
    ['a list instead', { packages: [{ a: 1 }] }],
    ['nothing instead', { packages: null }],
    ['no such object', { a: 1 }],
    ['an empty one', { packages: {} }],
    ['nothing at all', {}],
  ];
  const layouts: readonly (readonly [string, (text: string) => string])[] = [
    ['as npm writes it', (text) => text],
    ['with a line feed behind', (text) => `${text}\n`],
    ['with two', (text) => `${text}\n\n`],
    ['behind a byte order mark', (text) => `\u{feff}${text}`],
    ['by tabs', (text) => text.replace(/^ +/gm, (spaces) => '\t'.repeat(spaces.length / 2))],
    ['with CRLF', (text) => text.replaceAll('\n', '\r\n')],
    ['in one line', (text) => text.replace(/\n */g, '')],
    ['with one space missing', (text) => text.replace(': ', ':')],
    ['with a key twice', (text) => text.replace(/^( +)("[^"]*": )/m, '$1$2 0,\n$1$2')],
    ['with an escape', (text) => text.replace('a', '\\u0061')],
    ['with one line in front', (text) => `\n${text}`],
  ];
  for (const [what, value] of values) {
    for (const [how, layout] of layouts) {
      it(`is read alike, letter by letter or not: ${what} ${how}`, () => {
        const text = layout(JSON.stringify(value, null, 2));
        const known: unknown = JSON.parse(text.replace(/^\u{feff}/u, ''));
        for (const path of [['packages'], [], ['packages', ''], ['a', 'packages'], ['__proto__']]) {
          assert.deepEqual(scanKeysOf(known, text, path), scanKeys(text, path), JSON.stringify(path));
        }
      });
    }
  }

  it('may be nested deeper than anybody can write', () => {
    const text = `{\n  "packages": ${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`;
    assert.deepEqual(scanKeysOf(JSON.parse(text), text, ['packages']), scanKeys(text, ['packages']));
  });

  it('is written to be compared only where it can be that text: indentation would make one that is wide where it is deep a thousand times as long', () => {
    const isWritten = (text: string): boolean => {
      const seen = { written: false };
      const trap = {
        toJSON() {
          seen.written = true;
        },
      };
      const value = Object.assign(JSON.parse(text), { trap: Object.create(trap) });
      assert.deepEqual(scanKeysOf(value, text, ['packages']), scanKeys(text, ['packages']));
      return seen.written;
    };
    const wide = `${'['.repeat(500)}${'1,'.repeat(500)}1${']'.repeat(500)}`;
    assert.equal(isWritten(`{\n  "packages": {\n    "": {}\n  }\n}`), true);
    assert.equal(isWritten(`{\n  "packages": {\n    "": {}\n  }, "x": ${wide}\n}`), false);
  });
});
