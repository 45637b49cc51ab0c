/** Runs one program in a fresh process and measures it from outside. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { cleanEnvironment, type RunResult, run } from '../support/managers.ts';
import { aTempDirectory } from '../support/temp.ts';

/** One run: wall time from start to end, and the peak of its memory where that was asked for. */
export type Sample = { readonly ms: number; readonly mebibytes: number; readonly result: RunResult };

/** What to run. */
export type Program = {
  readonly args: readonly string[];
  readonly cwd: string;
  /** A user's home, with all that a program keeps between runs. */
  readonly home: string;
  /** `startup`: nothing is loaded into the process, and its memory is not known. */
  readonly watch: 'memory' | 'startup';
};

const HOOK = pathToFileURL(fileURLToPath(new URL('./peak-memory.mjs', import.meta.url))).href;

/** Runs it to its end. */
export async function measure({ args, cwd, home, watch }: Program): Promise<Sample> {
  const peak = path.join(aTempDirectory('bench-peak'), 'kib');
  const env = {
    ...cleanEnvironment(),
    HOME: home,
    USERPROFILE: home,
    APPDATA: home,
    LOCALAPPDATA: home,
    NO_COLOR: '1',
    npm_config_cache: path.join(home, 'npm-cache'),
    NPMSIGN_BENCH_PEAK: peak,
  };
  const watched = watch === 'memory' ? ['--import', HOOK, ...args] : args;
  const start = performance.now();
  const result = await run(process.execPath, watched, { cwd, env, timeoutMs: 600_000 });
  const ms = performance.now() - start;
  const mebibytes = watch === 'memory' ? Number(readFileSync(peak, 'utf8')) / 1024 : 0;
  return { ms, mebibytes, result };
}
