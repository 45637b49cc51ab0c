/** Runs both verifiers over every bundle, and over as many altered ones as wanted. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { aTempDirectory } from '../../support/temp.ts';
import { ALTERATIONS, type Alteration, alter } from './alterations.ts';
import { createDice, pick } from './json-mutations.ts';
import { type Agreement, agreementOn, type Judged } from './judged.ts';

/** Two answers about one bundle. */
export type Finding = {
  readonly name: string;
  readonly kind: Alteration | 'as it is';
  /** What was done to it; empty for a bundle as it is. */
  readonly what: string;
  readonly agreement: Agreement;
  /** What the corpus expects of a bundle as it is. */
  readonly expected?: string;
  /** Where the bundle was written, when the two answers are not as they should be. */
  readonly file?: string;
};

/** How many are altered, and how; equal seeds alter alike. */
export type DifferentialRequest = { readonly mutations: number; readonly seed: number };

/** Every bundle as it is. */
export async function asTheyAre(bundles: readonly Judged[]): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const one of bundles) {
    const agreement = await agreementOn(one, one.bundle);
    const { name, expected } = one;
    findings.push({
      name,
      kind: 'as it is',
      what: '',
      agreement,
      ...(expected === undefined ? {} : { expected }),
    });
  }
  return findings;
}

/** Those that both accept: of what is refused already an alteration tells nothing. `findings` are those of {@link asTheyAre}. */
export function soundOnes(bundles: readonly Judged[], findings: readonly Finding[]): readonly Judged[] {
  return bundles.filter((_, index) => findings[index]?.agreement.kind === 'both accept');
}

/** Altered ones, made of those that both accept. */
export async function altered(
  sound: readonly Judged[],
  { mutations, seed }: DifferentialRequest,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (let count = 0; count < mutations; count++) {
    // A throw of its own for each: what one does takes nothing from the next.
    const dice = createDice(seed + Math.imul(count, 0x9e3779b1));
    const [one, other] = [pick(sound, dice), pick(sound, dice)];
    const { kind, what, value } = alter(one.bundle, other.bundle, dice);
    const agreement = await agreementOn(one, value);
    const file = agreement.kind === 'bad' ? keep(`${seed}-${count}`, value) : undefined;
    findings.push({
      name: one.name,
      kind,
      what: `#${count} ${what}`,
      agreement,
      ...(file === undefined ? {} : { file }),
    });
  }
  return findings;
}

function keep(name: string, value: unknown): string {
  const file = path.join(aTempDirectory('differential'), `${name}.json`);
  writeFileSync(file, JSON.stringify(value));
  return file;
}

const COLUMNS = ['both accept', 'both refuse', 'only sigstore-js accepts', 'bad'] as const;

/** One row for each kind of bundle: how many, and what the answers come to. */
export function differentialTable(findings: readonly Finding[]): string {
  const head = ['', 'bundles', 'both accept', 'both refuse', 'only sigstore-js', 'wrong'];
  const rows = (['as it is', ...ALTERATIONS] as const).flatMap((kind) =>
    rowOf(
      kind,
      findings.filter((one) => one.kind === kind),
    ),
  );
  const lines = [head, ...rows, ...rowOf('all', findings)];
  return lines
    .map(([first = '', ...rest]) => first.padEnd(16) + rest.map((cell) => cell.padStart(18)).join(''))
    .join('\n');
}

function rowOf(name: string, own: readonly Finding[]): readonly (readonly string[])[] {
  if (own.length === 0) return [];
  const counts = COLUMNS.map((kind) => own.filter(({ agreement }) => agreement.kind === kind).length);
  return [[name, ...[own.length, ...counts].map(String)]];
}
