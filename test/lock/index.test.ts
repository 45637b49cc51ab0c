/** The signer lock is read whole or refused; a damaged one never looks like none. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { LockError, type LockErrorCode } from '../../lib/errors.ts';
import { entryFor, LOCK_FILE, lineOf, readLock } from '../../lib/lock/index.ts';
import type { Lock } from '../../lib/model/lock.ts';
import { aHost } from '../support/host.ts';
import { aTempDirectory } from '../support/temp.ts';

type Fields = Readonly<Record<string, unknown>>;

const SIGNER = {
  issuer: 'https://token.actions.githubusercontent.com',
  repository: 'https://github.com/acme/lib',
  repositoryId: '71995937',
};
const PLAIN = { proof: 'signature', installScript: false, bins: [] };
const PROVED = {
  proof: 'provenance',
  installScript: false,
  bins: ['lib'],
  signer: { ...SIGNER, refClass: 'tag' },
};

function lockText(packages: unknown, more: Fields = {}): string {
  return JSON.stringify({ lockVersion: 1, packages, ...more }, null, 2);
}

function reading(content: string | Uint8Array): Promise<Lock | undefined> {
  const dir = aTempDirectory('lock');
  writeFileSync(path.join(dir, LOCK_FILE), content);
  return readLock(aHost(), dir);
}

function lockError(code: LockErrorCode, message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof LockError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  };
}

describe('lineOf', () => {
  const cases = [
    ['1.2.3', '1'],
    ['12.0.0-rc.1', '12'],
    ['0.4.2', '0.4'],
    ['0.0.1', '0.0'],
    ['10.0.0+build', '10'],
    ['', ''],
    ['not a version', 'not a version'],
  ] as const;
  for (const [version, line] of cases)
    it(`of "${version}" is "${line}"`, () => assert.equal(lineOf(version), line));
});

describe('readLock', () => {
  it('finds no lock where there is no file', async () => {
    assert.equal(await readLock(aHost(), aTempDirectory('lock')), undefined);
  });

  it('reads entries by name and release line', async () => {
    const lock = await reading(lockText({ '@acme/lib': { '0.4': PLAIN, '1': PROVED } }));
    assert.ok(lock);
    assert.deepEqual(entryFor(lock, { name: '@acme/lib', version: '1.9.0' }), {
      name: '@acme/lib',
      line: '1',
      ...PROVED,
    });
    assert.deepEqual(entryFor(lock, { name: '@acme/lib', version: '0.4.9' }), {
      name: '@acme/lib',
      line: '0.4',
      ...PLAIN,
    });
    assert.equal(entryFor(lock, { name: '@acme/lib', version: '2.0.0' }), undefined);
    assert.equal(entryFor(lock, { name: 'lib', version: '1.0.0' }), undefined);
    assert.equal(entryFor(lock, { name: '@acme/lib', version: '' }), undefined);
  });

  it('reads an empty lock, a byte order mark and CRLF', async () => {
    assert.equal((await reading(lockText({})))?.entries.size, 0);
    assert.equal(
      (await reading(`\u{feff}${lockText({ a: { '1': PLAIN } }).replaceAll('\n', '\r\n')}`))?.entries.size,
      1,
    );
  });

  const malformed: readonly (readonly [string, string, RegExp])[] = [
    ['is cut off', lockText({}).slice(0, -2), /not a JSON object/],
    ['is a list', '[]', /not a JSON object/],
    ['is empty', '', /not a JSON object/],
    ['has a merge conflict', `<<<<<<<\n${lockText({})}`, /not a JSON object/],
    ['has no packages', '{"lockVersion": 1}', /packages that is not an object/],
    ['has a field nobody knows', lockText({}, { extra: 1 }), /unknown field "extra"/],
    [
      'has a package that is no name',
      lockText({ __proto__: PLAIN, 'a b': {} }),
      /"a b", which is no package name/,
    ],
    [
      'has the package __proto__',
      '{"lockVersion":1,"packages":{"__proto__":{}}}',
      /"__proto__", which is no package name/,
    ],
    ['has a line that is no major', lockText({ a: { '1.2': PLAIN } }), /"1.2", which is no major version/],
    ['has the line 0', lockText({ a: { '0': PLAIN } }), /"0", which is no major version/],
    ['has an entry that is a text', lockText({ a: { '1': 'x' } }), /"a" line 1 that is not an object/],
    [
      'has an unknown proof',
      lockText({ a: { '1': { ...PLAIN, proof: 'trusted' } } }),
      /a proof that is not one of/,
    ],
    [
      'has no proof',
      lockText({ a: { '1': { installScript: false, bins: [] } } }),
      /a proof that is not one of/,
    ],
    [
      'has an unknown field in an entry',
      lockText({ a: { '1': { ...PLAIN, note: 'x' } } }),
      /unknown field "note"/,
    ],
    [
      'has a signer without provenance',
      lockText({ a: { '1': { ...PLAIN, signer: SIGNER } } }),
      /a signer without provenance/,
    ],
    [
      'has provenance without a signer',
      lockText({ a: { '1': { ...PLAIN, proof: 'provenance' } } }),
      /provenance without a signer/,
    ],
    [
      'has a signer without an issuer',
      lockText({ a: { '1': { ...PROVED, signer: { repository: 'x' } } } }),
      /issuer that is not a text/,
    ],
    [
      'has a number in a signer',
      lockText({ a: { '1': { ...PROVED, signer: { ...SIGNER, repositoryId: 7 } } } }),
      /repositoryId that is not a text/,
    ],
    [
      'has an unknown refClass',
      lockText({ a: { '1': { ...PROVED, signer: { ...SIGNER, refClass: 'x' } } } }),
      /refClass that is not one of/,
    ],
    [
      'has an unknown field in a signer',
      lockText({ a: { '1': { ...PROVED, signer: { ...SIGNER, sub: 'x' } } } }),
      /unknown field "sub"/,
    ],
    [
      'has a text for a script flag',
      lockText({ a: { '1': { ...PLAIN, installScript: 'no' } } }),
      /installScript that is neither/,
    ],
    [
      'has a text for commands',
      lockText({ a: { '1': { ...PLAIN, bins: 'x' } } }),
      /bins that are not a list/,
    ],
    [
      'has a terminal escape in a command',
      lockText({ a: { '1': { ...PLAIN, bins: ['\u001b[2J'] } } }),
      /control or invisible/,
    ],
    [
      'has a key twice',
      '{"lockVersion":1,"packages":{"a":{},\n"a":{}}}',
      /"a" twice in one object, on lines 1 and 2/,
    ],
  ];
  for (const [name, text, message] of malformed) {
    it(`refuses a lock that ${name}`, () =>
      assert.rejects(reading(text), lockError('LOCK_MALFORMED', message)));
  }

  it('names the line of the package at fault', () =>
    assert.rejects(
      reading(lockText({ a: {}, b: { x: PLAIN } })),
      lockError('LOCK_MALFORMED', /npmsign\.lock\.json:5: /),
    ));

  it('refuses another version of the format', async () => {
    for (const lockVersion of [0, 2, '1', null]) {
      await assert.rejects(reading(lockText({}, { lockVersion })), lockError('LOCK_VERSION', /reads 1/));
    }
    await assert.rejects(reading('{}'), lockError('LOCK_VERSION', /lockVersion nothing/));
  });

  it('refuses what is no UTF-8, and a folder of that name', async () => {
    await assert.rejects(reading(Buffer.from([0x7b, 0xff, 0x7d])), lockError('LOCK_MALFORMED', /UTF-8/));
    const dir = aTempDirectory('lock');
    mkdirSync(path.join(dir, LOCK_FILE));
    await assert.rejects(readLock(aHost(), dir), lockError('LOCK_MALFORMED', /cannot be read/));
  });
});
