/** npm's `postpack` without a command on PATH: `"$npm_node_execpath" node_modules/npmsign/dist/postpack.mjs`. */
import process from 'node:process';
import { nothingToSignIn } from '../lib/author/index.ts';
import { main, runProgram } from '../lib/cli/main.ts';

// A dependency can ship a command named `node` or `npmsign`; a path cannot be shadowed. stdout belongs to npm: `npm pack --json` stays JSON.
runProgram({
  world: process,
  reportTo: 'stderr',
  async job(host) {
    // npm waits for its scripts: what has nothing to sign is one small file, and says so by itself.
    if (process.argv.length === 2 && nothingToSignIn(host.env) !== undefined) return main(['sign'], host);
    const { signPacked } = await import('./signing.ts');
    return signPacked(host);
  },
});
