/**
 * Measures npmsign beside a hand-written floor and beside others, in one run whose rounds are interleaved: `npm run bench -- [--packages
 * n,n] [--rounds n] [--rival-rounds n] [--latency ms,ms] [--against npm11,npm12,pnpm12,naive|none] [--history] [--all] [--profile]`.
 */
import { availableParallelism, cpus, loadavg } from 'node:os';
import process from 'node:process';
import { type Contender, type Outcome, runOnce } from './contender.ts';
import { gateLines } from './gate.ts';
import { standingsOf } from './limits.ts';
import { type Line, medianOf } from './line.ts';
import { lockfileOf } from './lockfile.ts';
import { type Options, optionsFrom } from './options.ts';
import { type Demands, ownLines } from './own.ts';
import { profilesOf } from './profile.ts';
import { assertAllProved } from './proved.ts';
import { rivalLines } from './rivals.ts';
import { buildPrograms, openScene, type Programs, type Scene } from './scene.ts';
import { standingTableOf, tableOf } from './table.ts';

const GATE_PACKAGES = 50;

await main(optionsFrom(process.argv.slice(2)));

async function main(options: Options): Promise<void> {
  const [processor] = cpus();
  say(`node ${process.version}, ${processor?.model ?? 'unknown processor'}, ${availableParallelism()} cores`);
  const programs = await buildPrograms();
  const gate = await openScene({ programs, ...(await lockfileOf(GATE_PACKAGES)), history: options.history });
  const measured = new Map<number, readonly Line[]>();
  try {
    for (const size of options.sizes)
      measured.set(size, await measureSize(size, { options, programs, gate }));
  } finally {
    await gate.close();
  }
  if (measured.size > 1 && options.profile === 'no') say(`\n${growthOf(measured)}`);
}

type Bench = { readonly options: Options; readonly programs: Programs; readonly gate: Scene };

async function measureSize(size: number, { options, programs, gate }: Bench): Promise<readonly Line[]> {
  const { rounds, rivalRounds, latencies, rivals, history } = options;
  const { lockfile, origin } = await lockfileOf(size);
  const scene = await openScene({ programs, lockfile, history });
  const { entries, packages, attested } = scene.world;
  say(`\n${origin}: ${entries} lockfile entries, ${packages} distinct versions, ${attested} attested`);
  try {
    say(await assertAllProved(scene));
    if (options.profile === 'yes') {
      say(await profilesOf(scene));
      return [];
    }
    const contenders = [...(await ownLines(scene, latencies, demandsAt(size))), ...(await gateLines(gate))];
    for (const rival of rivals) contenders.push(...(await rivalLines(rival, scene, latencies)));
    const [load = 0] = loadavg();
    say(
      `${rounds} rounds, interleaved (rivals ${rivalRounds}); registry in another process; load ${load.toFixed(1)}\n`,
    );
    const lines = await linesOf(contenders, rounds, rivalRounds);
    say(`${tableOf(lines)}\n\n${standingTableOf(standingsOf(lines))}`);
    return lines;
  } finally {
    await scene.close();
  }
}

/** SPEC 8, and what else is asked at other sizes. */
function demandsAt(size: number): Demands {
  const mebibytes = size <= 1150 ? 160 : 200;
  if (size === 1150) return { npmCold: 9, npmWarm: 12, mebibytes, bytes: 4_500_000 };
  if (size === 250) return { npmCold: 7, npmWarm: 7, mebibytes };
  if (size === 3400) return { npmCold: 16, npmWarm: 16, mebibytes };
  return { mebibytes };
}

async function linesOf(
  contenders: readonly Contender[],
  rounds: number,
  rivalRounds: number,
): Promise<readonly Line[]> {
  const outcomes = new Map<Contender, Outcome[]>(contenders.map((contender) => [contender, []]));
  for (let round = 0; round < Math.max(rounds, rivalRounds); round++) {
    for (const [contender, known] of outcomes) {
      if (round < (contender.pace === 'seldom' ? rivalRounds : rounds)) known.push(await runOnce(contender));
    }
    if (process.stderr.isTTY) process.stderr.write(`\rround ${round + 1} of ${rounds}\r`);
  }
  return [...outcomes].map(([{ name, over, limits }, known]) => ({
    name,
    limits,
    ms: known.map(({ ms }) => ms),
    cpuMs: known.map(({ cpuMs }) => cpuMs),
    mebibytes: known.map(({ mebibytes }) => mebibytes),
    requests: Math.max(...known.map(({ requests }) => requests)),
    bytes: Math.max(...known.map(({ bytes }) => bytes)),
    ...(over === undefined ? {} : { over }),
  }));
}

/** What a package costs at each size: constant, where cost grows as the tree does. */
function growthOf(measured: ReadonlyMap<number, readonly Line[]>): string {
  const names = ['npmsign verify, cold', 'npmsign verify, warm', 'floor, cold', 'floor, warm'];
  const rows = names.map((name) => {
    const cells = [...measured].map(([size, lines]) => {
      const line = lines.find((other) => other.name === name);
      return `${size}: ${line === undefined ? '–' : (medianOf(line.ms) / size).toFixed(2)} ms`;
    });
    return `  ${name.padEnd(22)} ${cells.join('   ')}`;
  });
  return `Per package\n${rows.join('\n')}`;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
