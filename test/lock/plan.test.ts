/** What a run adds to the lock, what it refuses, and that verify then holds what was locked. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lockedSigner } from '../../lib/checks/locked-signer.ts';
import { UsageError } from '../../lib/errors.ts';
import { lockNotices, lockText, planLock } from '../../lib/lock/index.ts';
import { parseLock } from '../../lib/lock/parse.ts';
import type { Lock, LockEntry } from '../../lib/model/lock.ts';
import type { LockPlan } from '../../lib/model/lock-plan.ts';
import { entryFor } from '../../lib/text/release-line.ts';
import { aBare, aGit, aSigned, type Known } from '../report/a-diff.ts';
import { aManifest, anIntegrity, aPackage, aSubject, aTree, told } from '../support/builders.ts';
import { NOW } from '../support/host.ts';

type Asked = { readonly accept?: readonly string[]; readonly reason?: string; readonly prune?: boolean };

/** Plans over a tree of these versions, each at a place of its own. */
function planned(
  versions: readonly Known[],
  lock?: Lock,
  { accept = [], reason = '', prune = false }: Asked = {},
): LockPlan {
  const placed = versions.map(({ package: pkg, evidence }, index) => ({
    package: { ...pkg, key: `${pkg.key}#${index}` },
    evidence,
  }));
  return planLock({
    tree: aTree(placed.map((one) => one.package)),
    evidence: new Map(placed.map((one) => [one.package.key, one.evidence])),
    ...(lock === undefined ? {} : { lock }),
    accept,
    reason,
    prune,
    now: NOW,
  });
}

/** The lock as it is after it was written and read again. */
function lockAfter({ entries }: LockPlan): Lock {
  return { path: 'npmsign.lock.json', entries: parseLock(lockText(entries), 'npmsign.lock.json') };
}

function answerOf({ package: pkg, evidence }: Known, lock: Lock): string {
  const entry = entryFor(lock, pkg.id);
  return lockedSigner.ask(
    aSubject({
      package: pkg,
      evidence,
      lock: entry === undefined ? { exists: true } : { exists: true, entry },
    }),
    {},
  ).kind;
}

const keysOf = (entries: readonly LockEntry[]): readonly string[] =>
  entries.map(({ name, line }) => `${name}@${line}`);

const one = aSigned('lib', '1.0.0');
const locked = lockAfter(planned([one]));
const evil = aSigned('lib', '1.0.1', { identity: { trigger: 'issue_comment' } });

