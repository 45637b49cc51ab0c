/** The gate matrix: what is said of each row holds for it, and a sample of the rows is tried again. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { problemsOf } from './claims.ts';
import { contestantOf, TITLES } from './contestants.ts';
import { HOLES, holesOf } from './holes.ts';
import { nameOf, type Row, readRecord } from './record.ts';
import { aGround, type Ground } from './trials.ts';
import { type Intent, waysOf } from './ways.ts';

const { rows } = readRecord();

describe('the gate matrix', () => {
  it('says of each row what was seen: what is stopped before shows no tarball, no script, no change', () => {
    assert.deepEqual(rows.flatMap(problemsOf), []);
  });

  it('has a row that would not hold if one tarball had been asked for', () => {
    const stopped = rows.find(({ when }) => when === 'before') ?? assert.fail();
    assert.match(problemsOf({ ...stopped, tarballs: ['evil'] }).join(), /tarballs were asked for: evil/);
    assert.match(problemsOf({ ...stopped, when: 'late' }).join(), /no one hole tells why/);
  });

  it('tells of no hole that does not show', () => {
    for (const hole of HOLES) {
      const seen = rows.filter((row) => holesOf(row).includes(hole));
      const isMissing = (field: 'manager' | 'intent') => (name: string) =>
        !seen.some((row) => row[field] === name);
      const missing = [
        ...hole.managers.filter(isMissing('manager')),
        ...hole.intents.filter(isMissing('intent')),
      ];
      assert.deepEqual(missing, [], hole.why);
    }
  });
});

/** One way that is stopped and one that is not, or not as one would think, of each manager. */
const SAMPLE: ReadonlyMap<string, readonly Intent[]> = new Map([
  ['npm 10', ['frozen']],
  ['npm 11', ['frozen-unreviewed', 'add']],
  ['npm 12', ['frozen', 'bare-wanted', 'rebuild']],
  ['pnpm 10', ['frozen-warm', 'rebuild', 'config', 'ci-config']],
  ['pnpm 11', ['add']],
  ['pnpm 12', ['update', 'run']],
  ['yarn 1', ['bare-wanted', 'frozen-member']],
  ['yarn 4', ['update']],
  ['bun', ['frozen', 'trust']],
]);

const skip = process.platform === 'win32' ? 'the managers here are started by a POSIX shell' : false;

describe('a sample of the gate matrix', { skip }, () => {
  let ground: Ground;
  const tried = new Map<string, Awaited<ReturnType<typeof sampled>>>();
  before(async () => {
    for (const title of TITLES) tried.set(title, await sampled(title));
    ground = await aGround(
      [...tried.values()].map(({ contestant, sample }) => [contestant, sample] as const),
    );
  });
  after(() => ground.close());

  async function sampled(title: string) {
    const contestant = await contestantOf(title);
    const ways = waysOf(contestant);
    const intents = SAMPLE.get(title) ?? [];
    const sample = ways.filter(({ intent, setUp }) => intents.includes(intent) && setUp === undefined);
    return { contestant, ways, sample };
  }

  for (const title of TITLES) {
    it(`has a row for every way of ${title}`, () => {
      const { contestant, ways } = tried.get(title) ?? assert.fail();
      const names = ways.map((way) => JSON.stringify(nameOf(contestant, way)));
      assert.deepEqual(
        rows.filter(({ manager }) => manager === title).map((row) => JSON.stringify(nameIn(row))),
        names,
      );
    });

    for (const intent of SAMPLE.get(title) ?? []) {
      it(`holds for ${title}: ${intent}`, async () => {
        const { contestant, sample } = tried.get(title) ?? assert.fail();
        const way = sample.find((one) => one.intent === intent) ?? assert.fail();
        const { row, said } = await ground.attempt(contestant, way);
        const kept = rows.find(
          (one) => one.manager === title && one.intent === intent && one.setUp === row.setUp,
        );
        assert.deepEqual(row, kept, said);
      });
    }
  }
});

function nameIn({ intent, gate, setUp, command }: Row) {
  return { intent, gate, setUp, command };
}
