/** A killed `npmsign install evil`: what the manager had already written is taken back by the next run. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { contestantOf, TITLES } from './contestants.ts';
import { differences, lyingIn } from './leftovers.ts';
import { aWorld, type World } from './world.ts';

const skip = process.platform === 'win32' ? 'the managers here are started by a POSIX shell' : false;

describe('npmsign install evil, killed before its verdict', { skip }, () => {
  let world: World;
  before(async () => {
    world = await aWorld();
  });
  beforeEach(() => world.registry.behave());
  after(() => world.close());

  // yarn 1 changes nothing before the verdict, since it cannot resolve without fetching.
  for (const title of TITLES.filter((one) => one !== 'yarn 1')) {
    it(`leaves every byte as it was once npmsign runs again with ${title}`, async () => {
      const contestant = await contestantOf(title);
      const project = await world.project(contestant, { dependencies: [world.good] });
      const home = world.home();
      assert.equal((await world.enter(contestant, project, { args: ['ci'], home })).code, 0);
      const before = lyingIn(project.dir);

      world.registry.misbehave({ on: 'manifest' }, { kind: 'late', ms: 20_000 });
      world.registry.forgetRequests();
      const child = spawn(process.execPath, [world.npmsign, 'install', 'evil', contestant.asDevelopment], {
        cwd: project.dir,
        env: { ...world.environment(contestant, home) },
        stdio: 'ignore',
      });
      const ended = once(child, 'close');
      // The gate asks for evil: the manager has resolved it, and written so.
      while (
        !world.registry.requests.some(
          ({ route, headers }) =>
            route.kind === 'manifest' && route.name === 'evil' && headers['user-agent'] === 'npmsign',
        )
      ) {
        assert.equal(child.exitCode, null);
        await sleep(20);
      }
      child.kill('SIGKILL');
      await ended;
      assert.notDeepEqual(differences(before, lyingIn(project.dir)), []);

      world.registry.behave();
      const healed = await world.enter(contestant, project, { args: ['install', 'evil'], home });
      assert.equal(healed.code, 1);
      assert.deepEqual([healed.tarballs, healed.ranScripts], [[], []]);
      assert.match(healed.stderr, /An earlier npmsign install was killed/);
      assert.deepEqual(differences(before, lyingIn(project.dir)), []);
    });
  }
});
