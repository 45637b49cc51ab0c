/** The root preinstall gate in real yarn 1: a violating dependency's scripts would leave a mark. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { yarnLockstepOf } from '../../hooks/yarn-classic.ts';
import { yarn1 } from '../support/managers.ts';
import { aProject, type Project } from '../support/project.ts';
import { aHookedWorld, type Contestant, type HookedWorld } from './hooked-project.ts';

const NOTHING = { ranScripts: [], tarballs: [], installed: [] };
const skip = process.platform === 'win32' ? 'the scripts here are written for a POSIX shell' : false;

describe('the gate in yarn 1', { skip }, () => {
  let world: HookedWorld;
  let yarn: Contestant;
  let good: Project;
  let evil: Project;
  before(async () => {
    world = await aHookedWorld();
    yarn = {
      kind: 'yarn-classic',
      manager: await yarn1(),
      resolve: ['install', '--ignore-scripts'],
      files: {},
    };
    [good, evil] = [await world.project(yarn, ['good']), await world.project(yarn, ['good', 'evil'])];
  });
  after(() => world.close());

  for (const args of [['install', '--frozen-lockfile'], ['--production'], ['add', 'fine']]) {
    it(`stops yarn ${args.join(' ')} before anything is fetched`, async () => {
      const { code, stdout, stderr, ...left } = await world.run(yarn, evil, args);
      assert.equal(code, 1, stdout + stderr);
      assert.match(stderr, /FAIL[\s\S]*evil/);
      assert.deepEqual(left, NOTHING);
    });
  }

  it('stops yarn add evil, which no judged lockfile holds, before it is fetched', async () => {
    const { code, stderr, ...left } = await world.run(yarn, good, ['add', 'evil']);
    assert.notEqual(code, 0);
    assert.match(stderr, /could not be verified: yarn add resolves anew/);
    assert.deepEqual([left.ranScripts, left.tarballs, left.installed], [[], [], []]);
  });

  it('is not asked by yarn upgrade, as init admits', async () => {
    const project = await world.project(yarn, ['good', 'evil']);
    const { code, ranScripts } = await world.run(yarn, project, ['upgrade']);
    assert.deepEqual([code, ranScripts.length], [0, 3]);
  });

  it('asks the registry of .npmrc, as yarn does, and not the one that yarn tells its scripts of', async () => {
    good.write('.npmrc', `registry=${world.registry.url}\n`);
    const env = { YARN_REGISTRY: 'https://default.example' };
    const { code, stdout, stderr } = await world.run(yarn, good, ['install', '--frozen-lockfile'], env);
    assert.equal(code, 0, stdout + stderr);
  });

  it('lets yarn install what meets the policy', async () => {
    const { code, stdout, stderr, installed } = await world.run(yarn, good, ['install', '--frozen-lockfile']);
    assert.equal(code, 0, stdout + stderr);
    assert.deepEqual(installed, ['good']);
  });
});

describe('what yarn 1 was asked for', () => {
  const inStep = aProject({ files: { 'yarn.lock': '' } }).dir;
  const cases = [
    ['{"cooked":["install"]}', 'in-step'],
    ['{"cooked":["remove"]}', 'in-step'],
    ['{"cooked":["add"]}', 'ahead'],
    ['{"cooked":["upgrade"]}', 'ahead'],
    ['{"cooked":[]}', 'ahead'],
    ['nonsense', 'ahead'],
    [undefined, 'ahead'],
  ] as const;
  for (const [argv, kind] of cases) {
    it(`is ${kind} for ${argv}`, async () => {
      const lockstep = await yarnLockstepOf({ cwd: inStep, env: { npm_config_argv: argv } });
      assert.equal(lockstep.kind, kind);
    });
  }

  it('is ahead for an install of what yarn.lock has no entry for', async () => {
    const packageJson = { dependencies: { evil: '^1.0.0' } };
    const { dir } = aProject({ packageJson, files: { 'yarn.lock': '' } });
    const lockstep = await yarnLockstepOf({ cwd: dir, env: { npm_config_argv: '{"cooked":["install"]}' } });
    assert.equal(lockstep.kind, 'ahead');
    assert.match(lockstep.kind === 'ahead' ? lockstep.because : '', /no entry for evil@\^1\.0\.0/);
  });
});
