/** Trouble is neither pass nor violation: endpoints that fail, no network, no fresh trust root, a wrong clock (ATTACKS.md, U). */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it, type TestContext } from 'node:test';
import { publishCanary } from '../support/project.ts';
import { hideAttestations, type Misbehaviour } from '../support/registry/index.ts';
import { createTufRepository } from '../support/sigstore/tuf.ts';
import { startTufServer, type TufServer } from '../support/sigstore/tuf-server.ts';
import { aTempDirectory } from '../support/temp.ts';
import type { Judgement } from './judgement.ts';
import { provePasses, proveRefused, record } from './rows.ts';
import { aCase, aWorld, type Case, type World } from './world.ts';

const DAY = 24 * 3_600_000;
const BOTH = ['provenance', 'publish-attestation'];

function noted(id: string, what: string, effect: string, decidedBy = '-'): void {
  record({ id, column: 'recommended', what, effect, decidedBy, canary: 'not installed' });
}

const codesOf = (judged: Judgement): readonly string[] => judged.report().notices.map(({ code }) => code);

describe('an endpoint in trouble (U01, U02)', () => {
  let world: World;
  before(async () => {
    world = await aWorld();
  });
  afterEach(() => world.registry.behave());
  after(() => world.close());

  /** The package the trouble is about, and one that nothing is wrong with. Only where an answer does not come is the wait short. */
  function pair(name: string, how?: Misbehaviour): Case {
    const packages = [name, `${name}-sound`].map((one) =>
      world.registry.publish({ name: one, version: '1.0.0', attest: {} }),
    );
    const isLate = how?.kind === 'silence' || how?.kind === 'half';
    return aCase(world, { packages, npmrc: isLate ? ['fetch-timeout=1000'] : [] });
  }

  it('U01: attestations announced and answered with 404 are stripped, which is a violation', async () => {
    const found = pair('u01');
    await provePasses(found, {}, 'U01 before');
    world.registry.misbehave({ name: 'u01' }, hideAttestations);
    await proveRefused(found, {
      ...{ id: 'U01', what: 'attestations announced, and answered with 404', because: /^stripped/ },
      decidedBy: BOTH.map((check) => `u01 ${check}`),
    });
  });

  const troubles: readonly (readonly [string, Misbehaviour])[] = [
    ['500', { kind: 'status', status: 500 }],
    ['503', { kind: 'status', status: 503 }],
    ['a timeout', { kind: 'silence' }],
    ['a connection reset', { kind: 'reset' }],
    ['half an answer', { kind: 'half' }],
    ['a page instead of JSON', { kind: 'body', body: '<html>', type: 'text/html' }],
  ];
  for (const [index, [what, how]] of troubles.entries()) {
    it(`U02: ${what} from the attestations endpoint is unverified, and the other package is judged`, async () => {
      const name = `u02-${index}`;
      const found = pair(name, how);
      world.registry.misbehave({ name, on: 'attestations' }, how);
      const judged = await proveRefused(found, {
        ...{ id: 'U02', what: `${what} from the attestations endpoint`, effect: 'unverified' },
        decidedBy: BOTH.map((check) => `${name} ${check}`),
        also: [`${name} provenance-regression`],
      });
      const [, sound] = judged.report().verdicts;
      assert.deepEqual([sound?.package.name, sound?.effect], [`${name}-sound`, 'pass']);
    });

    it(`U02: ${what} from the whole registry leaves everything unverified, never passed`, async () => {
      world.registry.misbehave({}, how);
      const judged = await pair(`u02-all-${index}`, how).judge();
      assert.deepEqual([judged.code, judged.effect], [3, 'unverified']);
      const { packages, unverified } = judged.report().summary;
      assert.deepEqual([packages, unverified], [2, 2]);
      noted('U02', `${what} from the whole registry`, 'unverified');
    });
  }

  it('U02: trouble about one package hides no violation of another', async () => {
    const packages = [
      world.registry.publish({ name: 'u02-lost', version: '1.0.0', attest: {} }),
      publishCanary(world.registry, { name: 'u02-evil', version: '1.0.0' }),
    ];
    world.registry.misbehave({ name: 'u02-lost' }, { kind: 'status', status: 500 });
    const judged = await aCase(world, { packages }).judge();
    assert.equal(judged.code, 1);
    assert.ok(judged.refusals.includes('u02-evil install-script'));
  });
});

/** A world whose trust root comes from a TUF repository of its own, with one sound and one violating package. */
type Online = {
  readonly world: World;
  readonly tuf: TufServer;
  readonly found: Case;
  readonly home: string;
  /** Takes the network away. */
  readonly cut: () => Promise<void>;
};

