/** npm's root `preinstall`: judges the lockfile before anything is fetched, and owns up where npm calls it too late. */
import { main } from '../lib/cli/main.ts';
import { ASKED_BEFORE, EXIT, watchGate } from '../lib/index.ts';
import type { Host } from '../lib/model/host.ts';
import { latenessOf } from './lateness.ts';
import { type Lockstep, lockstepOf } from './lockstep.ts';
import { isYarnClassic, yarnLockstepOf } from './yarn-classic.ts';

/** Resolves to the exit code of `npmsign verify`, or 3 where npm is about to fetch what no lockfile lists; all but 0 fail the install. */
export async function preinstall(host: Host): Promise<number> {
  const [lateness, watch] = [await latenessOf(host), await watchGate(host)];
  const code = await main(['verify', '--format', 'pretty'], host);
  if (code !== EXIT.met) {
    if (lateness.kind !== 'in-time') host.err(tooLate(lateness.because));
    return code;
  }
  if (lateness.kind === 'late-manager') {
    // Behind npmsign ci and npmsign install it is the second to be asked.
    const isFirst = host.env[ASKED_BEFORE] !== '1';
    if (isFirst) host.err(`npmsign: checked late: ${lateness.because}; npmsign ci asks before.\n`);
  } else if ((await resolvesMore(host)) === 'more') return EXIT.unverified;
  for (const { message } of await watch.opened('preinstall')) host.err(`npmsign: ${message}.\n`);
  return EXIT.met;
}

/** A bare install, and everything yarn 1 is asked to add, resolves what the lockfile lacks, right after this gate has opened. */
async function resolvesMore(host: Host): Promise<'more' | 'nothing more'> {
  const lockstep = await (isYarnClassic(host) ? yarnLockstepOf(host) : npmLockstepOf(host));
  if (lockstep.kind === 'in-step') return 'nothing more';
  const steps = isYarnClassic(host) ? YARN_STEPS : NPM_STEPS;
  host.err(
    `\nnpmsign: what is about to be fetched could not be verified: ${lockstep.because}.\n  ${steps}\n`,
  );
  return 'more';
}

async function npmLockstepOf(host: Host): Promise<Lockstep> {
  return host.env['npm_command'] === 'install' ? lockstepOf(host) : { kind: 'in-step' };
}

const NPM_STEPS =
  'To be asked before anything is fetched: npmsign install, or npm install --package-lock-only --ignore-scripts, npmsign verify, then npm ci.';
const YARN_STEPS =
  'yarn 1 cannot resolve without fetching: yarn add --ignore-scripts, npmsign verify, then yarn install --frozen-lockfile --force.';

function tooLate(because: string): string {
  return `
npmsign: this was too late to prevent: ${because}.
  Install scripts of the packages named above may have run on this machine.
  node_modules is left as it is: delete it before you go on.
  To be asked before anything is fetched: run npmsign verify before npm ci, or use npm 12 or later.
  On npm 11.16 and later, strict-allow-scripts=true in .npmrc keeps unreviewed install scripts from running.
`;
}
