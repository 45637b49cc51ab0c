import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import type { Subject } from '../../lib/checks/define.ts';
import { lockfileIntegrity } from '../../lib/checks/lockfile-integrity.ts';
import type { Manifest } from '../../lib/model/evidence.ts';
import { parseIntegrity } from '../../lib/text/integrity.ts';
import { aManifest, anIntegrity, aPackage, told, without } from '../support/builders.ts';
import { assertAnswer, from, having } from './subjects.ts';

const GOOD = anIntegrity('good').text;
const EVIL = anIntegrity('evil').text;
const SHA1 = `sha1-${createHash('sha1').update('good').digest('base64')}`;

/** A lockfile that states one text, and a registry that lists another. */
function pinned(text: string, manifest: Partial<Manifest> = { integrity: GOOD }): Subject {
  // The lockfile reader keeps malformed text visible, with no hash in it.
  const integrity = parseIntegrity(text) ?? { text, hashes: [] };
  const pkg = aPackage();
  return having({ manifest: told(aManifest(manifest)) }, { ...pkg, integrity });
}

const ask = (subject: Subject) => lockfileIntegrity.ask(subject, {});

describe('lockfile-integrity, by itself', () => {
  const cases = [
    ['passes one sha512', GOOD, 'pass', /the registry lists the same/],
    ['passes sha512 beside a weaker hash', `${SHA1} ${GOOD}`, 'pass', /the registry lists the same/],
    ['passes the same sha512 twice', `${GOOD} ${GOOD}`, 'pass', /the registry lists the same/],
    ['refuses two competing sha512', `${GOOD} ${EVIL}`, 'fail', /two different sha512/],
    ['refuses sha1 alone', SHA1, 'fail', /no sha512/],
    ['refuses a hash that is cut short', GOOD.slice(0, -4), 'fail', /malformed/],
    ['refuses text that some readers take for a second hash', `${GOOD}?\u00a0${EVIL}`, 'fail', /malformed/],
    ['refuses a good hash beside a malformed one', `${GOOD} sha512-AAAA`, 'fail', /malformed/],
    [
      'refuses a good hash beside an algorithm it does not know',
      `${GOOD} sha3-512-AAAA`,
      'fail',
      /malformed/,
    ],
  ] as const;
  for (const [name, text, kind, because] of cases) {
    it(name, () => assertAnswer(ask(pinned(text)), kind, because));
  }
});

describe('lockfile-integrity, against the registry', () => {
  it('refuses a hash the registry does not list', () =>
    assertAnswer(ask(pinned(EVIL)), 'fail', /the registry lists another hash for this version: sha512-/));

  it('refuses a version the registry does not have', () => {
    assertAnswer(ask(having({ manifest: { status: 'absent' } })), 'fail', /no such version/);
  });

  it('is unknown when the registry could not be asked', () => {
    const subject = having({ manifest: { status: 'unavailable', reason: 'timed out' } });
    assertAnswer(ask(subject), 'unknown', /timed out/);
  });

  it('passes alone where the registry lists no hash, and says so', () => {
    const subject = having({ manifest: told(without(aManifest(), 'integrity')) });
    assertAnswer(ask(subject), 'pass', /the registry lists no hash/);
  });

  it('passes beside a weaker listed hash, and refuses one that contradicts', () => {
    assertAnswer(ask(pinned(GOOD, { integrity: SHA1 })), 'pass', /only a weaker hash/);
    assertAnswer(ask(pinned(`${SHA1} ${GOOD}`, { integrity: SHA1 })), 'pass', /only a weaker hash/);
    const other = SHA1.replace(/^sha1-./, (start) => `sha1-${start.endsWith('A') ? 'B' : 'A'}`);
    assertAnswer(ask(pinned(`${other} ${GOOD}`, { integrity: SHA1 })), 'fail', /another hash/);
  });

  it('refuses a listed hash that is none', () =>
    assertAnswer(
      ask(pinned(GOOD, { integrity: 'sha512-\u001b[2J' })),
      'fail',
      /malformed hash: sha512-\\u\{1b\}/,
    ));
});

describe('lockfile-integrity, outside a registry', () => {
  it('skips what has no tarball of its own', () => {
    assertAnswer(ask(from('workspace')), 'skip', /own code/);
    assertAnswer(ask(from('link')), 'skip', /own code/);
    assertAnswer(ask(from('bundled')), 'skip', /inside the tarball/);
    assertAnswer(ask(from('git')), 'skip', /pinned by its commit/);
  });

  for (const kind of ['remote', 'file'] as const) {
    it(`passes a ${kind} tarball with sha512, and refuses it without`, () => {
      const pinnedPlace = from(kind);
      assertAnswer(ask(pinnedPlace), 'pass', /pinned by sha512/);
      const bare = { ...pinnedPlace, package: without(pinnedPlace.package, 'integrity') };
      assertAnswer(ask(bare), 'fail', /no well-formed hash/);
    });
  }

  it('skips a local folder', () => {
    const subject = from('file', { source: { kind: 'file', resolved: 'file:vendor/lib' } });
    assertAnswer(ask({ ...subject, package: without(subject.package, 'integrity') }), 'skip', /local folder/);
  });
});

describe('lockfile-integrity, where the lockfile pins the hash of something else', () => {
  const gap = "yarn.lock pins the hash of yarn's own archive";
  const unpinned = without(aPackage(), 'integrity');

  it('is unknown, with the lockfile’s reason; without one it is an omission, and fails', () => {
    assertAnswer(ask(having({}, { ...unpinned, integrityGap: gap })), 'unknown', /yarn's own archive/);
    assertAnswer(ask(having({}, unpinned)), 'fail', /states no well-formed hash/);
  });

  it('is unknown for tarballs from elsewhere too', () => {
    for (const kind of ['remote', 'file'] as const) {
      const source = { kind, resolved: 'https://files.example/lib.tgz' };
      assertAnswer(
        ask(having({}, { ...unpinned, source, integrityGap: gap })),
        'unknown',
        /yarn's own archive/,
      );
      assertAnswer(ask(having({}, { ...unpinned, source })), 'fail', /states no well-formed hash/);
    }
  });

  it('says that the project patches the package, and a failure stays a failure', () => {
    const patched = 'patches/lib.patch';
    assertAnswer(
      ask(having({}, { ...aPackage(), patched })),
      'pass',
      /the project then changes it by patches\/lib\.patch$/,
    );
    assertAnswer(ask(having({}, { ...unpinned, patched })), 'fail', /states no well-formed hash$/);
  });
});
