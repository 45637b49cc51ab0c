/** In front of an install, too, what was proved within the day is not proved again at the desk, and is judged anew all the same. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { aCanaryCage, type Project } from '../support/project.ts';
import type { Published } from '../support/registry/index.ts';
import { keysTargetJson } from '../support/sigstore/index.ts';
import { type Contestant, contestantOf } from './contestants.ts';
import { aWorld, type World } from './world.ts';

const skip = process.platform === 'win32' ? 'the managers here are started by a POSIX shell' : false;
const PROVED = /(\S+) packages? (?:was|were) proved within the last day/;

describe('npmsign ci of packages that were proved before', { skip }, () => {
  let world: World;
  let npm: Contestant;
  // One for all runs: another environment is another question.
  const cage = aCanaryCage();
  before(async () => {
    [world, npm] = await Promise.all([aWorld(), contestantOf('npm 11')]);
  });
  after(() => world.close());

  /** A project that names the registry's keys: of those it hands out itself nothing is remembered. */
  function aProjectWith(dependencies: readonly Published[]): Promise<Project> {
    const policy = {
      extends: 'recommended',
      checks: { 'minimum-age': 'off', 'provenance-regression': 'off', 'install-script': 'off' },
      overrides: [{ packages: ['evil'], checks: { provenance: 'error', 'reserved-bin': 'off' } }],
      registries: { [world.registry.url]: { keys: './keys.json' } },
      trust: { root: './trusted_root.json', refresh: 'never' },
    };
    const keys = keysTargetJson(world.registry.sigstore.registryKeys.all);
    const files = { '.npmsignrc': policy, 'keys.json': keys };
    return world.project(npm, { dependencies, files });
  }

  /** As a person has it, whose wish it is not to have everything proved anew. */
  async function enter(project: Project, home: string, { args = ['ci'], env = {} } = {}) {
    const desk = { ...cage.env, NPMSIGN_NO_REMEMBER: '', ...env };
    const entered = await world.enter(npm, project, { args, home, env: desk });
    return { ...entered, proved: PROVED.exec(entered.stderr)?.[1] ?? 'none' };
  }

  it('proves them again in CI, in hard mode and where that is asked for, and nowhere else', async () => {
    const project = await aProjectWith([world.good]);
    const home = world.home();
    const first = await enter(project, home);
    assert.deepEqual([first.code, first.proved], [0, 'none'], first.stderr);
    const again = await enter(project, home);
    assert.deepEqual([again.code, again.proved, project.installed()], [0, 'one', ['good']], again.stderr);
    for (const otherwise of [
      { env: { CI: 'true' } },
      { args: ['ci', '--sealed'] },
      { args: ['ci', '--no-remember'] },
    ]) {
      const anew = await enter(project, home, otherwise);
      assert.deepEqual([anew.code, anew.proved], [0, 'none'], JSON.stringify(otherwise));
    }
  });

  it('refuses what came beside them, before anything is fetched', async () => {
    const project = await aProjectWith([world.good]);
    const home = world.home();
    assert.equal((await enter(project, home)).code, 0);
    const grown = await aProjectWith([world.good, world.evil]);
    for (const name of ['package.json', 'package-lock.json'])
      project.write(name, readFileSync(grown.file(name), 'utf8'));
    const { code, proved, tarballs, stderr } = await enter(project, home);
    assert.deepEqual([code, proved, tarballs, cage.ranScripts()], [1, 'one', [], []], stderr);
  });
});