async function online(t: TestContext, expires?: string): Promise<Online> {
  const world = await aWorld();
  t.after(() => world.close());
  const request = expires === undefined ? {} : { expires: { timestamp: expires, snapshot: expires } };
  const tuf = await startTufServer(world.registry.sigstore, request);
  t.after(() => tuf.close());
  const sound = world.registry.publish({ name: 'sound', version: '1.0.0', attest: {} });
  const old = world.registry.publish({ name: 'old', version: '1.0.0' });
  const evil = publishCanary(world.registry, { name: 'evil', version: '1.0.0', attest: {} });
  const found = aCase(world, {
    packages: [sound, old, evil],
    policy: { trust: { root: { tuf: tuf.url, root: './tuf-root.json' }, refresh: 'daily' } },
    files: { 'tuf-root.json': tuf.trustedRoot.toString('utf8') },
  });
  const cut = async () => void (await Promise.all([world.close(), tuf.close()]));
  return { world, tuf, found, home: aTempDirectory('home'), cut };
}

describe('no network at all (U03, U04)', () => {
  it('U03: with a warm cache gives the result it gave online, and says how old the trust root is', async (t) => {
    const { world, found, home, cut } = await online(t);
    const before = await found.judge({ home });
    assert.deepEqual([before.code, before.refusals], [1, ['evil install-script']]);
    assert.equal(before.report().trust.source, 'refreshed');
    await cut();
    const later = new Date(world.now.getTime() + 3 * DAY);
    for (const flags of [[], ['--offline'], ['--prefer-offline']]) {
      const started = performance.now();
      const judged = await found.judge({ home, now: later, flags });
      assert.ok(performance.now() - started < 5000);
      assert.deepEqual([judged.code, judged.refusals], [before.code, before.refusals], judged.stderr);
      assert.deepEqual(answersOf(judged), answersOf(before));
      const { source, ageDays } = judged.report().trust;
      assert.deepEqual([source, ageDays], ['cached', 3]);
      noted('U03', `no network, warm cache${flags.map((flag) => `, ${flag}`)}`, 'as online', 'as online');
    }
    const waived = { home, now: later, off: ['install-script'] as const };
    assert.equal((await found.judge(waived)).code, 0);
  });

  it('U04: with a cold cache is unverified, in seconds, however many packages there are', async (t) => {
    const world = await aWorld();
    t.after(() => world.close());
    const packages = Array.from({ length: 300 }, (_, n) =>
      world.registry.publish({ name: `p${n}`, version: '1.0.0', attest: {} }),
    );
    const found = aCase(world, { packages });
    await world.close();
    for (const flags of [[], ['--offline']]) {
      const started = performance.now();
      const judged = await found.judge({ flags });
      const seconds = (performance.now() - started) / 1000;
      assert.deepEqual([judged.code, judged.effect], [3, 'unverified'], judged.stderr);
      assert.equal(judged.report().summary.unverified, 300);
      assert.ok(seconds < 10, `${seconds} s`);
    }
    noted('U04', 'no network, cold cache, 300 packages', 'unverified');
  });

  it('U04: with no policy, no cache and no way to the public registry is unverified, in seconds', async (t) => {
    const world = await aWorld();
    t.after(() => world.close());
    const packages = [world.registry.publish({ name: 'lib', version: '1.0.0' })];
    const found = aCase(world, {
      packages,
      lockfile: ({ packages: { 'node_modules/lib': lib } }) => delete lib?.['resolved'],
    });
    found.write('.npmsignrc', 'extends: recommended\n');
    found.write('.npmrc', 'fetch-retry-mintimeout=1\n');
    await world.close();
    const started = performance.now();
    const judged = await found.judge();
    assert.deepEqual([judged.code, judged.effect], [3, 'unverified'], judged.stderr);
    assert.equal(judged.report().trust.source, 'embedded');
    assert.ok(codesOf(judged).includes('TRUST_ROOT_NOT_REFRESHED'));
    assert.ok(performance.now() - started < 15_000);
    noted('U04', 'no network, cold cache, the default policy', 'unverified');
  });

  it('U04: with a private trust root that is nowhere is an error that says so', async (t) => {
    const { found, cut } = await online(t);
    await cut();
    const judged = await found.judge();
    assert.deepEqual([judged.code, judged.effect], [3, 'error']);
    assert.match(judged.stderr, /\[TRUST_ROOT_UNAVAILABLE\]/);
    noted('U04', 'no network, cold cache, a private trust root', 'TRUST_ROOT_UNAVAILABLE');
  });
});

