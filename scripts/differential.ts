/**
 * Holds npmsign's verifier against sigstore-js on every bundle of the corpus and minted ones, and on 10,000 altered ones. Lists one by one
 * what only sigstore-js accepts, with the reason. `--mutations <n>` `--seed <n>`; exits 1 when anything else differs.
 */
import { parseArgs } from 'node:util';
import { corpusBundles } from '../test/sigstore/differential/corpus-bundles.ts';
import { STRICTER } from '../test/sigstore/differential/judged.ts';
import { mintedBundles } from '../test/sigstore/differential/minted-bundles.ts';
import {
  altered,
  asTheyAre,
  differentialTable,
  type Finding,
  soundOnes,
} from '../test/sigstore/differential/run.ts';
import { corpusMissing } from '../test/support/corpus.ts';

const { values } = parseArgs({
  options: { mutations: { type: 'string', default: '10000' }, seed: { type: 'string', default: '20261122' } },
});
const request = { mutations: Number(values.mutations), seed: Number(values.seed) };
const started = performance.now();
const corpus = corpusBundles();
if (corpus.judged.length === 0) process.stderr.write(`${corpusMissing}\n`);
const bundles = [...corpus.judged, ...mintedBundles()];
const whole = await asTheyAre(bundles);
const findings = [...whole, ...(await altered(soundOnes(bundles, whole), request))];
const [lenient, bad] = [of('only sigstore-js accepts'), of('bad')];

say(
  `${corpus.judged.length} bundles of the corpus, ${bundles.length - corpus.judged.length} minted, seed ${request.seed}\n`,
);
for (const left of corpus.left) say(`not judged: ${left}`);
say(`\n${differentialTable(findings)}\n\nOnly sigstore-js accepts, one by one:`);
for (const [code, why] of STRICTER) {
  const own = lenient.filter(({ agreement }) => 'code' in agreement && agreement.code === code);
  if (own.length > 0) say(`\n${code} (${own.length}): ${why}`);
  for (const one of own) say(`  ${lineOf(one)}`);
}
for (const one of bad) say(`WRONG ${lineOf(one)} ${one.file ?? ''}`);
const seconds = ((performance.now() - started) / 1000).toFixed(0);
say(
  `\n${findings.length} judged by both in ${seconds} s: ${lenient.length} only by sigstore-js, ${bad.length} wrong`,
);
process.exitCode = bad.length === 0 && findings.length > 0 ? 0 : 1;

function of(kind: Finding['agreement']['kind']): readonly Finding[] {
  return findings.filter(({ agreement }) => agreement.kind === kind);
}

function lineOf({ name, what, expected, agreement }: Finding): string {
  const corpusSays = expected === undefined ? '' : ` (the corpus expects: ${expected})`;
  const reason = 'reason' in agreement ? agreement.reason : '';
  return `${name}${what === '' ? '' : `, ${what}`}: ${reason}${corpusSays}`;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
