/** Loaded into a measured process by `--import`: at its end, writes what it used to the file NPMSIGN_BENCH_USAGE names. */
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { isMainThread } from 'node:worker_threads';

process.once('exit', () => {
  const file = process.env.NPMSIGN_BENCH_USAGE;
  // It is the process that is measured, with all its threads.
  if (file !== undefined && isMainThread) writeFileSync(file, JSON.stringify(process.resourceUsage()));
});
