/** What a line of the table is made of: a program to start, over and over, and what it is held to. */
import type { Limit } from './line.ts';
import type { Sample } from './measure.ts';
import type { Served, Server } from './server.ts';

/** One line of the table. */
export type Contender = {
  readonly name: string;
  readonly server: Server;
  /** How late the registry answers. */
  readonly latencyMs: number;
  /** `seldom`: it takes so long that the first rounds have to do. */
  readonly pace: 'always' | 'seldom';
  /** The line its median is divided by. */
  readonly over?: string;
  readonly limits: readonly Limit[];
  /** Makes ready what the run may find, outside the measured time. */
  readonly prepare?: () => void;
  readonly start: () => Promise<Sample>;
  /** What it has to print, or else it was quick for the wrong reason. */
  readonly proves?: RegExp;
};

/** What came of one run, and what the registry served meanwhile. */
export type Outcome = Sample & Served;

/** `, 20 ms away` for a registry that is. */
export function awayBy(latencyMs: number): string {
  return latencyMs === 0 ? '' : `, ${latencyMs} ms away`;
}

/** Runs it once. Throws when a program that was to succeed did not. */
export async function runOnce(contender: Contender): Promise<Outcome> {
  contender.prepare?.();
  await contender.server.order({ latencyMs: contender.latencyMs });
  const sample = await contender.start();
  const served = await contender.server.order({ latencyMs: 0 });
  return { ...succeeded(contender, sample), ...served };
}

/** The sample itself. Throws when the program did not succeed, or proved less than everything. */
export function succeeded(
  { name, proves = /(?:)/ }: Pick<Contender, 'name' | 'proves'>,
  sample: Sample,
): Sample {
  const { code, stdout, stderr } = sample.result;
  const said = `${stdout}${stderr}`;
  if (code !== 0) throw new Error(`${name} ended with ${code}:\n${said.slice(0, 4000)}`);
  if (!proves.test(said)) throw new Error(`${name} did not say ${proves}:\n${said.slice(0, 4000)}`);
  return sample;
}