describe('a lock plan', () => {
  it('adds what is new: release lines, git sources, and nothing that is bundled or the project’s own', () => {
    const bundled = {
      ...one,
      package: aPackage({
        id: { name: 'inner', version: '1.0.0' },
        source: { kind: 'bundled', inside: 'node_modules/lib' },
      }),
    };
    const own = {
      ...one,
      package: aPackage({
        id: { name: 'own', version: '1.0.0' },
        source: { kind: 'workspace', path: 'own' },
      }),
    };
    const plan = planned([
      one,
      aSigned('lib', '2.0.0'),
      aSigned('young', '0.3.1'),
      aGit('forked', '1.0.0'),
      bundled,
      own,
    ]);
    assert.deepEqual(keysOf(plan.added), ['forked@1', 'lib@1', 'lib@2', 'young@0.3']);
    assert.equal(plan.added[0]?.source, 'git');
  });

  it('is the same whatever the order of the tree', () => {
    const versions = [
      aSigned('b', '1.0.0'),
      aSigned('a', '2.0.0'),
      aBare('b', '1.4.0'),
      aSigned('b', '1.2.0'),
    ];
    assert.equal(lockText(planned(versions).entries), lockText(planned(versions.toReversed()).entries));
  });

  const unlocked = [
    ['a refuted signature', { signature: { status: 'refuted', reason: 'wrong' } }, 'refuted'],
    ['stripped attestations', { publish: { status: 'refuted', reason: 'stripped' } }, 'refuted'],
    [
      'provenance that could not be had',
      { provenance: { status: 'unavailable', reason: 'timed out' } },
      'unavailable',
    ],
    [
      'a manifest that could not be had',
      { manifest: { status: 'unavailable', reason: 'timed out' } },
      'unavailable',
    ],
    ['a version the registry does not have', { manifest: { status: 'absent' } }, 'unavailable'],
    [
      'other bytes than the registry lists',
      {
        manifest: told(
          aManifest({ integrity: anIntegrity('other').text }, { name: 'lib', version: '1.0.0' }),
        ),
      },
      'refuted',
    ],
  ] as const;
  for (const [what, evidence, why] of unlocked) {
    it(`never locks ${what}, and says so`, () => {
      const plan = planned([aSigned('lib', '1.0.0', { evidence })]);
      assert.deepEqual(
        plan.unlocked.map((found) => found.why),
        [why],
      );
      assert.deepEqual(plan.entries, []);
    });
  }

  it('leaves an entry alone when its package cannot be had today', () => {
    const away = aSigned('lib', '1.0.0', {
      evidence: { signature: { status: 'unavailable', reason: 'timed out' } },
    });
    const plan = planned([away], locked, { prune: true });
    assert.deepEqual([keysOf(plan.entries), plan.differs, plan.pruned], [['lib@1'], false, []]);
  });

  it('finds nothing to do for the next release by the same signer', () => {
    const plan = planned([aSigned('lib', '1.9.0')], locked);
    assert.deepEqual([plan.differs, plan.unchanged, plan.refused], [false, 1, []]);
  });

  it('refuses a changed signer and keeps what it had', () => {
    const plan = planned([evil], locked);
    assert.deepEqual(
      [plan.differs, plan.refused.length, plan.refused[0]?.because],
      [false, 1, ['trigger was push, is issue_comment']],
    );
    assert.equal(answerOf(evil, lockAfter(plan)), 'fail');
  });

  const accepts = ['lib', 'l*', 'lib@1.0.1', 'lib@^1'] as const;
  for (const accept of accepts) {
    it(`writes a changed signer that "${accept}" accepts, with date and reason`, () => {
      const plan = planned([evil], locked, { accept: [accept], reason: 'they said so' });
      assert.deepEqual(plan.entries[0]?.accepted, { on: '2026-11-22', reason: 'they said so' });
      assert.equal(answerOf(evil, lockAfter(plan)), 'pass');
      assert.equal(answerOf(one, lockAfter(plan)), 'fail');
    });
  }

  it('keeps the reason for as long as the signer stays', () => {
    const accepted = lockAfter(planned([evil], locked, { accept: ['lib'], reason: 'they said so' }));
    const next = aSigned('lib', '1.0.2', { identity: { trigger: 'issue_comment' }, bins: ['lib'] });
    const plan = planned([next], accepted);
    assert.deepEqual([plan.refreshed.length, plan.entries[0]?.accepted?.reason], [1, 'they said so']);
  });

  it('throws for an acceptance of what has not changed', () => {
    for (const accept of ['lib', 'other', 'lib@2']) {
      assert.throws(() => planned([one], locked, { accept: [accept], reason: 'x' }), UsageError);
    }
  });

  it('takes more proof, and more known about a signer, without asking; never less', () => {
    const bare = lockAfter(planned([aBare('lib', '1.0.0')]));
    const gained = planned([one], bare);
    assert.equal(gained.refreshed.length, 1);
    assert.equal(gained.entries[0]?.proof, 'provenance');
    const lost = planned([aBare('lib', '1.0.1')], lockAfter(gained));
    assert.deepEqual([lost.refused.length, lost.entries[0]?.proof], [1, 'provenance']);
  });

  it('wants an acceptance for code that runs at install, not for a new command', () => {
    const bins = planned([aSigned('lib', '1.0.1', { bins: ['lib'] })], locked);
    assert.deepEqual([bins.refused.length, bins.refreshed[0]?.because], [0, ['installs new commands: lib']]);
    const scripts = planned([aSigned('lib', '1.0.1', { scripts: ['install'] })], locked);
    assert.deepEqual(scripts.refused[0]?.because, ['runs code at install, and ran none before']);
  });

  it('prunes only when asked, and only what left the tree', () => {
    const both = lockAfter(planned([one, aSigned('other', '3.0.0')]));
    const kept = planned([one], both);
    assert.deepEqual([keysOf(kept.stale), kept.differs], [['other@3'], false]);
    const pruned = planned([one], both, { prune: true });
    assert.deepEqual([keysOf(pruned.pruned), keysOf(pruned.entries)], [['other@3'], ['lib@1']]);
  });
});

