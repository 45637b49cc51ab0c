/** Measures npmsign beside a hand-written floor: `npm run bench -- [--packages n] [--rounds n] [--latency ms,ms] [--history]`. */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import type { Report } from '../../lib/model/report.ts';
import { aTempDirectory } from '../support/temp.ts';
import { type Contender, contendersFor, type Outcome, runOnce, type Scene, warmUp } from './contenders.ts';
import { lockfileOf } from './lockfile.ts';
import { measure } from './measure.ts';
import { builtCommand, builtFloor, writeProject } from './project.ts';
import { startServer } from './server.ts';
import { type Line, tableOf } from './table.ts';
import { worldOf } from './world.ts';

type Options = {
  readonly packages: number;
  readonly rounds: number;
  readonly latencies: readonly number[];
  readonly history: 'with' | 'without';
};

await main(optionsFrom(process.argv.slice(2)));

async function main({ packages, rounds, latencies, history }: Options): Promise<void> {
  const { lockfile, origin } = await lockfileOf(packages);
  const world = worldOf(lockfile);
  const { entries, attested } = world;
  const [processor] = cpus();
  say(`${origin}: ${entries} lockfile entries, ${world.packages} distinct versions, ${attested} attested`);
  say(`node ${process.version}, ${processor?.model ?? 'unknown processor'}, ${availableParallelism()} cores`);
  const server = await startServer(world.dir);
  try {
    const scene: Scene = {
      project: writeProject({ lockfile, world, registry: server.url, history }),
      server,
      npmsign: await builtCommand(),
      floor: await builtFloor(),
      warm: { npmsign: aTempDirectory('bench-home'), floor: aTempDirectory('bench-home') },
    };
    await assertAllProved(scene);
    await warmUp(scene);
    say(`${rounds} rounds, interleaved; the registry is another process, answering from memory\n`);
    say(tableOf(await linesOf(contendersFor(latencies), scene, rounds)));
  } finally {
    await server.close();
  }
}

function optionsFrom(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      packages: { type: 'string', default: '1150' },
      rounds: { type: 'string', default: '5' },
      latency: { type: 'string', default: '0,20' },
      history: { type: 'boolean', default: false },
    },
  });
  return {
    packages: wholeNumber('--packages', values.packages, 1),
    rounds: wholeNumber('--rounds', values.rounds, 1),
    latencies: values.latency.split(',').map((text) => wholeNumber('--latency', text, 0)),
    history: values.history ? 'with' : 'without',
  };
}

function wholeNumber(flag: string, text: string, least: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= least) return number;
  throw new Error(`${flag} is ${text}; it takes whole numbers from ${least}.`);
}

/** A run that proves less than everything would be quick for the wrong reason. */
async function assertAllProved({ project, npmsign }: Scene): Promise<void> {
  const file = path.join(aTempDirectory('bench-report'), 'report.json');
  const args = [npmsign, 'verify', '--format', 'json', '--output', file];
  const { result } = await measure({
    args,
    cwd: project,
    home: aTempDirectory('bench-home'),
    watch: 'startup',
  });
  if (result.code > 1) throw new Error(`npmsign verify ended with ${result.code}:\n${result.stderr}`);
  // npmsign's own report, of the shape SPEC 7 gives.
  const { summary } = JSON.parse(readFileSync(file, 'utf8')) as Pick<Report, 'summary'>;
  const { packages, pass, signatures, provenance } = summary;
  say(
    `npmsign: ${pass} of ${packages} pass, ${signatures.proved} signatures and ${provenance.proved} provenances proved`,
  );
  if (pass !== packages || signatures.proved !== packages)
    throw new Error(`Not every package passes; see npmsign verify in ${project}:\n${result.stdout}`);
}

async function linesOf(
  contenders: readonly Contender[],
  scene: Scene,
  rounds: number,
): Promise<readonly Line[]> {
  const outcomes = new Map<Contender, Outcome[]>(contenders.map((contender) => [contender, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [contender, known] of outcomes) known.push(await runOnce(contender, scene));
    if (process.stderr.isTTY) process.stderr.write(`\rround ${round + 1} of ${rounds}\r`);
  }
  return [...outcomes].map(([{ name, over }, known]) => ({
    name,
    ms: known.map(({ ms }) => ms),
    cpuMs: known.map(({ cpuMs }) => cpuMs),
    mebibytes: known.map(({ mebibytes }) => mebibytes),
    requests: Math.max(...known.map(({ requests }) => requests)),
    bytes: Math.max(...known.map(({ bytes }) => bytes)),
    ...(over === undefined ? {} : { over }),
  }));
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
