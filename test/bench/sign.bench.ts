/** Prints npmsign's own work for one signature, beyond what the services answer: `node --import tsx test/bench/sign.bench.ts`. */
import { performance } from 'node:perf_hooks';
import { sign } from '../../lib/author/index.ts';
import { buildInto } from '../../scripts/build.ts';
import { aPacking } from '../sign/world.ts';
import { run } from '../support/managers.ts';
import { startSigningServices } from '../support/services/index.ts';
import { aTempDirectory } from '../support/temp.ts';

const RUNS = 15;
const services = await startSigningServices();
const dist = aTempDirectory('dist');
await buildInto(dist);

/** Milliseconds, median of several runs after a first. */
async function median(what: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n <= RUNS; n++) {
    const start = performance.now();
    await what();
    times.push(performance.now() - start);
  }
  return times.slice(1).sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? 0;
}

const inProcess = await median(() => sign(aPacking(services).host()));
const packing = aPacking(services);
const env = Object.fromEntries(
  Object.entries({ PATH: process.env['PATH'], ...packing.host().env }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  ),
);
const start = (args: readonly string[]) => run(process.execPath, args, { cwd: packing.dir, env });
const empty = await median(() => start(['-e', '0']));
const hook = await median(async () => {
  const { code, stderr } = await start([`${dist}/postpack.mjs`]);
  if (code !== 0) throw new Error(stderr);
});
await services.close();
process.stdout.write(`one signature in a running process   ${inProcess.toFixed(1)} ms (services on loopback included)
postpack as a process                ${hook.toFixed(1)} ms
  of that, node starting             ${empty.toFixed(1)} ms
  added to npm pack                  ${(hook - empty).toFixed(1)} ms (services on loopback included)
`);
