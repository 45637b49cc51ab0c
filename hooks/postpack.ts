/** npm's `postpack` without a command on PATH: `"$npm_node_execpath" node_modules/npmsign/dist/postpack.mjs`. */
import process from 'node:process';
import { main, runProgram } from '../lib/cli/main.ts';

// A dependency can ship a command named `node` or `npmsign`; a path cannot be shadowed. stdout belongs to npm: `npm pack --json` stays JSON.
runProgram({
  world: process,
  reportTo: 'stderr',
  job: (host) => main(['sign', ...process.argv.slice(2)], host),
});
