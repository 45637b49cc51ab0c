/** Where the time and the memory of a run go: V8's own profiles, told by room and by function. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { aTempDirectory } from '../support/temp.ts';
import { succeeded } from './contender.ts';
import { measure } from './measure.ts';
import type { Scene } from './scene.ts';
import { aligned } from './table.ts';

/** The profiles of a cold run and of a warm one that verifies everything again, as text. */
export async function profilesOf({ programs, layOut, lockfile }: Scene): Promise<string> {
  const project = layOut(lockfile);
  const home = aTempDirectory('bench-home');
  const profiled = async (name: string, flag: 'cpu-prof' | 'heap-prof', flags: readonly string[]) => {
    const dir = aTempDirectory('bench-profile');
    // Microseconds, or bytes.
    const interval = flag === 'cpu-prof' ? '--cpu-prof-interval=200' : '--heap-prof-interval=8192';
    const command = [path.join(programs.npmsign, 'bin.mjs'), 'verify', ...flags];
    const args = [`--${flag}`, `--${flag}-dir=${dir}`, interval, ...command];
    const where = flags.length === 0 ? aTempDirectory('bench-home') : home;
    succeeded({ name }, await measure({ args, cwd: project, home: where, watch: 'startup' }));
    const [file = ''] = readdirSync(dir);
    const costs = readCosts(path.join(dir, file));
    return `${name}\n${topOf(costs, 'room')}\n\n${topOf(costs, 'place')}`;
  };
  const again = ['--no-remember'];
  await measure({
    ...{ args: [path.join(programs.npmsign, 'bin.mjs'), 'verify'], cwd: project, home, watch: 'startup' },
  });
  const parts = [
    await profiled('Time of the main thread, cold, in ms', 'cpu-prof', []),
    await profiled('Time of the main thread, warm, in ms', 'cpu-prof', again),
    await profiled('Heap at the end, cold, in KiB', 'heap-prof', []),
    await profiled('Heap at the end, warm, in KiB', 'heap-prof', again),
  ];
  return parts.join('\n\n');
}

/** A share of the cost: whose it is, in which room, and how much. */
type Cost = { readonly room: string; readonly place: string; readonly amount: number };

type Frame = { readonly functionName: string; readonly url: string; readonly lineNumber: number };
type CpuProfile = {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: Frame;
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
};
type HeapNode = {
  readonly callFrame: Frame;
  readonly selfSize: number;
  readonly children: readonly HeapNode[];
};

function readCosts(file: string): readonly Cost[] {
  // Written by V8, in one of its two shapes.
  const profile = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile | { readonly head: HeapNode };
  return 'head' in profile ? heapCosts(profile.head, undefined) : timeCosts(profile);
}

function timeCosts({ nodes, samples, timeDeltas }: CpuProfile): readonly Cost[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const owners = new Map<number, Owner>();
  const visit = (id: number, above: Owner | undefined) => {
    const node = byId.get(id);
    if (node === undefined) return;
    const owner = ownerOf(node.callFrame, above);
    owners.set(id, owner);
    for (const child of node.children ?? []) visit(child, owner);
  };
  visit(nodes[0]?.id ?? 0, undefined);
  return samples.flatMap((id, index) => {
    const owner = owners.get(id);
    return owner === undefined ? [] : [{ ...owner, amount: (timeDeltas[index] ?? 0) / 1000 }];
  });
}

function heapCosts(node: HeapNode, above: Owner | undefined): readonly Cost[] {
  const owner = ownerOf(node.callFrame, above);
  return [
    { ...owner, amount: node.selfSize / 1024 },
    ...node.children.flatMap((child) => heapCosts(child, owner)),
  ];
}

type Owner = Omit<Cost, 'amount'>;

/** What Node does is owned by whoever asked for it. */
function ownerOf({ functionName, url, lineNumber }: Frame, above: Owner | undefined): Owner {
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (url.startsWith('file:')) {
    const source = sourceAt(fileURLToPath(url), lineNumber);
    return { room: roomOf(source), place: `${source} ${name}` };
  }
  const isNobodys = above === undefined || above.room === NODE || name.startsWith('(');
  return isNobodys ? { room: NODE, place: url === '' ? name : `${url} ${name}` } : above;
}

const NODE = 'node itself';

/** `lib/registry`, or the library. */
function roomOf(source: string): string {
  const parts = source.split('/');
  const from = parts.lastIndexOf('node_modules');
  if (from === -1) return parts.slice(0, 2).join('/');
  const isScoped = parts[from + 1]?.startsWith('@') ?? false;
  return parts.slice(from, from + (isScoped ? 3 : 2)).join('/');
}

const sources = new Map<string, readonly string[]>();

/** The source file that stands in a bundle at that line: esbuild writes its name above it. */
function sourceAt(bundle: string, line: number): string {
  const known = sources.get(bundle) ?? sourceLinesOf(bundle);
  sources.set(bundle, known);
  return known[line] ?? bundle;
}

function sourceLinesOf(bundle: string): readonly string[] {
  let current = path.basename(bundle);
  return readFileSync(bundle, 'utf8')
    .split('\n')
    .map((line) => {
      current = /^ {0,4}\/\/ ((?:lib|hooks|node_modules)\/\S+)$/.exec(line)?.[1] ?? current;
      return current;
    });
}

const MOST = 15;

function topOf(costs: readonly Cost[], by: 'room' | 'place'): string {
  const sums = new Map<string, number>();
  for (const cost of costs) sums.set(cost[by], (sums.get(cost[by]) ?? 0) + cost.amount);
  const all = costs.reduce((sum, { amount }) => sum + amount, 0);
  const top = [...sums].sort(([, a], [, b]) => b - a).slice(0, MOST);
  const rows = top.map(([name, amount]) => [
    name,
    amount.toFixed(1),
    `${((100 * amount) / all).toFixed(1)} %`,
  ]);
  return aligned([[`by ${by === 'room' ? 'room' : 'function'}`, all.toFixed(0), ''], ...rows]);
}
