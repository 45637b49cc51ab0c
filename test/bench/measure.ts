/** Runs one program in a fresh process and measures it from outside. */
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { cleanEnvironment, type RunResult, run } from '../support/managers.ts';

/** One run: wall time from start to end, and what it used of processor and memory where that was asked for. */
export type Sample = Usage & { readonly ms: number; readonly result: RunResult };

/** Milliseconds of processor time, of all threads, and the peak of resident memory; zero where nobody watched. */
export type Usage = { readonly cpuMs: number; readonly mebibytes: number };

/** What to run. */
export type Program = {
  /** The node of this process unless another program is named. */
  readonly command?: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** A user's home, with all that a program keeps between runs. */
  readonly home: string;
  /** Added to a clean environment. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * `usage`: a node that tells at its end. `outside`: no node; Linux is asked while it runs. `startup`: nothing is loaded into the
   * process, and what it uses is not known.
   */
  readonly watch: 'usage' | 'outside' | 'startup';
};

const HOOK = hookAt('./usage.mjs');

/** The address of a file of this folder, as `--import` takes it. */
export function hookAt(name: string): string {
  return pathToFileURL(fileURLToPath(new URL(name, import.meta.url))).href;
}

/** Runs it to its end. */
export async function measure({ command = process.execPath, ...of }: Program): Promise<Sample> {
  const { args, cwd, home, watch } = of;
  // The same for every run in this home: a remembered verdict is one about this very environment.
  const file = path.join(home, 'bench-usage.json');
  rmSync(file, { force: true });
  const env = { ...environmentIn(home), NPMSIGN_BENCH_USAGE: file, ...of.env };
  const seen = watch === 'outside' ? { ...NOTHING } : undefined;
  const start = performance.now();
  const result = await run(command, watch === 'usage' ? ['--import', HOOK, ...args] : args, {
    ...{ cwd, env, timeoutMs: 900_000 },
    ...(seen === undefined ? {} : { onStarted: (pid) => watchFromOutside(pid, seen) }),
  });
  const ms = performance.now() - start;
  return { ms, result, ...(watch === 'usage' ? readUsage(file) : (seen ?? NOTHING)) };
}

/** A clean environment in which everything a program keeps for its user goes below that home. */
export function environmentIn(home: string): Record<string, string> {
  return {
    ...cleanEnvironment(),
    ...{ HOME: home, USERPROFILE: home, APPDATA: home, LOCALAPPDATA: home, NO_COLOR: '1' },
    npm_config_cache: path.join(home, 'npm-cache'),
  };
}

const NOTHING: Usage = { cpuMs: 0, mebibytes: 0 };

function readUsage(file: string): Usage {
  // Written by usage.mjs: microseconds and KiB.
  const usage = JSON.parse(readFileSync(file, 'utf8')) as NodeJS.ResourceUsage;
  return {
    cpuMs: (usage.userCPUTime + usage.systemCPUTime) / 1000,
    mebibytes: usage.maxRSS / 1024,
  };
}

// Linux counts processor time in hundredths of a second.
const TICK_MS = 10;

/** Looks at the process until it is gone. What it used in its last moments is missed. */
function watchFromOutside(pid: number, seen: { cpuMs: number; mebibytes: number }): void {
  const timer = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      // A process that has ended and is not yet waited for has no memory any more.
      seen.mebibytes = Math.max(seen.mebibytes, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
      seen.cpuMs = (Number(stat[11]) + Number(stat[12])) * TICK_MS;
    } catch {
      // Gone, or another system than Linux: what was seen stands.
      clearInterval(timer);
    }
  }, 20);
  timer.unref();
}