describe('several versions of one line', () => {
  const old = aBare('lib', '1.0.0');
  const now = aSigned('lib', '1.2.0');

  it('leave the line to the newest, and others an entry of their own', () => {
    const lock = lockAfter(planned([old, now]));
    assert.deepEqual([...lock.entries.keys()], ['lib 1', 'lib 1.0.0']);
    assert.deepEqual([answerOf(old, lock), answerOf(now, lock)], ['pass', 'pass']);
    assert.equal(answerOf(aBare('lib', '1.2.1'), lock), 'fail');
    assert.equal(answerOf(aBare('lib', '1.0.1'), lock), 'fail');
  });

  it('share the entry where the same signer made them', () => {
    assert.deepEqual(keysOf(planned([one, now]).entries), ['lib@1']);
  });

  it('leave the line to the newest stable version, not to a prerelease', () => {
    const canary = aSigned('lib', '1.3.0-canary.1', { identity: { ref: 'refs/heads/main' } });
    assert.deepEqual(keysOf(planned([canary, now]).entries), ['lib@1', 'lib@1.3.0-canary.1']);
    assert.deepEqual(keysOf(planned([canary]).entries), ['lib@1']);
  });

  it('keep what the line leaves behind when a change is accepted', () => {
    const moved = aSigned('lib', '1.3.0', { identity: { trigger: 'release' } });
    const before = lockAfter(planned([now]));
    const lock = lockAfter(planned([now, moved], before, { accept: ['lib'], reason: 'x' }));
    assert.deepEqual([answerOf(now, lock), answerOf(moved, lock)], ['pass', 'pass']);
    assert.deepEqual([...lock.entries.keys()], ['lib 1', 'lib 1.2.0']);
  });

  it('refuse an older number by somebody else as they refuse a newer one', () => {
    const before = lockAfter(planned([now]));
    const older = aSigned('lib', '1.1.9', { identity: { trigger: 'issue_comment' } });
    const plan = planned([now, older], before);
    assert.deepEqual(
      plan.refused.map(({ id }) => id.version),
      ['1.1.9'],
    );
    assert.equal(plan.differs, false);
  });

  it('accept an older number for itself alone', () => {
    const before = lockAfter(planned([now]));
    const older = aSigned('lib', '1.1.9', { identity: { trigger: 'release' } });
    const lock = lockAfter(planned([now, older], before, { accept: ['lib@1.1.9'], reason: 'x' }));
    assert.deepEqual([answerOf(now, lock), answerOf(older, lock)], ['pass', 'pass']);
    assert.equal(answerOf(aSigned('lib', '1.2.1', { identity: { trigger: 'release' } }), lock), 'fail');
  });
});

describe('notices about the lock', () => {
  it('count what the lock does not know', () => {
    const { package: known } = one;
    const { package: stranger } = aSigned('stranger', '1.0.0');
    assert.deepEqual(lockNotices(aTree([known]), locked), []);
    assert.deepEqual(lockNotices(aTree([known, stranger]), undefined), []);
    const [notice] = lockNotices(aTree([known, stranger]), locked);
    assert.equal(notice?.code, 'LOCK_NEW');
    assert.match(notice.message, /^1 package is new to npmsign\.lock\.json.*stranger@1\.0\.0/);
  });
});
