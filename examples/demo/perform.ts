/** Runs npmsign and npm as a person would, in a home of their own, and keeps what they print in the order they print it. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { cleanEnvironment, type Npm } from '../../test/support/managers.ts';
import { aTempDirectory } from '../../test/support/temp.ts';

/** What a program printed, to stdout and stderr alike, and how it ended; -1 when it was killed. */
export type Performance = { readonly printed: string; readonly code: number };

/** The programs of the demo. */
export type Cast = {
  readonly npm: Pick<Npm, 'version' | 'node' | 'npmCli'>;
  /** The built command. */
  readonly npmsign: string;
  readonly color: boolean;
};

/** Where a program runs, and what else its environment holds. */
export type Place = { readonly cwd: string; readonly env?: Readonly<Record<string, string>> };

const LIMIT_MS = 60_000;

/** Runs `npmsign` with these arguments. */
export function runNpmsign(
  { npm, npmsign, color }: Cast,
  args: readonly string[],
  place: Place,
): Promise<Performance> {
  return perform(npm.node, [npmsign, ...args], {
    ...place,
    env: { ...environment(npm.node, color), ...place.env },
  });
}

/** Runs the real npm with these arguments. */
export function runNpm({ npm, color }: Cast, args: readonly string[], place: Place): Promise<Performance> {
  const flags = [
    '--no-audit',
    '--no-fund',
    '--no-update-notifier',
    '--fetch-retries=0',
    `--color=${color ? 'always' : 'false'}`,
  ];
  const env = { ...environment(npm.node, color), ...place.env };
  return perform(npm.node, [npm.npmCli, ...args, ...flags], { ...place, env });
}

/** A new home each time: no cache remembers an earlier act, and nothing is left in the real one. */
function environment(node: string, color: boolean): Record<string, string> {
  const home = aTempDirectory('demo-home');
  const clean = cleanEnvironment();
  return {
    ...clean,
    PATH: [path.dirname(node), clean['PATH']].join(path.delimiter),
    HOME: home,
    USERPROFILE: home,
    APPDATA: home,
    LOCALAPPDATA: home,
    ...(color ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }),
    npm_config_cache: path.join(home, 'npm-cache'),
    npm_config_globalconfig: path.join(home, 'global.npmrc'),
  };
}

function perform(
  program: string,
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<Performance> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: { ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const state = { printed: '' };
    const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        state.printed += text;
      });
    }
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ printed: state.printed, code: code ?? -1 });
    });
  });
}
