/** The signer lock is read whole or refused; a damaged one never looks like none. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { LockError, type LockErrorCode } from '../../lib/errors.ts';
import { LOCK_FILE, readLock, lockText as renderedLock, writeLock } from '../../lib/lock/index.ts';
import type { Lock, LockEntry } from '../../lib/model/lock.ts';
import { entryFor, lineOf } from '../../lib/text/release-line.ts';
import { aHost } from '../support/host.ts';
import { aTempDirectory } from '../support/temp.ts';

type Fields = Readonly<Record<string, unknown>>;

const ISSUER = 'https://token.actions.githubusercontent.com';
const SIGNER = {
  repository: 'https://github.com/acme/lib',
  repositoryId: '71995937',
  refClass: 'tag',
} as const;
const PLAIN = { proof: 'signature' };
const PROVED = { ...SIGNER, bins: ['lib'] };

function lockText(packages: unknown, more: Fields = {}): string {
  return JSON.stringify({ lockVersion: 1, issuer: ISSUER, packages, ...more }, null, 2);
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
    const lock = await reading(lockText({ '@acme/lib@0.4': PLAIN, '@acme/lib@1': PROVED }));
    assert.ok(lock);
    const bare = { installScript: false, bins: [] };
    assert.deepEqual(entryFor(lock, { name: '@acme/lib', version: '1.9.0' }), {
      name: '@acme/lib',
      line: '1',
      proof: 'provenance',
      signer: { issuer: ISSUER, ...SIGNER },
      installScript: false,
      bins: ['lib'],
    });
    assert.deepEqual(entryFor(lock, { name: '@acme/lib', version: '0.4.9' }), {
      name: '@acme/lib',
      line: '0.4',
      ...PLAIN,
      ...bare,
    });
    assert.equal(entryFor(lock, { name: '@acme/lib', version: '2.0.0' }), undefined);
    assert.equal(entryFor(lock, { name: 'lib', version: '1.0.0' }), undefined);
    assert.equal(entryFor(lock, { name: '@acme/lib', version: '' }), undefined);
  });

  it('lets the entry of one whole version speak before that of its line', async () => {
    const lock = await reading(lockText({ 'lib@1': PROVED, 'lib@1.0.0': PLAIN }));
    assert.ok(lock);
    assert.equal(entryFor(lock, { name: 'lib', version: '1.0.0' })?.proof, 'signature');
    assert.equal(entryFor(lock, { name: 'lib', version: '1.0.1' })?.proof, 'provenance');
  });

  it('reads an issuer of its own, a place that is no registry, and why a change was accepted', async () => {
    const accepted = { on: '2026-11-22', reason: 'moved to GitLab, says the changelog' };
    const lock = await reading(
      lockText({
        'a@1': { ...PROVED, issuer: 'https://gitlab.com', accepted },
        'b@2': { proof: 'none', source: 'git', installScript: true },
      }),
    );
    assert.ok(lock);
    const a = entryFor(lock, { name: 'a', version: '1.0.0' });
    assert.equal(a?.signer?.issuer, 'https://gitlab.com');
    assert.deepEqual(a.accepted, accepted);
    const b = entryFor(lock, { name: 'b', version: '2.0.0' });
    assert.equal(b?.source, 'git');
    assert.equal(b.installScript, true);
  });

  it('reads an empty lock, a byte order mark and CRLF', async () => {
    assert.equal((await reading(lockText({})))?.entries.size, 0);
    assert.equal(
      (await reading(`\u{feff}${lockText({ 'a@1': PLAIN }).replaceAll('\n', '\r\n')}`))?.entries.size,
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
    ['has a package that is no name', lockText({ 'a b@1': PLAIN }), /"a b", which is no package name/],
    [
      'has the package __proto__',
      '{"lockVersion":1,"packages":{"__proto__":{}}}',
      /"__proto__", which is no package name/,
    ],
    ['has no line', lockText({ a: PLAIN }), /"a", where no release line follows/],
    ['has a line that is no major', lockText({ 'a@1.2': PLAIN }), /"a@1.2", where no release line follows/],
    ['has the line 0', lockText({ 'a@0': PLAIN }), /"a@0", where no release line follows/],
    ['has a range for a line', lockText({ 'a@^1.0.0': PLAIN }), /no release line follows/],
    ['has an entry that is a text', lockText({ 'a@1': 'x' }), /an entry that is not an object/],
    ['has an unknown proof', lockText({ 'a@1': { proof: 'trusted' } }), /a proof that is not one of/],
    ['has no proof', lockText({ 'a@1': {} }), /a proof that is not one of/],
    [
      'has an unknown field in an entry',
      lockText({ 'a@1': { ...PLAIN, note: 'x' } }),
      /unknown field "note"/,
    ],
    [
      'has a signer without provenance',
      lockText({ 'a@1': { ...PROVED, proof: 'signature' } }),
      /a signer without provenance/,
    ],
    [
      'has provenance without a signer',
      lockText({ 'a@1': { proof: 'provenance' } }),
      /provenance without a signer/,
    ],
    [
      'has a signer without an issuer',
      lockText({ 'a@1': PROVED }, { issuer: undefined }),
      /a signer without an issuer/,
    ],
    [
      'has a number in a signer',
      lockText({ 'a@1': { ...PROVED, repositoryId: 7 } }),
      /repositoryId that is not a text/,
    ],
    [
      'has an unknown refClass',
      lockText({ 'a@1': { ...PROVED, refClass: 'x' } }),
      /refClass that is not one of/,
    ],
    [
      'has an unknown source',
      lockText({ 'a@1': { ...PLAIN, source: 'registry' } }),
      /source that is not one of/,
    ],
    [
      'has a text for a script flag',
      lockText({ 'a@1': { ...PLAIN, installScript: 'no' } }),
      /installScript that is neither/,
    ],
    ['has a text for commands', lockText({ 'a@1': { ...PLAIN, bins: 'x' } }), /bins that are not a list/],
    [
      'has a terminal escape in a command',
      lockText({ 'a@1': { ...PLAIN, bins: ['\u001b[2J'] } }),
      /control or invisible/,
    ],
    [
      'has an acceptance without a reason',
      lockText({ 'a@1': { ...PLAIN, accepted: { on: '2026-11-22' } } }),
      /a reason that is not a text/,
    ],
    [
      'has an acceptance on no date',
      lockText({ 'a@1': { ...PLAIN, accepted: { on: 'today', reason: 'x' } } }),
      /that is no date/,
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
      reading(lockText({ 'a@1': PLAIN, 'b@x': PLAIN })),
      lockError('LOCK_MALFORMED', /npmsign\.lock\.json:8: /),
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
    await assert.rejects(readLock(aHost(), dir), lockError('LOCK_MALFORMED', /no regular file/));
  });

  it('refuses a link to a device, which may never end', { skip: process.platform === 'win32' }, async () => {
    const dir = aTempDirectory('lock');
    symlinkSync('/dev/null', path.join(dir, LOCK_FILE));
    await assert.rejects(readLock(aHost(), dir), lockError('LOCK_MALFORMED', /no regular file/));
  });
});

describe('writeLock', () => {
  const entry = (name: string, line: string, more: Partial<LockEntry> = {}): LockEntry => ({
    name,
    line,
    proof: 'signature',
    installScript: false,
    bins: [],
    ...more,
  });

  const FULL = entry('@acme/lib', '1', {
    proof: 'provenance',
    signer: {
      issuer: ISSUER,
      ...SIGNER,
      ownerId: '4711',
      workflow: '.github/workflows/release.yml',
      builder: 'https://github.com/acme/ci/.github/workflows/build.yml',
      trigger: 'push',
    },
    installScript: true,
    bins: ['a', 'b'],
    accepted: { on: '2026-11-22', reason: 'they say "so"' },
  });
  const ALL: readonly LockEntry[] = [
    FULL,
    entry('zlib', '10'),
    entry('zlib', '2', { proof: 'none', source: 'git' }),
    entry('zlib', '2.1.0', { proof: 'publish' }),
    entry('mail', '1', {
      proof: 'provenance',
      signer: { issuer: 'https://accounts.example', subject: 'a@acme.example' },
    }),
    entry('bare', '1', { proof: 'provenance', signer: { issuer: ISSUER } }),
  ];

  it('writes what it reads', async () => {
    const host = aHost();
    await writeLock(host, '.', ALL);
    const lock = await readLock(host, '.');
    assert.deepEqual(
      new Map([...ALL].map((one) => [`${one.name} ${one.line}`, one])),
      new Map([...(lock?.entries ?? [])]),
    );
  });

  it('is sorted by name, then by line as a number, whatever the order it was given', () => {
    const text = renderedLock(ALL);
    assert.equal(text, renderedLock([...ALL].reverse()));
    assert.deepEqual(
      [...text.matchAll(/"(\S+@\S+)": \{/g)].map(([, key]) => key),
      ['@acme/lib@1', 'bare@1', 'mail@1', 'zlib@2', 'zlib@2.1.0', 'zlib@10'],
    );
  });

  it('reads well in a pull request', () => {
    assert.equal(
      renderedLock([FULL, entry('left-pad', '1')]),
      [
        '{',
        '\t"lockVersion": 1,',
        '\t"issuer": "https://token.actions.githubusercontent.com",',
        '\t"packages": {',
        '\t\t"@acme/lib@1": {',
        '\t\t\t"repository": "https://github.com/acme/lib",',
        '\t\t\t"repositoryId": "71995937",',
        '\t\t\t"ownerId": "4711",',
        '\t\t\t"workflow": ".github/workflows/release.yml",',
        '\t\t\t"builder": "https://github.com/acme/ci/.github/workflows/build.yml",',
        '\t\t\t"refClass": "tag",',
        '\t\t\t"trigger": "push",',
        '\t\t\t"installScript": true,',
        '\t\t\t"bins": [',
        '\t\t\t\t"a",',
        '\t\t\t\t"b"',
        '\t\t\t],',
        '\t\t\t"accepted": {',
        '\t\t\t\t"on": "2026-11-22",',
        '\t\t\t\t"reason": "they say \\"so\\""',
        '\t\t\t}',
        '\t\t},',
        '\t\t"left-pad@1": {',
        '\t\t\t"proof": "signature"',
        '\t\t}',
        '\t}',
        '}',
        '',
      ].join('\n'),
    );
  });

  it('leaves the old lock alone and no scraps behind when it cannot write', async () => {
    const host = aHost();
    mkdirSync(path.join(host.cwd, LOCK_FILE));
    await assert.rejects(writeLock(host, '.', ALL), lockError('LOCK_UNWRITABLE', /not an ordinary file/));
    await assert.rejects(writeLock(host, 'nowhere', ALL), lockError('LOCK_UNWRITABLE', /ENOENT/));
    assert.deepEqual(readdirSync(host.cwd), [LOCK_FILE]);
  });

  it('does not write through a link', {
    skip: process.platform === 'win32' && 'links need a privilege',
  }, async () => {
    const host = aHost();
    writeFileSync(path.join(host.cwd, 'elsewhere'), 'mine');
    symlinkSync('elsewhere', path.join(host.cwd, LOCK_FILE));
    await assert.rejects(writeLock(host, '.', ALL), lockError('LOCK_UNWRITABLE', /not an ordinary file/));
    assert.equal(readFileSync(path.join(host.cwd, 'elsewhere'), 'utf8'), 'mine');
  });
});
