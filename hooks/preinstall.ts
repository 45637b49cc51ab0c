/** npm's root `preinstall`: judges the lockfile before anything is fetched, and owns up where npm calls it too late. */
import { main } from '../lib/cli/main.ts';
import type { Host } from '../lib/model/host.ts';
import { latenessOf } from './lateness.ts';

/** Resolves to the exit code of `npmsign verify`; anything but 0 fails the install. */
export async function preinstall(host: Host): Promise<number> {
  const lateness = await latenessOf(host);
  const code = await main(['verify', '--format', 'pretty'], host);
  if (lateness.kind === 'in-time') return code;
  if (code !== 0) host.err(tooLate(lateness.because));
  else if (lateness.kind === 'late-manager') host.err(`npmsign: checked late: ${lateness.because}.\n`);
  return code;
}

function tooLate(because: string): string {
  return `
npmsign: this was too late to prevent: ${because}.
  Install scripts of the packages named above may have run on this machine.
  node_modules is left as it is: delete it before you go on.
  To be asked before anything is fetched: run npmsign verify before npm ci, or use npm 12 or later.
  On npm 11.16 and later, strict-allow-scripts=true in .npmrc keeps unreviewed install scripts from running.
`;
}
