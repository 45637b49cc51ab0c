/** Each kind of change is found, weighed and worded, beside the harmless one a step away. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changedPackages } from '../../lib/lock/index.ts';
import type { FindingKind, FindingWeight, PackageChange } from '../../lib/model/diff.ts';
import type { Evidence, Identity } from '../../lib/model/evidence.ts';
import { aBare, aDiff, aGit, aSigned, type Known } from '../report/a-diff.ts';
import {
  aManifest,
  anIntegrity,
  aPackage,
  aProvenance,
  aPublishAttestation,
  aTree,
  proved,
  told,
  without,
} from '../support/builders.ts';
import { NOW } from '../support/host.ts';

/** The one change from one version to another. */
function changeBetween(before: Known, after: Known): PackageChange {
  const { changes } = aDiff([before], [after]);
  assert.equal(changes.length, 1);
  return changes[0] ?? assert.fail();
}

type Row = readonly [string, Known, Known, FindingKind, FindingWeight, RegExp];

const was = aSigned('lib', '1.0.0');
const by = (identity: Partial<Identity>): Known => aSigned('lib', '1.0.1', { identity });
const knowing = (evidence: Partial<Evidence>): Known => aSigned('lib', '1.0.1', { evidence });
const unavailable = { status: 'unavailable', reason: 'timed out' } as const;
const published = (at: string): Known => knowing({ publish: proved(aPublishAttestation({ loggedAt: at })) });
const mailed = (version: string, subject: string): Known =>
  aSigned('lib', version, {
    evidence: {
      provenance: proved(aProvenance({ identity: { issuer: 'https://accounts.example', subject } })),
    },
  });

