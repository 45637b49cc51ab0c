/** The gate in yarn's own hooks, in real yarn 4: a violating dependency's scripts would leave a mark. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { yarn4 } from '../support/managers.ts';
import type { Project } from '../support/project.ts';
import { aHookedWorld, type Contestant, type HookedWorld } from './hooked-project.ts';

const NOTHING = { ranScripts: [], tarballs: [], installed: [] };

/** Ways to have a package fetched. None of them changes the project when it is refused, so they share one. */
const WAYS = [
  ['install', '--immutable'],
  ['install', '--mode=skip-build'],
  ['workspaces', 'focus', '--production'],
  ['add', 'fine'],
  ['up', 'good'],
];

describe('the gate in yarn 4', () => {
  let world: HookedWorld;
  let yarn: Contestant;
  let good: Project;
  let evil: Project;
  before(async () => {
    world = await aHookedWorld();
    yarn = {
      kind: 'yarn-berry',
      manager: await yarn4(),
      resolve: ['install', '--mode=update-lockfile'],
      files: { 'yarn.lock': '', '.yarnrc.yml': 'nodeLinker: node-modules\nenableScripts: true\n' },
    };
    [good, evil] = [await world.project(yarn, ['good']), await world.project(yarn, ['good', 'evil'])];
  });
  after(() => world.close());

  for (const args of WAYS) {
    it(`stops yarn ${args.join(' ')} before anything is fetched`, async () => {
      const { code, stdout, stderr, ...left } = await world.run(yarn, evil, args);
      assert.notEqual(code, 0);
      assert.match(stdout + stderr, /npmsign stops this/);
      assert.deepEqual(left, NOTHING);
    });
  }

  it('stops yarn add evil, which no judged lockfile holds, before it is fetched', async () => {
    const { code, stdout, stderr, ...left } = await world.run(yarn, good, ['add', 'evil']);
    assert.notEqual(code, 0);
    assert.match(stdout + stderr, /evil@\^1\.0\.0 is not in the lockfile that was judged/);
    assert.deepEqual(left, NOTHING);
  });

  it('lets yarn install what meets the policy, and leaves stdout to yarn', async () => {
    const { code, stdout, stderr, installed } = await world.run(yarn, good, ['install', '--immutable']);
    assert.equal(code, 0, stdout + stderr);
    assert.deepEqual(installed, ['good']);
    assert.doesNotMatch(stdout, /Signatures/);
    assert.match(stderr, /Signatures/);
  });

  it('keeps out of yarn while npmsign itself has it resolve', async () => {
    const env = { NPMSIGN_RESOLVES_ONLY: '1' };
    const run = await world.run(yarn, good, ['add', 'evil', '--mode=update-lockfile'], env);
    assert.equal(run.code, 0, run.stdout + run.stderr);
    assert.deepEqual(run.ranScripts, []);
  });
});
