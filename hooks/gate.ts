/**
 * The gate a project vendors as `.npmsign/gate.mjs`: npm and yarn 1 run it, `"$npm_node_execpath" .npmsign/gate.mjs preinstall|dependencies`;
 * the hooks of other managers import it as `gate.mjs?hook` and call what it exports.
 */
import process from 'node:process';
import { PROVER, runProgram } from '../lib/cli/main.ts';
import { UsageError } from '../lib/errors.ts';
import type { Host } from '../lib/model/host.ts';
import { scan } from './bun.ts';
import { dependencies } from './dependencies.ts';
import { createNpmExtension } from './npm-extension.ts';
import { createPnpmHooks } from './pnpm.ts';
import { preinstall } from './preinstall.ts';
import { projectOf } from './project.ts';
import { createYarnHooks } from './yarn.ts';

export const pnpm = createPnpmHooks(process);
export const yarn = createYarnHooks(process);
export const bun = { scan: (found: Parameters<typeof scan>[1]) => scan(process, found) };
export const npm = createNpmExtension(process);

const moments: ReadonlyMap<string, (host: Host) => Promise<number>> = new Map([
  ['preinstall', preinstall],
  ['dependencies', dependencies],
]);

// Whatever is not plainly an import by a hook is a run: a gate that did nothing, and said nothing, would look open.
if (new URL(import.meta.url).search !== '?hook') {
  if (process.argv[2] === PROVER) void serveOrRun();
  else run();
}

/** The gate's second thread runs the same file. Whoever calls it so by hand is told what a gate is called with. */
async function serveOrRun(): Promise<void> {
  const { serveProofs } = await import('../lib/proving/index.ts');
  if (!serveProofs(process)) run();
}

// stdout belongs to the package manager: `npm ci --json` must stay JSON. Everything, the report included, goes to stderr.
function run(): void {
  runProgram({
    world: process,
    reportTo: 'stderr',
    prover: new URL(import.meta.url),
    async job(host) {
      const [moment] = process.argv.slice(2);
      const hook = moments.get(moment ?? '');
      if (hook !== undefined) return hook({ ...host, cwd: projectOf(host), interactive: false });
      const message = 'The gate is called with the name of the script that calls it.';
      throw new UsageError('UNKNOWN_COMMAND', message, {
        hint: `One of: ${[...moments.keys()].join(', ')}.`,
      });
    },
  });
}
