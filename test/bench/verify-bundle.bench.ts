/**
 * Measures what proving one attestation, or one registry signature, costs beyond its bare cryptography, in the same process. Run it with `tsx`; it
 * prints, and asserts nothing.
 */
import process from 'node:process';
import { corpusMissing } from '../support/corpus.ts';
import { type BareProver, bareProvers } from './bare.ts';
import { type MeasuredProof, proofsIn } from './proofs.ts';

const ROUNDS = 15;
/** Rounds that are not counted: they warm the compiler up. */
const WARM_UP = 5;
/** Microseconds that the bare side takes in a turn: a run, too, proves many in a row. */
const TURN = 12_000;

type Work = () => Promise<unknown>;

/** A way of doing it, and what it cost in each round, in microseconds. */
type Side = { readonly work: Work; readonly costs: number[] };

type Comparison = {
  readonly proof: MeasuredProof;
  readonly place: BareProver['place'];
  readonly repeats: number;
  readonly own: Side;
  readonly bare: Side;
};

async function main(): Promise<void> {
  const all: Comparison[] = [];
  for (const { place, room, bareOf } of await bareProvers()) {
    for (const proof of proofsIn(room)) {
      const bare = sideOf(await bareOf(proof.prove));
      const repeats = Math.ceil(TURN / (await costHere(bare.work, 12)));
      all.push({ proof, place, repeats, own: sideOf(proof.prove), bare });
    }
  }
  if (all.length === 0) console.log(corpusMissing);
  // All take turns, so that a busy machine, a warm compiler and a full heap are the same for all.
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    for (const one of all) for (const side of [one.own, one.bare]) await measure(side, one, round);
  }
  for (const one of all) console.log(lineOf(one, await referenceCost(one)));
}

function sideOf(work: Work): Side {
  return { work, costs: [] };
}

async function measure({ work, costs }: Side, { place, repeats }: Comparison, round: number): Promise<void> {
  const cost = await (place === 'on one thread' ? costHere : costInPool)(work, repeats);
  if (round >= 0) costs.push(cost);
}

/** Microseconds of one call, of the processor and not of the clock on the wall. */
async function costHere(work: Work, repeats: number): Promise<number> {
  const start = process.cpuUsage();
  for (let repeat = 0; repeat < repeats; repeat++) await work();
  return since(start) / repeats;
}

/** The thread pool is given many at a time, as a run does: one after another would measure how threads fall asleep and wake up. */
async function costInPool(work: Work, repeats: number): Promise<number> {
  const start = process.cpuUsage();
  await Promise.all(Array.from({ length: repeats }, work));
  return since(start) / repeats;
}

function since(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

/** Measured after all others: what it leaves behind would be collected on somebody else's account. */
async function referenceCost({ proof: { reference }, place }: Comparison): Promise<number | undefined> {
  if (reference === undefined || place !== 'on one thread') return undefined;
  const costs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) costs.push(await costHere(reference, 2));
  return median(costs);
}

function lineOf({ proof: { name, limit }, place, own, bare }: Comparison, reference?: number): string {
  const [cost, floor] = [median(own.costs), median(bare.costs)];
  const ratio = cost / floor;
  const figures = `${cost.toFixed(0).padStart(5)} µs  bare ${floor.toFixed(0).padStart(5)} µs  ${ratio.toFixed(2)} ×`;
  const verdict = `(limit ${limit}) ${ratio <= limit ? 'held  ' : 'missed'}`;
  const beside = reference === undefined ? '' : `   sigstore-js ${(reference / floor).toFixed(1)} ×`;
  return `${place.padEnd(20)}${name.padEnd(54)}${figures} ${verdict}${beside}`;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

await main();
