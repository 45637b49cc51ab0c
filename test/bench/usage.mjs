/** Loaded into a measured process by `--import`: at its end, writes what it used to the file NPMSIGN_BENCH_USAGE names. */
import { writeFileSync } from 'node:fs';
import process from 'node:process';

process.once('exit', () => {
  const file = process.env.NPMSIGN_BENCH_USAGE;
  if (file !== undefined) writeFileSync(file, JSON.stringify(process.resourceUsage()));
});
