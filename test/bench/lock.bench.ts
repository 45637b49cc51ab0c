/** Prints what it takes the processor to read a lock of 1,150 packages: `node --import tsx test/bench/lock.bench.ts [rounds]`. Exit 1 above the limit. */
import process from 'node:process';
import { lockText, readLock, writeLock } from '../../lib/lock/index.ts';
import { LINES } from '../lock/large.ts';
import { aHost } from '../support/host.ts';

/** Milliseconds. */
const LIMIT = 20;
const ROUNDS = Number(process.argv[2] ?? 30);

const host = aHost();
await writeLock(host, '.', LINES);
const times: number[] = [];
for (let round = 0; round < ROUNDS; round++) {
  // The processor's time, and not the clock's on the wall: other work on the machine is none of the lock's.
  const start = process.cpuUsage();
  await readLock(host, '.');
  const { user, system } = process.cpuUsage(start);
  times.push((user + system) / 1000);
}
const [first = 0] = times;
const sorted = times.toSorted((a, b) => a - b);
const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
const kib = Buffer.byteLength(lockText(LINES)) / 1024;
process.stdout.write(
  `${LINES.length} packages, ${kib.toFixed(0)} KiB: first read ${first.toFixed(1)} ms, median ${median.toFixed(1)} ms, limit ${LIMIT} ms\n`,
);
process.exitCode = median < LIMIT ? 0 : 1;
