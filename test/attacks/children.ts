/** Runs the published command in processes of its own: for bounds on memory, for runs at the same time, and for runs that are killed. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { cleanEnvironment, type RunResult, run } from '../support/managers.ts';
import { aTempDirectory } from '../support/temp.ts';
import { type Case, homeEnvironment } from './world.ts';

/** One run of the command, and what it cost. */
export type Measured = RunResult & { readonly peakMiB: number; readonly seconds: number };

/** How a process is started. */
export type ChildRequest = {
  /** Absolute path of the executable. */
  readonly npmsign: string;
  readonly home?: string;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
};

/** `npmsign verify` in the project. */
export function verifyIn(
  found: Case,
  { npmsign, home, flags = [], env = {} }: ChildRequest,
): Promise<RunResult> {
  return run(process.execPath, [npmsign, 'verify', '--no-remember', ...flags], {
    cwd: found.dir,
    env: { ...cleanEnvironment(), ...homeEnvironment(home), ...env },
  });
}

/** The same, with the largest amount of memory it held and the time it took. */
export async function measured(found: Case, request: ChildRequest): Promise<Measured> {
  const dir = aTempDirectory('measure');
  const [script, result] = [path.join(dir, 'peak.mjs'), path.join(dir, 'peak.txt')];
  writeFileSync(script, PEAK);
  const env = {
    ...request.env,
    NODE_OPTIONS: `--import=${pathToFileURL(script).href}`,
    NPMSIGN_TEST_PEAK: result,
  };
  const started = performance.now();
  const ended = await verifyIn(found, { ...request, env });
  const seconds = (performance.now() - started) / 1000;
  return { ...ended, seconds, peakMiB: Number(readFileSync(result, 'utf8')) / 1024 };
}

/** Writes the process's peak of resident memory, in KiB, when it ends. */
const PEAK = `import { writeFileSync } from 'node:fs';
process.on('exit', () => writeFileSync(process.env.NPMSIGN_TEST_PEAK, String(process.resourceUsage().maxRSS)));
`;
