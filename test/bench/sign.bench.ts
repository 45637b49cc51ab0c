/** Prints what signing adds to `npm pack` beyond the services' answers: `node --import tsx test/bench/sign.bench.ts [rounds]`. */
import { rmSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { aSigningWorld, POSTPACK } from '../hooks/signing-project.ts';
import { ownNpm } from '../support/managers.ts';
import { aTempDirectory } from '../support/temp.ts';
import { measure } from './measure.ts';

const LIMIT = 100;
const ROUNDS = Number(process.argv[2] ?? 15);
// Nothing but that file: what an earlier round left is not packed.
const LIB = { name: '@acme/lib', version: '1.2.3', files: ['index.js'] };

const world = await aSigningWorld();
const npm = ownNpm();
const home = aTempDirectory('home');
const registry = 'http://127.0.0.1:9/';
const { services } = world;
const all = [services.tokens, services.fulcio, services.rekor];
const spent = (): number => all.reduce((sum, service) => sum + service.spent(), 0);

/** One way to spend time: what it took, and how long services were busy meanwhile. */
type Contender = { readonly name: string; readonly run: () => Promise<{ readonly cpuMs: number }> };
type Row = { readonly ms: number; readonly cpuMs: number; readonly services: number };

const plain = world.project({ ...LIB, scripts: {} });
const bare = world.project({ ...LIB, scripts: { postpack: '"$npm_node_execpath" -e 0' } });
const signed = world.project({ ...LIB, scripts: { postpack: POSTPACK.command } });

/** What npm gives to postpack, as it is there. */
const handed = await environmentOfPostpack();
const contenders: readonly Contender[] = [
  { name: 'plain', run: () => packs(plain.dir) },
  { name: 'bare', run: () => packs(bare.dir) },
  { name: 'signed', run: () => packs(signed.dir) },
  { name: 'node', run: () => runs(['-e', '0']) },
  { name: 'hook', run: () => runs([signed.file('node_modules/npmsign/dist/postpack.mjs')]) },
];

const rows = new Map<string, Row[]>();
for (let round = 0; round <= ROUNDS; round++) {
  for (const { name, run } of contenders) {
    const [start, before] = [performance.now(), spent()];
    const { cpuMs } = await run();
    const row = { ms: performance.now() - start, cpuMs, services: spent() - before };
    // The first round fills the caches of the machine.
    if (round > 0) rows.set(name, [...(rows.get(name) ?? []), row]);
  }
}
await world.close();

const ms = (name: string, of: keyof Row = 'ms'): number => {
  const values = (rows.get(name) ?? []).map((row) => row[of]).sort((a, b) => a - b);
  return values[Math.floor(values.length / 2)] ?? 0;
};
const least = (name: string): number =>
  Math.min(...(rows.get(name) ?? []).map((row) => row.ms - row.services));
const cpu = ms('hook', 'cpuMs') - ms('node', 'cpuMs');
const best = least('hook') - least('node');
// Other programs on the machine make either figure larger, and neither smaller.
const own = Math.min(best, cpu);
process.stdout.write(`signing one package, medians of ${ROUNDS} rounds, milliseconds (services on loopback)
npm pack                                      ${line(ms('plain'))}
npm pack with a postpack that does nothing    ${line(ms('bare'))}
npm pack that signs                           ${line(ms('signed'))}
  the services' answers in it                 ${line(ms('signed', 'services'))}
  added beyond them and the empty postpack    ${line(ms('signed') - ms('bare') - ms('signed', 'services'))}
the hook alone, beyond node's start and them  ${line(ms('hook') - ms('node') - ms('hook', 'services'))}
  in its best round                           ${line(best)}
  processor time of all its threads           ${line(cpu)}
limit: ${LIMIT} ms of own work; ${own < LIMIT ? 'held' : 'NOT held'}
`);

function line(value: number): string {
  return value.toFixed(1).padStart(7);
}

async function packs(dir: string): Promise<{ readonly cpuMs: number }> {
  const { code, stderr } = await npm.run(['pack'], { cwd: dir, registry, env: world.env });
  if (code !== 0) throw new Error(stderr);
  return { cpuMs: 0 };
}

async function runs(args: readonly string[]): Promise<{ readonly cpuMs: number }> {
  const { result, cpuMs } = await measure({ args, cwd: signed.dir, home, env: handed, watch: 'usage' });
  if (result.code !== 0) throw new Error(result.stderr);
  return { cpuMs };
}

async function environmentOfPostpack(): Promise<Readonly<Record<string, string>>> {
  const probe = world.project({
    ...LIB,
    scripts: { postpack: '"$npm_node_execpath" -p "JSON.stringify(process.env)"' },
  });
  const { stdout } = await npm.run(['pack', '--silent'], { cwd: probe.dir, registry, env: world.env });
  const printed = JSON.parse(stdout.split('\n').find((text) => text.startsWith('{')) ?? '{}');
  rmSync(probe.dir, { recursive: true, force: true });
  const packed = await npm.run(['pack', '--json'], { cwd: signed.dir, registry, env: world.env });
  const [one] = Object.values(JSON.parse(packed.stdout)) as { readonly integrity: string }[];
  return {
    ...printed,
    npm_package_integrity: one?.integrity ?? '',
    npm_package_json: signed.file('package.json'),
    npm_config_local_prefix: signed.dir,
    INIT_CWD: signed.dir,
  };
}
