/** Loaded into a measured process by `--import`: writes its peak memory in KiB to the file NPMSIGN_BENCH_PEAK names. */
import { writeFileSync } from 'node:fs';
import process from 'node:process';

process.once('exit', () => {
  const file = process.env.NPMSIGN_BENCH_PEAK;
  if (file !== undefined) writeFileSync(file, String(process.resourceUsage().maxRSS));
});
