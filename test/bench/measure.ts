/** Runs one program in a fresh process and measures it from outside. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { cleanEnvironment, type RunResult, run } from '../support/managers.ts';
import { aTempDirectory } from '../support/temp.ts';

/** One run: wall time from start to end, and what it used of processor and memory where that was asked for. */
export type Sample = Usage & { readonly ms: number; readonly result: RunResult };

/** Milliseconds of processor time, of all threads, and the peak of resident memory; zero where nobody watched. */
export type Usage = { readonly cpuMs: number; readonly mebibytes: number };

/** What to run. */
export type Program = {
  readonly args: readonly string[];
  readonly cwd: string;
  /** A user's home, with all that a program keeps between runs. */
  readonly home: string;
  /** `startup`: nothing is loaded into the process, and what it uses is not known. */
  readonly watch: 'usage' | 'startup';
};

const HOOK = pathToFileURL(fileURLToPath(new URL('./usage.mjs', import.meta.url))).href;

/** Runs it to its end. */
export async function measure({ args, cwd, home, watch }: Program): Promise<Sample> {
  const file = path.join(aTempDirectory('bench-usage'), 'usage.json');
  const env = {
    ...cleanEnvironment(),
    HOME: home,
    USERPROFILE: home,
    APPDATA: home,
    LOCALAPPDATA: home,
    NO_COLOR: '1',
    npm_config_cache: path.join(home, 'npm-cache'),
    NPMSIGN_BENCH_USAGE: file,
  };
  const watched = watch === 'usage' ? ['--import', HOOK, ...args] : args;
  const start = performance.now();
  const result = await run(process.execPath, watched, { cwd, env, timeoutMs: 600_000 });
  const ms = performance.now() - start;
  return { ms, result, ...(watch === 'usage' ? readUsage(file) : { cpuMs: 0, mebibytes: 0 }) };
}

function readUsage(file: string): Usage {
  // Written by usage.mjs: microseconds and KiB.
  const usage = JSON.parse(readFileSync(file, 'utf8')) as NodeJS.ResourceUsage;
  return {
    cpuMs: (usage.userCPUTime + usage.systemCPUTime) / 1000,
    mebibytes: usage.maxRSS / 1024,
  };
}
