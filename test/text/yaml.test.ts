import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PolicyFileError } from '../../lib/errors.ts';
import { parseYaml } from '../../lib/text/yaml.ts';

const YAML = '.npmsignrc.yaml';

/** Plain objects, for comparison: what is read has no prototype. */
function plain(text: string, file = YAML): unknown {
  return JSON.parse(JSON.stringify(parseYaml(text, file).value));
}

function refusal(text: string, file = YAML): string {
  try {
    parseYaml(text, file);
  } catch (error) {
    assert.ok(error instanceof PolicyFileError, String(error));
    assert.equal(error.code, 'POLICY_INVALID');
    return error.message;
  }
  return assert.fail(`${text.slice(0, 80)} was read`);
}

describe('parseYaml reads the core schema', () => {
  const cases: readonly (readonly [string, string, unknown])[] = [
    ['a date stays text', 'expires: 2027-03-01', { expires: '2027-03-01' }],
    [
      'on, off, yes and no stay text',
      'a: off\nb: on\nc: yes\nd: no',
      { a: 'off', b: 'on', c: 'yes', d: 'no' },
    ],
    ['numbers, booleans and null are read', '[1, 0x10, true, ~, null]', [1, 16, true, null, null]],
    ['a merge key is a key like any other', '<<: { a: 1 }', { '<<': { a: 1 } }],
    ['a number as a key is text', '1: one', { '1': 'one' }],
    ['an anchor may be used a few times', 'a: &x [1]\nb: *x', { a: [1], b: [1] }],
    ['a byte order mark is passed over', '\ufeffa: 1', { a: 1 }],
    ['an empty document is nothing', '', null],
    ['a comment alone is nothing', '# nothing here\n', null],
    ['a folded text is one text', 'reason: >-\n  one\n  two', { reason: 'one two' }],
    ['braces in a .yaml file are YAML', '{a: 1,}', { a: 1 }],
  ];
  for (const [title, text, value] of cases) it(title, () => assert.deepEqual(plain(text), value));

  it('a key named __proto__ or constructor is only a key', () => {
    const { value } = parseYaml('__proto__: { polluted: yes }\nconstructor: 1', YAML);
    assert.deepEqual(Object.keys(Object(value)), ['__proto__', 'constructor']);
    assert.equal(Object.getPrototypeOf(value), null);
    assert.equal(Reflect.get({}, 'polluted'), undefined);
  });

  it('the line of every key and item is known, and of nothing else', () => {
    const { lineOf } = parseYaml('# first\nchecks:\n  minimum-age:\n    - error\n    - days: 3\n', YAML);
    assert.equal(lineOf(['checks']), 2);
    assert.equal(lineOf(['checks', 'minimum-age', 0]), 4);
    assert.equal(lineOf(['checks', 'minimum-age', 1, 'days']), 5);
    assert.equal(lineOf(['checks', 'minimum-age', 2]), undefined);
    assert.equal(lineOf(['checks.minimum-age']), undefined);
  });
});

describe('parseYaml refuses with file and line', () => {
  const nested = (opening: string, times: number) => opening.repeat(times);
  const cases: readonly (readonly [string, string, string])[] = [
    ['a key twice', 'a: 1\nb: 2\na: 3', ':3: has the key "a" twice'],
    ['a key twice, spelt differently', 'a: 1\n"\\x61": 2', ':2: has the key "a" twice'],
    ['a tag', 'a: 1\nb: !!binary aGk=', ':2: has a tag (!), which is not read'],
    ['a tag of its own', 'a: !run rm', ':1: has a tag (!), which is not read'],
    ['a tag on a map', 'a: !!map { b: 1 }', ':1: has a tag (!), which is not read'],
    [
      'a directive that would change the schema',
      '%YAML 1.1\n---\na: yes',
      ':1: has a directive (%), which is not read',
    ],
    ['a second document', 'a: 1\n---\nb: 2', ':2: holds more than one YAML document'],
    ['a list as a key', '? [a]\n: b', ':1: has a key that is not text'],
    ['an alias as a key', 'a: &x b\n*x : c', ':2: has a key that is not text'],
    ['an alias of nothing', 'a: 1\nb: *x', ':2: has an alias without its anchor before it'],
    ['an alias of itself', 'a: &x [*x]', ':1: is nested too deeply'],
    ['a tab', 'a:\n\t- b', ':2: is not valid YAML: it is indented with a tab'],
    [
      'two keys on one line',
      'a: b: c',
      ':1: is not valid YAML: one line holds two keys, or a value with ": " lacks quotes',
    ],
    [
      'what has no end',
      'a: [1',
      ':1: is not valid YAML: the indentation is wrong, or a bracket is not closed',
    ],
    ['nesting without end', nested('[', 500_000), ':1: is nested too deeply'],
    ['nesting of indicators', nested('- ', 500_000), ':1: is nested too deeply'],
    ['nesting of keys', nested('? ', 500_000), ':1: is nested too deeply'],
    [
      'nesting by indentation',
      Array.from({ length: 300 }, (_, n) => `${' '.repeat(n)}a:`).join('\n'),
      'is nested too deeply',
    ],
    ['values without end', '- a\n'.repeat(200_000), 'holds too many values'],
    ['quotes without end', '"'.repeat(1_000_000), ':1: holds too many values'],
    ['many aliases', `- &a x\n${'- *a\n'.repeat(33)}`, ':34: has too many aliases'],
    ['aliases of aliases', billionLaughs(), 'holds too many values'],
    ['more than one mebibyte', `a: ${'x'.repeat(1_048_576)}`, ': is larger than 1048576 bytes'],
  ];
  for (const [title, text, reason] of cases) {
    it(title, () => assert.ok(refusal(text).endsWith(reason), refusal(text)));
  }

  it('but the text of the file never enters the message', () => {
    assert.doesNotMatch(refusal('token: "npm_secret\nb: "x'), /secret/);
    assert.doesNotMatch(refusal('{"token": hunter2}', '.npmsignrc'), /hunter2/);
  });
});

describe('parseYaml holds JSON files to JSON', () => {
  it('.json is JSON, whatever it starts with', () => {
    assert.deepEqual(plain('{"a": [1, "x", null, true, -1.5e3]}', 'policy.json'), {
      a: [1, 'x', null, true, -1500],
    });
    assert.match(refusal('a: 1', 'policy.json'), /^policy.json:1: is not valid JSON/);
  });
  it('a file without extension is JSON when it starts with a brace, else YAML', () => {
    assert.deepEqual(plain(' {"a": 1}', '.npmsignrc'), { a: 1 });
    assert.match(refusal('{a: 1}', '.config/npmsignrc'), /is not valid JSON/);
    assert.deepEqual(plain('a: 1', '.npmsignrc'), { a: 1 });
  });
});

/** Nine anchors, each nine times the one before. */
function billionLaughs(): string {
  const lines = ['a0: &a0 [x, x, x]'];
  for (let level = 1; level <= 8; level++) {
    lines.push(`a${level}: &a${level} [${Array.from({ length: 4 }, () => `*a${level - 1}`).join(', ')}]`);
  }
  return lines.join('\n');
}