const rows: readonly Row[] = [
  [
    'lost provenance',
    was,
    aBare('lib', '1.0.1'),
    'proof-lost',
    'alarm',
    /1\.0\.0 was built from https:\/\/github\.com\/acme\/lib by .*; 1\.0\.1 has only the registry's signature/,
  ],
  [
    'a lost signature',
    aBare('lib', '1.0.0'),
    aBare('lib', '1.0.1', { evidence: { signature: { status: 'absent' } } }),
    'proof-lost',
    'alarm',
    /has no proof at all/,
  ],
  [
    'provenance lost to a git dependency',
    was,
    aGit('lib', '1.0.1'),
    'proof-lost',
    'alarm',
    /no proof at all/,
  ],
  [
    'refuted proof',
    was,
    knowing({ signature: { status: 'refuted', reason: 'a wrong signature' } }),
    'proof-refuted',
    'alarm',
    /a wrong signature/,
  ],
  [
    'proof that could not be had',
    was,
    knowing({ provenance: unavailable }),
    'proof-unavailable',
    'caution',
    /timed out/,
  ],
  ['gained provenance', aBare('lib', '1.0.0'), by({}), 'signer-gained', 'good', /has build provenance now/],
  [
    'a gained signature',
    aBare('lib', '1.0.0', { evidence: { signature: { status: 'absent' } } }),
    aBare('lib', '1.0.1'),
    'proof-gained',
    'good',
    /only the registry's signature now/,
  ],
  ['another issuer', was, by({ issuer: 'https://gitlab.com' }), 'issuer-changed', 'alarm', /gitlab/],
  [
    'another person',
    mailed('1.0.0', 'a@acme.example'),
    mailed('1.0.1', 'b@acme.example'),
    'subject-changed',
    'alarm',
    /a@acme\.example → b@acme\.example/,
  ],
  [
    'another repository',
    was,
    by({ repository: 'https://github.com/mallory/lib', repositoryId: '1', ownerId: '1' }),
    'repository-changed',
    'alarm',
    /acme\/lib → https:\/\/github\.com\/mallory\/lib/,
  ],
  [
    'a name taken over',
    was,
    by({ repositoryId: '1' }),
    'repository-changed',
    'alarm',
    /of the same name, but another one: its number was 71995937, is 1/,
  ],
  [
    'a repository in other hands',
    was,
    by({ repository: 'https://github.com/mallory/lib', ownerId: '1' }),
    'repository-moved',
    'alarm',
    /the same one by its numeric id \(71995937\)/,
  ],
  [
    'a renamed repository',
    was,
    by({ repository: 'https://github.com/acme/library' }),
    'repository-renamed',
    'caution',
    /\(71995937\) and owner are the same by their numeric ids/,
  ],
  [
    'a branch instead of a tag',
    was,
    by({ ref: 'refs/heads/snapshot' }),
    'ref-changed',
    'alarm',
    /built from the branch snapshot; before, from the tag v1\.0\.0/,
  ],
  [
    'a tag instead of a branch',
    aSigned('lib', '1.0.0', { identity: { ref: 'refs/heads/main' } }),
    by({}),
    'ref-changed',
    'caution',
    /built from the tag v1\.0\.1; before, from the branch main/,
  ],
  [
    'a pull request instead of a tag',
    was,
    by({ ref: 'refs/pull/7/merge' }),
    'ref-changed',
    'alarm',
    /neither tag nor branch/,
  ],
  [
    'another trigger',
    was,
    by({ trigger: 'issue_comment' }),
    'trigger-changed',
    'alarm',
    /started by issue_comment; before, by push/,
  ],
  [
    'another workflow',
    was,
    by({ workflow: '.github/workflows/ci.yml' }),
    'workflow-changed',
    'alarm',
    /release\.yml → .*ci\.yml/,
  ],
  [
    'a reusable builder',
    was,
    by({ builder: 'https://github.com/mallory/ci/.github/workflows/b.yml@refs/tags/v1' }),
    'builder-changed',
    'alarm',
    /the repository's own workflow → https:\/\/github\.com\/mallory\/ci/,
  ],
  [
    'a new install script',
    was,
    aSigned('lib', '1.0.1', { scripts: ['preinstall'] }),
    'install-script-new',
    'alarm',
    /runs preinstall at install; 1\.0\.0 ran nothing/,
  ],
  [
    'an install script only the lockfile tells of',
    was,
    aSigned('lib', '1.0.1', { package: { hasInstallScript: true } }),
    'install-script-new',
    'alarm',
    /runs a script at install/,
  ],
  [
    'an install script that is gone',
    aSigned('lib', '1.0.0', { scripts: ['install'] }),
    by({}),
    'install-script-gone',
    'good',
    /runs no code/,
  ],
  [
    'a new command',
    was,
    aSigned('lib', '1.0.1', { bins: ['lib'] }),
    'bin-new',
    'caution',
    /a new command: lib/,
  ],
  [
    'a git source',
    was,
    aGit('lib', '1.0.1'),
    'source-changed',
    'alarm',
    /came from a registry, and comes from a git repository now: git\+ssh/,
  ],
  [
    'the way back from git',
    aGit('lib', '1.0.0'),
    by({}),
    'source-changed',
    'caution',
    /comes from a registry now/,
  ],
  [
    'a downgrade',
    aSigned('lib', '1.0.2'),
    by({}),
    'downgrade',
    'caution',
    /goes back from 1\.0\.2 to 1\.0\.1/,
  ],
  [
    'a fresh release',
    was,
    published('2026-11-22T07:00:00.000Z'),
    'just-published',
    'caution',
    /published 5 hours ago, by the public log/,
  ],
  [
    'a deprecated release',
    was,
    knowing({ manifest: told(aManifest({ deprecated: 'use other' }, { name: 'lib', version: '1.0.1' })) }),
    'deprecated',
    'caution',
    /deprecated: use other/,
  ],
  [
    'other bytes under the same version',
    aSigned('lib', '1.0.1', { package: { integrity: anIntegrity('evil') } }),
    by({}),
    'bytes-changed',
    'alarm',
    /the same version with other bytes/,
  ],
];