/** What every check answered about every package. */
function answersOf(judged: Judgement): readonly string[] {
  return judged
    .report()
    .verdicts.flatMap(({ package: { key }, outcomes }) =>
      outcomes.map(({ check, answer }) => `${key} ${check} ${answer}`),
    );
}

describe('a trust root that cannot be refreshed (U05)', () => {
  it('U05: the cached one is used, with a notice, when the repository is gone, rotten, or an attacker’s', async (t) => {
    const rotten: readonly (readonly [string, (from: Online) => void | Promise<void>])[] = [
      ['is gone', ({ tuf }) => tuf.close()],
      [
        'answers nonsense',
        ({ tuf }) =>
          tuf.serve({ files: new Map([['timestamp.json', Buffer.from('{')]]), trustedRoot: tuf.trustedRoot }),
      ],
      [
        "serves an attacker's trusted root under an attacker's keys",
        ({ tuf }) =>
          tuf.serve(
            createTufRepository({
              name: 'mallory',
              version: 9,
              targets: new Map([['trusted_root.json', '{}']]),
            }),
          ),
      ],
    ];
    for (const [what, spoil] of rotten) {
      const from = await online(t);
      const { world, found, home, cut } = from;
      assert.equal((await found.judge({ home })).code, 1);
      await spoil(from);
      const judged = await found.judge({ home, now: new Date(world.now.getTime() + 2 * DAY) });
      assert.deepEqual(judged.refusals, ['evil install-script'], what);
      assert.deepEqual([judged.report().trust.source, judged.report().trust.ageDays], ['cached', 2]);
      assert.ok(codesOf(judged).includes('TRUST_ROOT_NOT_REFRESHED'), what);
      await cut();
      noted('U05', `the trust root's repository ${what}, and there is a cached one`, 'as before, notice');
    }
  });

  it('U05: the embedded one is used, with a notice, when there is no cached one either', async (t) => {
    const world = await aWorld();
    t.after(() => world.close());
    const packages = [world.registry.publish({ name: 'lib', version: '1.0.0' })];
    const trust = { root: 'public-good', refresh: 'daily' };
    const judged = await aCase(world, { packages, policy: { trust } }).judge();
    assert.deepEqual([judged.code, judged.refusals], [0, []], judged.stderr);
    assert.equal(judged.report().trust.source, 'embedded');
    assert.ok(codesOf(judged).includes('TRUST_ROOT_NOT_REFRESHED'));
    noted('U05', 'no refresh, no cached trust root', 'pass, notice');
  });
});

describe('a clock that is wrong by years (U06)', () => {
  const years = (world: World, count: number) => new Date(world.now.getTime() + count * 365 * DAY);

  it('U06: behind, is contradicted by signed times: a notice, and nothing passes', async (t) => {
    const world = await aWorld();
    t.after(() => world.close());
    const packages = [world.registry.publish({ name: 'lib', version: '1.0.0', attest: {} })];
    const found = aCase(world, { packages });
    await provePasses(found);
    const judged = await found.judge({ now: years(world, -3) });
    assert.deepEqual([judged.code, judged.refusals], [3, ['lib minimum-age']]);
    assert.match(judged.because('lib minimum-age'), /later than this machine's clock/);
    assert.ok(codesOf(judged).includes('CLOCK_WRONG'));
    noted('U06', 'three years behind', 'unverified, notice', 'minimum-age');
  });

  it('U06: behind, where nothing is signed with a time: nothing passes', async (t) => {
    const world = await aWorld();
    t.after(() => world.close());
    const packages = [world.registry.publish({ name: 'lib', version: '1.0.0' })];
    const judged = await aCase(world, { packages }).judge({ now: years(world, -3) });
    assert.notEqual(judged.code, 0);
    noted('U06', 'three years behind, only told times', judged.effect, 'minimum-age');
  });

  it('U06: ahead, is contradicted by the trust root that has expired: never a silent pass', async (t) => {
    const from = await online(t, new Date(Date.now() + 7 * DAY).toISOString());
    const { world, found, home } = from;
    assert.equal((await found.judge({ home })).code, 1);
    const ahead = await found.judge({ home, now: years(world, 4), off: ['install-script'] });
    assert.deepEqual(ahead.refusals, []);
    const codes = codesOf(ahead);
    assert.ok(codes.includes('TRUST_ROOT_NOT_REFRESHED') && codes.includes('TRUST_ROOT_OLD'), `${codes}`);
    const cold = await found.judge({ now: years(world, 4) });
    assert.deepEqual([cold.code, cold.effect], [3, 'error'], cold.stderr);
    noted('U06', 'four years ahead, a cached trust root', 'notice');
    noted('U06', 'four years ahead, no trust root yet', 'TRUST_ROOT_UNAVAILABLE');
  });
});
