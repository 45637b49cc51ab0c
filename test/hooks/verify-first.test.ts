/** The strong gate for every npm: `npmsign verify` in front of `npm ci`, so that nothing is fetched that was not judged. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { buildCommandInto } from '../../scripts/build.ts';
import { type NpmMajor, npmOf } from '../support/managers.ts';
import type { Published } from '../support/registry/index.ts';
import { aTempDirectory } from '../support/temp.ts';
import { aGatedWorld, type World } from './gated-project.ts';

const skip = process.platform === 'win32' ? 'the scripts here are written for a POSIX shell' : false;

describe('npmsign verify in front of npm ci', { skip }, () => {
  let world: World;
  let npmsign: string;
  before(async () => {
    [world, npmsign] = await Promise.all([aGatedWorld(), buildCommandInto(aTempDirectory('command'))]);
  });
  beforeEach(() => world.registry.forgetRequests());
  after(() => world.close());

  async function verifyThenInstall(major: NpmMajor, dependencies: readonly Published[]) {
    const npm = await npmOf(major);
    const [node, cli] = ['"$npm_node_execpath"', '"$npm_execpath"'];
    const script = `${node} ${npmsign} verify && ${node} ${cli} ci`;
    const project = world.project(dependencies, { 'safe-install': script });
    const cage = world.cage();
    const options = { cwd: project.dir, registry: world.registry.url, env: cage.env };
    const result = await npm.run(['run', 'safe-install'], options);
    return {
      ...result,
      installed: project.installed(),
      ranScripts: cage.ranScripts(),
      tarballs: world.tarballsAskedFor(),
    };
  }

  for (const major of [10, 11, 12] as const) {
    it(`lets npm ${major} install what meets the policy`, async () => {
      const { code, installed, stdout, stderr } = await verifyThenInstall(major, [world.good]);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /PASS/);
      assert.deepEqual(installed, ['good']);
    });

    it(`keeps npm ${major} from fetching or running what violates it`, async () => {
      const { code, stdout, ...left } = await verifyThenInstall(major, [world.good, world.evil]);
      assert.equal(code, 1);
      assert.match(stdout, /FAIL[\s\S]*evil/);
      const { installed, ranScripts, tarballs } = left;
      assert.deepEqual({ installed, ranScripts, tarballs }, { installed: [], ranScripts: [], tarballs: [] });
    });
  }
});
