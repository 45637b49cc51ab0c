/** The gate a project vendors as `.npmsign/gate.mjs`: `"$npm_node_execpath" .npmsign/gate.mjs preinstall|dependencies`. */
import process from 'node:process';
import { runProgram } from '../lib/cli/main.ts';
import { UsageError } from '../lib/errors.ts';
import type { Host } from '../lib/model/host.ts';
import { dependencies } from './dependencies.ts';
import { preinstall } from './preinstall.ts';
import { projectOf } from './project.ts';

const moments: ReadonlyMap<string, (host: Host) => Promise<number>> = new Map([
  ['preinstall', preinstall],
  ['dependencies', dependencies],
]);

// stdout belongs to the package manager: `npm ci --json` must stay JSON. Everything, the report included, goes to stderr.
runProgram({
  world: process,
  reportTo: 'stderr',
  async job(host) {
    const [moment] = process.argv.slice(2);
    const hook = moments.get(moment ?? '');
    if (hook === undefined) {
      throw new UsageError(
        'UNKNOWN_COMMAND',
        'The gate is called with the name of the script that calls it.',
        {
          hint: `One of: ${[...moments.keys()].join(', ')}.`,
        },
      );
    }
    return hook({ ...host, cwd: projectOf(host), interactive: false });
  },
});
