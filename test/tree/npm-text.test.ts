/** The text of a lockfile means to npm what it means to a reader, and is neither too large nor too deep, or it is refused. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { npm } from '../../lib/tree/npm.ts';
import { anEntry, lockfileText, parsed, treeError } from './lockfile.ts';

const LIB = 'node_modules/lib';

function parse(text: string): readonly unknown[] {
  return npm.parse({ text, file: 'package-lock.json', manifest: undefined });
}

describe('the text of a lockfile', () => {
  const good = lockfileText({ [LIB]: anEntry('lib') });

  it('may begin with a byte order mark and have CRLF line ends', () => {
    assert.equal(parse(`\u{feff}${good.replaceAll('\n', '\r\n')}`).length, 1);
    assert.throws(() => parse(`\u{feff}\u{feff}${good}`), treeError('LOCKFILE_MALFORMED', /is not JSON/));
  });

  it('may not say the same key twice: npm obeys the second, a reader sees the first', () => {
    const twice = good.replace('"node_modules/lib": {', '"node_modules/lib": {},\n    "node_modules/lib": {');
    assert.throws(
      () => parse(twice),
      treeError('LOCKFILE_MALFORMED', /"node_modules\/lib" twice in one object, on lines 13 and 14/),
    );
    const field = good.replace(
      '"version": "1.0.0",\n      "resolved"',
      '"version": "1.0.0",\n      "\\u0072esolved": "https://x.example/",\n      "resolved"',
    );
    assert.notEqual(field, good);
    assert.throws(() => parse(field), treeError('LOCKFILE_MALFORMED', /"resolved" twice/));
  });

  it('may not hold the marks of a merge conflict, not even inside valid JSON: npm cuts the text at them', () => {
    const marks = { a: '<<<<<<<', b: '=======', c: '>>>>>>>' };
    assert.equal(
      parse(lockfileText({ [LIB]: anEntry('lib', { license: '<<<<<<< ======= MIT' }) })).length,
      1,
    );
    assert.throws(
      () => parse(lockfileText({ [LIB]: anEntry('lib', { marks }) })),
      treeError('LOCKFILE_MALFORMED', /marks of a merge conflict/),
    );
    assert.throws(
      () => parse(`<<<<<<< ours\n${good}\n=======\n${good}\n>>>>>>> theirs\n`),
      treeError('LOCKFILE_MALFORMED', /merge conflict/),
    );
  });

  const shapes: readonly (readonly [string, string, 'LOCKFILE_MALFORMED' | 'LOCKFILE_VERSION', RegExp])[] = [
    ['cut off', good.slice(0, -5), 'LOCKFILE_MALFORMED', /is not JSON/],
    ['empty', '', 'LOCKFILE_MALFORMED', /is not JSON/],
    ['a list', '[]', 'LOCKFILE_MALFORMED', /not a JSON object/],
    [
      'without packages',
      '{"lockfileVersion": 2, "dependencies": {}}',
      'LOCKFILE_MALFORMED',
      /no packages object/,
    ],
    [
      'with a list of packages',
      '{"lockfileVersion": 3, "packages": []}',
      'LOCKFILE_MALFORMED',
      /no packages object/,
    ],
    [
      'without an entry for the project',
      '{"lockfileVersion": 3, "packages": {}}',
      'LOCKFILE_MALFORMED',
      /no entry for the project/,
    ],
    [
      'of version 1',
      '{"lockfileVersion": 1, "dependencies": {}}',
      'LOCKFILE_VERSION',
      /lockfileVersion 1; npmsign reads 2, 3 and 4/,
    ],
    [
      'of version 5',
      good.replace('"lockfileVersion": 3', '"lockfileVersion": 5'),
      'LOCKFILE_VERSION',
      /lockfileVersion 5/,
    ],
    [
      'with a text for a version',
      good.replace('"lockfileVersion": 3', '"lockfileVersion": "3"'),
      'LOCKFILE_VERSION',
      /lockfileVersion "3"/,
    ],
    ['without a version', '{"packages": {"": {}}}', 'LOCKFILE_VERSION', /no lockfileVersion/],
  ];
  for (const [name, text, code, message] of shapes) {
    it(`is refused when it is ${name}`, () => assert.throws(() => parse(text), treeError(code, message)));
  }
  for (const version of [2, 3, 4]) {
    it(`is read when it is of version ${version}`, () => {
      assert.equal(parse(good.replace('"lockfileVersion": 3', `"lockfileVersion": ${version}`)).length, 1);
    });
  }

  it('keeps a message on one line, whatever stands in the entry', () => {
    assert.throws(
      () => parsed({ [LIB]: anEntry('lib', { version: '1\n::error::x' }) }),
      (error) => error instanceof Error && !/[\n\r\u001b]/.test(error.message),
    );
  });
});

describe('size and depth', () => {
  const many = (count: number) => {
    const entries = Array.from(
      { length: count },
      (_, index) => `"node_modules/p${index}":{"version":"1.0.0"}`,
    );
    return `{"lockfileVersion":3,"packages":{"":{},\n${entries.join(',\n')}}}`;
  };

  it('of fifty thousand entries are read, none lost', () => assert.equal(parse(many(50_000)).length, 50_000));

  it('of a million entries are refused', () => {
    assert.throws(
      () => parse(many(1_000_000)),
      treeError('LOCKFILE_MALFORMED', /1000001 entries; npmsign reads up to 250000/),
    );
  });

  it('of millions of values that are no entries are refused, since they would take gigabytes', () => {
    const holding = (count: number) =>
      `{"lockfileVersion":3,"packages":{"":{}},"x":[0${',0'.repeat(count)}]}`;
    assert.equal(parse(holding(3_999_990)).length, 0);
    assert.throws(
      () => parse(holding(4_000_000)),
      treeError('LOCKFILE_MALFORMED', /holds more than 4000000 values/),
    );
  });

  it('ten thousand levels deep inside an entry are read', () => {
    const deep = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`;
    assert.equal(
      parse(`{"lockfileVersion":3,"packages":{"":{},"node_modules/p":{"version":"1.0.0","engines":${deep}}}}`)
        .length,
      1,
    );
  });

  it('two hundred folders deep are read', () => {
    const keys = Array.from(
      { length: 200 },
      (_, level) => `node_modules/a${'/node_modules/a'.repeat(level)}`,
    );
    assert.equal(
      parsed(
        Object.fromEntries(keys.map((key) => [key, { version: '1.0.0', dependencies: { a: '1', zz: '1' } }])),
      ).size,
      200,
    );
  });

  it('of one entry with more dependencies than a call takes arguments are read', () => {
    const dependencies = Object.fromEntries(
      Array.from({ length: 150_000 }, (_, index) => [`d${index}`, '*']),
    );
    assert.equal(parsed({ [LIB]: anEntry('lib', { dependencies, bundleDependencies: true }) }).size, 1);
  });
});
