/** What the benchmark is asked for. */
import { parseArgs } from 'node:util';

/** Whom npmsign is measured against, besides the floor. */
export type Rival = 'npm11' | 'npm12' | 'pnpm12' | 'naive';

/** One run of the benchmark. */
export type Options = {
  readonly sizes: readonly number[];
  readonly rounds: number;
  /** For rivals, which take long. */
  readonly rivalRounds: number;
  readonly latencies: readonly number[];
  readonly rivals: readonly Rival[];
  /** `with`: the policy also compares earlier versions, which takes a packument for every package without provenance. */
  readonly history: 'with' | 'without';
  readonly profile: 'yes' | 'no';
};

/** What the flags say; `--all` stands for everything that is ever printed. */
export function optionsFrom(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      all: { type: 'boolean', default: false },
      packages: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      'rival-rounds': { type: 'string' },
      latency: { type: 'string', default: '0,20' },
      against: { type: 'string' },
      history: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
    },
  });
  const sizes = values.packages ?? (values.all ? '250,1150,3400,10000' : '1150');
  const rivals = values.against ?? (values.all ? RIVALS.join(',') : 'npm12');
  return {
    sizes: sizes.split(',').map((text) => wholeNumber('--packages', text, 2)),
    rounds: wholeNumber('--rounds', values.rounds, 1),
    rivalRounds: wholeNumber('--rival-rounds', values['rival-rounds'] ?? (values.all ? '3' : '1'), 1),
    latencies: values.latency.split(',').map((text) => wholeNumber('--latency', text, 0)),
    rivals: rivals === 'none' ? [] : rivals.split(',').map(rivalNamed),
    history: values.history ? 'with' : 'without',
    profile: values.profile ? 'yes' : 'no',
  };
}

const RIVALS: readonly Rival[] = ['npm11', 'npm12', 'pnpm12', 'naive'];

function rivalNamed(text: string): Rival {
  const rival = RIVALS.find((name) => name === text);
  if (rival !== undefined) return rival;
  throw new Error(`--against is ${text}; it takes ${RIVALS.join(', ')}, or none.`);
}

function wholeNumber(flag: string, text: string, least: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= least) return number;
  throw new Error(`${flag} is ${text}; it takes whole numbers from ${least}.`);
}
