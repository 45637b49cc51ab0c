/** npm's root `dependencies`: the after-check of every command that changed `node_modules`. */
import { main } from '../lib/cli/main.ts';
import { EXIT, watchGate } from '../lib/index.ts';
import type { Host } from '../lib/model/host.ts';

/** Resolves to the exit code of `npmsign verify`; anything but 0 fails the command, which has already been carried out. */
export async function dependencies(host: Host): Promise<number> {
  const watch = await watchGate(host);
  const code = await main(['verify', '--format', 'pretty'], host);
  if (code !== EXIT.met) host.err(AFTERWARDS);
  else for (const { message } of await watch.opened('dependencies')) host.err(`npmsign: ${message}.\n`);
  return code;
}

const AFTERWARDS = `
npmsign: npm calls this check after the change, so it was too late to prevent.
  node_modules, package.json and the lockfile hold the change, and install scripts of the packages named above may have run.
  To take it back: restore package.json and the lockfile, delete node_modules, and run npm ci.
  To be asked before anything is fetched: npm install --package-lock-only --ignore-scripts, npmsign verify, then npm ci.
`;
