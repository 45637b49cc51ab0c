/**
 * Holds npmsign's verifier against sigstore-js: on every bundle of the corpus, on minted ones and on altered ones it accepts nothing the
 * reference refuses, and refuses more only for reasons that are listed. `npm run differential` alters ten thousand.
 */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { corpusMissing } from '../support/corpus.ts';
import { corpus } from './corpus-cases.ts';
import { corpusBundles } from './differential/corpus-bundles.ts';
import { mutateDer } from './differential/der-mutations.ts';
import { createDice } from './differential/json-mutations.ts';
import { agreementOn, type Judged } from './differential/judged.ts';
import { mintedBundles } from './differential/minted-bundles.ts';
import { altered, asTheyAre, differentialTable, type Finding, soundOnes } from './differential/run.ts';

const MUTATIONS = 1000;
const SEED = 20261122;

const wrong = (findings: readonly Finding[]): readonly Finding[] =>
  findings.filter(({ agreement }) => agreement.kind === 'bad');

describe('npmsign and sigstore-js', () => {
  const minted = mintedBundles();
  const { judged, left } = corpusBundles();
  const bundles = [...judged, ...minted];
  let whole: readonly Finding[];
  before(async () => {
    whole = await asTheyAre(bundles);
  });

  it('both accept what is minted in every form', () => {
    const findings = whole.slice(judged.length);
    assert.equal(findings.length, 36);
    assert.deepEqual(
      findings.filter(({ agreement }) => agreement.kind !== 'both accept'),
      [],
    );
  });

  it('agree on every bundle of the corpus, but where the corpus itself wants more', {
    skip: corpus === '' ? corpusMissing : false,
  }, async () => {
    const findings = whole.slice(0, judged.length);
    assert.ok(judged.length > 260, `only ${judged.length} bundles found`);
    assert.equal(left.length, 2, left.join('; '));
    assert.deepEqual(wrong(findings), []);
    const lenient = findings.filter(({ agreement }) => agreement.kind === 'only sigstore-js accepts');
    assert.deepEqual(
      lenient.map(({ name, expected }) => `${name}: ${expected}`),
      [
        'adversarial/mediatype-suffix/attestation-1: fail',
        'adversarial/tlog-proof-roothash/attestation-1: fail',
      ],
    );
  });

  it(`agree on ${MUTATIONS} altered bundles (seed ${SEED})`, async (t) => {
    const findings = await altered(soundOnes(bundles, whole), {
      mutations: MUTATIONS,
      seed: SEED,
    });
    t.diagnostic(differentialTable(findings));
    assert.deepEqual(wrong(findings), []);
    const refused = findings.filter(({ agreement }) => agreement.kind === 'both refuse');
    assert.ok(refused.length > MUTATIONS / 2, 'the alterations hardly refuted anything');
  });

  it('are told apart when one of them is wrong', async () => {
    const [one] = minted;
    assert.ok(one);
    const lax: Judged = { ...one, reference: () => 'refused' };
    assert.equal((await agreementOn(lax, one.bundle)).kind, 'bad');
    const strict: Judged = {
      ...one,
      ours: async () => ({ ok: false, code: 'SCT', reason: 'made up' }),
    };
    assert.deepEqual(await agreementOn(strict, one.bundle), {
      kind: 'bad',
      reason: 'npmsign refuses for a reason that is not listed: SCT made up',
    });
  });
});

describe('altered DER', () => {
  it('is still DER around what was altered, and the same for the same seed', () => {
    const sequence = Buffer.from('300a020101300504033001ff', 'hex');
    const made = Array.from({ length: 50 }, (_, seed) => mutateDer(sequence, sequence, createDice(seed)));
    const again = Array.from({ length: 50 }, (_, seed) => mutateDer(sequence, sequence, createDice(seed)));
    assert.deepEqual(made, again);
    const removed = made.find((one) => one?.what === 'DER element removed at 0');
    assert.equal(removed?.bytes.toString('hex'), '3007300504033001ff');
  });

  it('is not made of what is no DER', () => {
    assert.equal(mutateDer(Buffer.from('no DER'), undefined, createDice(1)), undefined);
  });
});
