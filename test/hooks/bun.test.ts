/** The gate as bun's security scanner, in real bun: a violating dependency's scripts would leave a mark. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { bun as installedBun } from '../support/managers.ts';
import type { Project } from '../support/project.ts';
import { aHookedWorld, type Contestant, type HookedWorld } from './hooked-project.ts';

const NOTHING = { ranScripts: [], tarballs: [], installed: [] };

/** Ways to have a package fetched. None of them changes the project when it is refused, so they share one. */
const WAYS = [
  ['install', '--frozen-lockfile'],
  ['ci'],
  ['install', '--ignore-scripts'],
  ['install', '--production'],
  ['add', 'fine'],
  ['update'],
];

describe('the gate in bun', () => {
  let world: HookedWorld;
  let bun: Contestant;
  let good: Project;
  let evil: Project;
  before(async () => {
    world = await aHookedWorld();
    bun = {
      kind: 'bun',
      manager: await installedBun(),
      resolve: ['install', '--lockfile-only'],
      files: { 'bunfig.toml': '[install]\nexact = true\n' },
    };
    [good, evil] = [await world.project(bun, ['good']), await world.project(bun, ['good', 'evil'])];
  });
  after(() => world.close());

  for (const args of WAYS) {
    it(`stops bun ${args.join(' ')} before anything is written`, async () => {
      const { code, stdout, stderr, ...left } = await world.run(bun, evil, args);
      assert.notEqual(code, 0);
      assert.match(stdout + stderr, /npmsign stops this/);
      assert.deepEqual(left, NOTHING);
    });
  }

  it('stops bun add evil, which no judged lockfile holds', async () => {
    const { code, stdout, stderr, ...left } = await world.run(bun, good, ['add', 'evil']);
    assert.notEqual(code, 0);
    assert.match(stdout + stderr, /evil@1\.0\.0 is not in the lockfile that was judged/);
    assert.deepEqual(left, NOTHING);
  });

  it('is not kept out, nor led elsewhere, by a .env file of the project', async () => {
    evil.write('.env', 'NPMSIGN_RESOLVES_ONLY=1\nexport NPMSIGN_POLICY = "observe.yaml"\n');
    evil.write('observe.yaml', 'extends: observe\n');
    const { code, ...run } = await world.run(bun, evil, ['install']);
    assert.notEqual(code, 0);
    assert.deepEqual([run.ranScripts, run.installed], [[], []]);
  });

  it('lets bun install what meets the policy, and leaves stdout to bun', async () => {
    const { code, stdout, stderr, installed } = await world.run(bun, good, ['install', '--frozen-lockfile']);
    assert.equal(code, 0, stdout + stderr);
    assert.deepEqual(installed, ['good']);
    assert.doesNotMatch(stdout, /Signatures/);
    assert.match(stderr, /Signatures/);
  });

  it('keeps out of bun while npmsign itself has it resolve', async () => {
    const run = await world.run(bun, good, ['add', 'evil', '--lockfile-only'], {
      NPMSIGN_RESOLVES_ONLY: '1',
    });
    assert.equal(run.code, 0, run.stdout + run.stderr);
    assert.deepEqual([run.ranScripts, run.tarballs], [[], []]);
  });
});
