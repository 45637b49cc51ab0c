import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PolicyFileError } from '../../lib/errors.ts';
import { parseJson } from '../../lib/text/json.ts';

function refusal(text: string): string {
  try {
    parseJson(text, 'p.json');
  } catch (error) {
    assert.ok(error instanceof PolicyFileError, String(error));
    return error.message;
  }
  return assert.fail(`${text.slice(0, 80)} was read`);
}

describe('parseJson', () => {
  const accepted = [
    '{}',
    '[]',
    '""',
    '0',
    ' { "a" : [ 1 , -0.5 , 1e3 , 2E-2 ] } ',
    '{"\\u00e9":"\\ud83d\\ude00\\/\\"\\\\"}',
    '\t{\r\n\t"a":\tnull}',
    '{"a":{"a":{"a":[[],{}]}}}',
  ];
  for (const text of accepted) {
    it(`agrees with JSON.parse on ${text.trim()}`, () =>
      assert.deepEqual(JSON.parse(JSON.stringify(parseJson(text, 'p.json').value)), JSON.parse(text)));
  }

  const refused: readonly (readonly [string, string])[] = [
    ['', ':1: is not valid JSON: a value should stand here'],
    ['{"a": 1,\n}', ':2: is not valid JSON: a key in double quotes should stand here'],
    ['[1,]', ':1: is not valid JSON: a value should stand here'],
    ['[1 2]', ':1: is not valid JSON: "," should stand here'],
    ['{"a" 1}', ':1: is not valid JSON: ":" should stand here'],
    ['{"a": 01}', ':1: is not valid JSON: "," should stand here'],
    ["{'a': 1}", ':1: is not valid JSON: a key in double quotes should stand here'],
    ['{"a": NaN}', ':1: is not valid JSON: a value should stand here'],
    ['{"a": "\\x"}', ':1: is not valid JSON: a value should stand here'],
    ['{"a": "line\nbreak"}', ':1: is not valid JSON: a value should stand here'],
    ['{} {}', ':1: is not valid JSON: the end of the file should stand here'],
    ['// no\n{}', ':1: is not valid JSON: a value should stand here'],
    ['{"a": 1,\n "b": 2,\n "\\u0061": 3}', ':3: has the key "a" twice'],
    ['['.repeat(100_000), ':1: is nested too deeply'],
    ['{"a":'.repeat(100_000), ':1: is nested too deeply'],
    [`[${'1,'.repeat(200_000)}1]`, ':1: holds too many values'],
    [`"${'x'.repeat(1_048_576)}"`, ': is larger than 1048576 bytes'],
  ];
  for (const [text, reason] of refused) {
    it(`refuses ${JSON.stringify(text.slice(0, 30))} because it ${reason.slice(reason.indexOf(' ') + 1)}`, () =>
      assert.equal(refusal(text), `p.json${reason}`));
  }

  it('reads one very long string without harm', () => {
    assert.equal(String(parseJson(`"${'\\n'.repeat(500_000)}"`, 'p.json').value).length, 500_000);
  });

  it('knows lines, and keys from the prototype are only keys', () => {
    const { value, lineOf } = parseJson('{\n "__proto__": [\n  1,\n  2]}', 'p.json');
    assert.equal(lineOf(['__proto__', 1]), 4);
    assert.deepEqual(Object.keys(Object(value)), ['__proto__']);
    assert.equal(lineOf(['toString']), undefined);
  });
});
