import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Subject } from '../../lib/checks/define.ts';
import { lockedSigner } from '../../lib/checks/locked-signer.ts';
import type { LockEntry, LockedSigner } from '../../lib/model/lock.ts';
import { aProvenance, proved } from '../support/builders.ts';
import { assertAnswer, from, having, signedBy, signedWithout } from './subjects.ts';

const SIGNER: LockedSigner = {
  issuer: 'https://token.actions.githubusercontent.com',
  repository: 'https://github.com/acme/lib',
  repositoryId: '71995937',
  ownerId: '4711',
  workflow: '.github/workflows/release.yml',
  builder: 'https://github.com/acme/lib/.github/workflows/release.yml@refs/tags/v1.2.2',
  refClass: 'tag',
  trigger: 'push',
};

const ENTRY: LockEntry = {
  name: '@acme/lib',
  line: '1',
  proof: 'provenance',
  signer: SIGNER,
  installScript: false,
  bins: [],
};

const ask = (subject: Subject, entry: Partial<LockEntry> = {}) =>
  lockedSigner.ask({ ...subject, lock: { exists: true, entry: { ...ENTRY, ...entry } } }, {});

describe('locked-signer', () => {
  it('passes the same signer at its next tag', () =>
    assertAnswer(ask(having({})), 'pass', /still signed by/));

  it('says that a renamed repository is the same by its ids, and refuses it until somebody accepts', () => {
    const renamed = { repository: 'https://github.com/acme/library' };
    assertAnswer(
      ask(signedBy(renamed)),
      'fail',
      /is https:\/\/github\.com\/acme\/library\..* it was renamed/,
    );
    const taken = ask(signedBy({ ...renamed, repositoryId: '1' }));
    assert.doesNotMatch(taken.because, /renamed/);
  });

  it('says that a repository is the same one in other hands', () => {
    const moved = { repository: 'https://github.com/evil/lib', ownerId: '1' };
    assertAnswer(ask(signedBy(moved)), 'fail', /the hands of another owner/);
  });

  it('refuses another kind of place for a locked name, and the way back', () => {
    assertAnswer(
      ask(from('git')),
      'fail',
      /was a registry package when it was locked, and is a git dependency now/,
    );
    const { signer, ...bare } = ENTRY;
    const git = { ...bare, proof: 'none', source: 'git' } as const;
    const locked = { exists: true, entry: git };
    assertAnswer(lockedSigner.ask({ ...from('git'), lock: locked }, {}), 'pass', /as much proof/);
    assertAnswer(lockedSigner.ask({ ...having({}), lock: locked }, {}), 'fail', /was a git dependency/);
  });

  it('leaves what is bundled to the package around it', () =>
    assertAnswer(ask(from('bundled')), 'skip', /lies inside the tarball/));

  it('tells of proof that was gained, and who signed', () => {
    const { signer, ...bare } = ENTRY;
    const locked = { exists: true, entry: { ...bare, proof: 'signature' } } as const;
    assertAnswer(
      lockedSigner.ask({ ...having({}), lock: locked }, {}),
      'pass',
      /more proof than when it was locked: signed by https:\/\/github\.com\/acme\/lib/,
    );
  });

  it('passes a person who signed, and refuses another person', () => {
    const person = { issuer: 'https://accounts.example', subject: 'a@acme.example' };
    const by = (subject: string) =>
      having({ provenance: proved(aProvenance({ identity: { ...person, subject } })) });
    assertAnswer(ask(by('a@acme.example'), { signer: person }), 'pass', /still signed by a@acme/);
    assertAnswer(ask(by('b@acme.example'), { signer: person }), 'fail', /subject was a@acme/);
  });

  const changes = [
    ['another issuer', { issuer: 'https://gitlab.com' }, /issuer was/],
    ['another repository', { repository: 'https://github.com/acme/lib-evil' }, /repository was/],
    ['the same name under another id', { repositoryId: '1' }, /repository id was 71995937, is 1/],
    ['another owner', { ownerId: '1' }, /owner id was/],
    ['another workflow', { workflow: '.github/workflows/ci.yml' }, /workflow was/],
    [
      'another builder',
      { builder: 'https://github.com/evil/b/.github/workflows/x.yml@refs/tags/v1' },
      /builder was/,
    ],
    ['a throwaway branch', { ref: 'refs/heads/snapshot' }, /ref was tag, is branch/],
    ['a run started by a comment', { trigger: 'issue_comment' }, /trigger was push, is issue_comment/],
  ] as const;
  for (const [name, identity, because] of changes) {
    it(`refuses ${name}`, () => assertAnswer(ask(signedBy(identity)), 'fail', because));
  }

  it('passes another case of a repository on GitHub', () => {
    const { builder, ...signer } = SIGNER;
    assertAnswer(ask(signedBy({ repository: 'https://github.com/Acme/Lib' }), { signer }), 'pass', /still/);
  });

  it('never reads the lock as a pattern', () => {
    const signer = { issuer: SIGNER.issuer, repository: 'https://github.com/**' };
    assertAnswer(ask(having({}), { signer }), 'fail', /repository was/);
  });

  it('refuses a certificate that no longer states what was locked, and ignores what was not', () => {
    assertAnswer(ask(signedWithout('repositoryId')), 'fail', /repository id was 71995937, is not stated/);
    assertAnswer(
      ask(signedWithout('repositoryId'), { signer: { issuer: SIGNER.issuer } }),
      'pass',
      /still signed/,
    );
  });

  it('refuses a release without the proof it used to have', () => {
    const none = having({ provenance: { status: 'absent' } });
    assertAnswer(
      ask(none),
      'fail',
      /locked with build provenance, signed by https:\/\/github\.com\/acme\/lib; this version has a publicly logged publish/,
    );
    const { signer, ...signed } = ENTRY;
    const bare = { ...none, lock: { exists: true, entry: { ...signed, proof: 'publish' } } } as const;
    assertAnswer(lockedSigner.ask(bare, {}), 'pass', /as much proof/);
  });

  it('refuses refuted proof, and is unknown when proof could not be asked for', () => {
    const refuted = having({ provenance: { status: 'refuted', reason: 'a wrong signature' } });
    assertAnswer(ask(refuted), 'fail', /a wrong signature/);
    const unavailable = having({ provenance: { status: 'unavailable', reason: 'timed out' } });
    assertAnswer(ask(unavailable), 'unknown', /timed out/);
  });

  it('does not apply without a lock, to a package that is not in it, or to own code', () => {
    assertAnswer(lockedSigner.ask(having({}), {}), 'skip', /no npmsign\.lock\.json/);
    assertAnswer(
      lockedSigner.ask({ ...having({}), lock: { exists: true } }, {}),
      'skip',
      /not in npmsign\.lock/,
    );
    assertAnswer(ask(from('workspace')), 'skip', /own code/);
  });
});