describe('a diff', () => {
  for (const [what, before, after, kind, weight, text] of rows) {
    it(`tells of ${what}`, () => {
      const { findings } = changeBetween(before, after);
      const found = findings.find((finding) => finding.kind === kind);
      assert.ok(found, `${kind} is not among ${findings.map((one) => one.kind).join(', ')}`);
      assert.equal(found.weight, weight);
      assert.match(found.text, text);
    });
  }

  it('has nothing to tell of the next release by the same signer', () => {
    assert.deepEqual(changeBetween(was, by({})).findings, []);
  });

  it('has nothing to tell of a reusable builder at its next version, or of a change of case on GitHub', () => {
    const builder = (ref: string) => `https://github.com/acme/ci/.github/workflows/b.yml@refs/tags/${ref}`;
    const one = aSigned('lib', '1.0.0', { identity: { builder: builder('v1') } });
    assert.deepEqual(changeBetween(one, by({ builder: builder('v2') })).findings, []);
    const cased = {
      repository: 'https://github.com/Acme/Lib',
      builder: 'https://github.com/Acme/Lib/.github/workflows/release.yml@refs/tags/v1.0.1',
    };
    assert.deepEqual(changeBetween(was, by(cased)).findings, []);
  });

  it('takes what could not be asked for neither lost nor gained proof', () => {
    const kinds = changeBetween(knowing({ provenance: unavailable }), aBare('lib', '1.0.2')).findings.map(
      ({ kind }) => kind,
    );
    assert.deepEqual(kinds, []);
  });

  it('takes a stronger hash of the same version for a better one, and a missing one for an alarm', () => {
    const sha1 = {
      text: `sha1-${'A'.repeat(27)}=`,
      hashes: [{ algorithm: 'sha1', digest: `${'A'.repeat(27)}=` }],
    } as const;
    const old = aSigned('lib', '1.0.1', { package: { integrity: sha1 } });
    assert.deepEqual(
      changeBetween(old, by({})).findings.map(({ kind }) => kind),
      ['integrity-stronger'],
    );
    const bare = { ...by({}), package: without(by({}).package, 'integrity') };
    assert.deepEqual(
      changeBetween(by({}), bare).findings.map(({ kind }) => kind),
      ['bytes-changed'],
    );
  });

  it('says of a new package what it runs, where it comes from, and what proves it', () => {
    const { changes } = aDiff(
      [],
      [aSigned('new', '1.0.0', { scripts: ['install'] }), aGit('forked', '1.0.0'), aBare('plain', '1.0.0')],
    );
    const told = changes.map(({ name, kind, findings }) => [
      name,
      kind,
      ...findings.map((finding) => finding.kind),
    ]);
    assert.deepEqual(told, [
      ['forked', 'new', 'source-new'],
      ['new', 'new', 'install-script-new'],
      ['plain', 'new'],
    ]);
  });

  it('compares a version with the one it replaces: of its line before others, one that went before one that stays', () => {
    const at = (version: string, key?: string): Known => {
      const known = aSigned('lib', version);
      return key === undefined ? known : { ...known, package: { ...known.package, key } };
    };
    const before = [at('1.0.0'), at('2.0.0', 'node_modules/a/node_modules/lib')];
    const after = [at('1.1.0'), at('2.1.0', 'node_modules/a/node_modules/lib')];
    const pairs = aDiff(before, after).changes.map((change) => [
      change.before?.version,
      change.after?.version,
    ]);
    assert.deepEqual(pairs, [
      ['1.0.0', '1.1.0'],
      ['2.0.0', '2.1.0'],
    ]);
    const beside = aDiff([at('1.0.0')], [at('1.0.0'), at('3.0.0', 'node_modules/a/node_modules/lib')]);
    assert.deepEqual(
      beside.changes.map((change) => [change.kind, change.before?.version, change.after?.version]),
      [['updated', '1.0.0', '3.0.0']],
    );
  });

  it('names what went away once the whole name is gone, and keeps silent about a copy fewer', () => {
    const copy = {
      ...aSigned('lib', '0.9.0'),
      package: aPackage({ id: { name: 'lib', version: '0.9.0' }, key: 'node_modules/a/node_modules/lib' }),
    };
    assert.deepEqual(aDiff([was, copy], [was]).changes, []);
    assert.deepEqual(
      aDiff([was], []).changes.map(({ name, kind }) => [name, kind]),
      [['lib', 'removed']],
    );
  });

  it('leaves out the project’s own code, and counts what stayed', () => {
    const own = {
      ...was,
      package: aPackage({
        id: { name: 'own', version: '1.0.0' },
        source: { kind: 'workspace', path: 'packages/own' },
      }),
    };
    const { changes, unchanged } = aDiff([was], [was, own]);
    assert.deepEqual([changes, unchanged], [[], 1]);
  });

  it('asks for evidence of what changed and of what it replaces, and of nothing else', () => {
    const stays = aPackage({ id: { name: 'stays', version: '1.0.0' } });
    const [old, now] = [
      aPackage({ id: { name: 'lib', version: '1.0.0' } }),
      aPackage({ id: { name: 'lib', version: '1.0.1' } }),
    ];
    const { before, after } = changedPackages(aTree([stays, old]), aTree([stays, now]));
    assert.deepEqual([before.packages, after.packages], [[old], [now]]);
  });

  it('is judged at the moment given, not at another', () => {
    assert.equal(aDiff([], []).judgedAt, NOW.toISOString());
  });
});
