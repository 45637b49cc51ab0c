/** The lock of a large project is small, quick to read, and changes only where something changed. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { describe, it } from 'node:test';
import { lockText, readLock, writeLock } from '../../lib/lock/index.ts';
import type { LockEntry } from '../../lib/model/lock.ts';
import { aHost } from '../support/host.ts';

const PACKAGES = 1150;

/** A release line as most are that have provenance: names and repositories of ordinary length, some with commands. */
function aLine(index: number): LockEntry {
  const name = index % 3 === 0 ? `@organisation/package-${index}` : `some-package-${index}`;
  return {
    name,
    line: String(1 + (index % 9)),
    proof: 'provenance',
    signer: {
      issuer: 'https://token.actions.githubusercontent.com',
      repository: `https://github.com/organisation/repository-${index}`,
      repositoryId: String(100_000_000 + index),
      ownerId: String(10_000_000 + index),
      workflow: '.github/workflows/release.yml',
      refClass: 'tag',
      trigger: 'push',
    },
    installScript: index % 100 === 0,
    bins: index % 10 === 0 ? [`command-${index}`] : [],
  };
}

const LINES = Array.from({ length: PACKAGES }, (_, index) => aLine(index));

/** The lines only one of two texts has, each with its sign. */
function changedLines(before: string, after: string): readonly string[] {
  const [old, now] = [before.split('\n'), after.split('\n')];
  const start = old.findIndex((line, index) => line !== now[index]);
  const [oldEnd, nowEnd] = [old.toReversed(), now.toReversed()];
  const rest = Math.min(old.length, now.length) - start;
  const same = oldEnd.slice(0, rest).findIndex((line, index) => line !== nowEnd[index]);
  const end = same === -1 ? rest : same;
  return [
    ...old.slice(start, old.length - end).map((line) => `-${line}`),
    ...now.slice(start, now.length - end).map((line) => `+${line}`),
  ];
}

describe('a lock of 1,150 packages, all of them with provenance', () => {
  it('is under 300 KiB', () => {
    const bytes = Buffer.byteLength(lockText(LINES));
    assert.ok(bytes < 300 * 1024, `${bytes} bytes`);
  });

  it('reads in under 20 ms', async () => {
    const dir = mkdtempSync(path.join(os.tmpdir(), 'npmsign-lock-'));
    const host = aHost({ cwd: dir });
    await writeLock(host, '.', LINES);
    const times: number[] = [];
    for (let run = 0; run < 20; run++) {
      const start = performance.now();
      assert.equal((await readLock(host, '.'))?.entries.size, PACKAGES);
      times.push(performance.now() - start);
    }
    rmSync(dir, { recursive: true });
    // The best of twenty: other work on the machine can only make a run slower.
    assert.ok(Math.min(...times) < 20, `${Math.min(...times).toFixed(1)} ms`);
  });

  it('changes only the lines of the package that changed', () => {
    const before = lockText(LINES);
    const changed = LINES.map(
      (line, index): LockEntry =>
        index === 500 && line.signer !== undefined
          ? { ...line, signer: { ...line.signer, trigger: 'release' } }
          : line,
    );
    assert.deepEqual(changedLines(before, lockText(changed)), [
      '-\t\t\t"trigger": "push",',
      '+\t\t\t"trigger": "release",',
    ]);
    const added = changedLines(before, lockText([...LINES, { ...aLine(500), line: '77' }]));
    assert.ok(added.length >= 9 && added.length <= 12, String(added.length));
    assert.ok(added.every((line) => line.startsWith('+')) && added.some((line) => line.includes('@77"')));
  });
});
