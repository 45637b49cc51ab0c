/** The lock of a large project is small, and changes only where something changed. How quick it is read, test/bench/lock.bench.ts tells. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lockText, readLock, writeLock } from '../../lib/lock/index.ts';
import type { LockEntry } from '../../lib/model/lock.ts';
import { aHost } from '../support/host.ts';
import { aLine, LINES } from './large.ts';

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

  it('is read whole', async () => {
    const host = aHost();
    await writeLock(host, '.', LINES);
    assert.equal((await readLock(host, '.'))?.entries.size, LINES.length);
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
