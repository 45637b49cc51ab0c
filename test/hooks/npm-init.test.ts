/** What `npmsign init` writes for npm, in real npm: scripts nobody reviewed on 11, and the extension on 12. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { ScriptReview } from '../../lib/model/setup.ts';
import { planSetup, writeChanges } from '../../lib/setup/index.ts';
import { type Npm, type NpmMajor, npmOf } from '../support/managers.ts';
import { aPackageLock, dependenciesOn, type Project } from '../support/project.ts';
import type { Published } from '../support/registry/index.ts';
import { aGatedWorld, type World } from './gated-project.ts';

const skip = process.platform === 'win32' ? 'the scripts here are written for a POSIX shell' : false;

describe('what init writes for npm', { skip }, () => {
  let world: World;
  const npms = new Map<NpmMajor, Npm>();
  before(async () => {
    world = await aGatedWorld();
    for (const major of [11, 12] as const) npms.set(major, await npmOf(major));
  });
  after(() => world.close());

  type Adopted = { readonly packages: readonly Published[]; readonly scripts?: ScriptReview };

  /** A project that nobody has reviewed anything in, set up as init does. */
  async function adopted(
    major: NpmMajor,
    { packages, scripts = { kind: 'exempted' } }: Adopted,
  ): Promise<Project> {
    const project = world.project(packages, {});
    const gate = readFileSync(project.file('.npmsign/gate.mjs'), 'utf8');
    project.write('package.json', {
      name: 'project',
      version: '1.0.0',
      dependencies: dependenciesOn(packages),
    });
    const manager = { kind: 'npm', version: npms.get(major)?.version ?? '' } as const;
    const plan = await planSetup({
      ...{ project: project.dir, manager, gate, vendor: 'keep', npmExtension: true },
      ...{ policy: { file: '.npmsignrc' }, exemptions: [], scripts },
    });
    await writeChanges(project.dir, plan.changes);
    return project;
  }

  async function run(major: NpmMajor, args: readonly string[], project: Project) {
    const npm = npms.get(major) ?? assert.fail();
    world.registry.forgetRequests();
    const cage = world.cage();
    const { env } = cage;
    const { code, stderr } = await npm.run(args, { cwd: project.dir, registry: world.registry.url, env });
    const left = {
      ranScripts: cage.ranScripts(),
      tarballs: world.tarballsAskedFor(),
      installed: project.installed(),
    };
    return { code, stderr, left };
  }

  it('keeps npm 11 from running a script nobody has reviewed, before anything is fetched', async () => {
    const project = await adopted(11, {
      packages: [world.good, world.evil],
      scripts: { kind: 'pinned', specs: [] },
    });
    const { code, stderr, left } = await run(11, ['ci'], project);
    assert.equal(code, 1);
    assert.match(stderr, /ESTRICTALLOWSCRIPTS/);
    assert.deepEqual(left, { ranScripts: [], tarballs: [], installed: [] });
  });

  it('lets npm 11 run a script that is pinned: then the gate is all there is, and it is late', async () => {
    const specs = ['evil@1.0.0'];
    const project = await adopted(11, {
      packages: [world.good, world.evil],
      scripts: { kind: 'pinned', specs },
    });
    const { code, stderr, left } = await run(11, ['ci'], project);
    assert.equal(code, 1);
    assert.match(stderr, /too late to prevent/);
    assert.equal(left.ranScripts.length, 3);
  });

  describe('with the extension of npm 12', () => {
    /** The lockfile then holds a hash of the extension: npm writes it, and the gate is asked already. */
    async function extended(): Promise<Project> {
      const project = await adopted(12, { packages: [world.good] });
      const { code, stderr } = await run(12, ['install', '--package-lock-only'], project);
      assert.equal(code, 0, stderr);
      return project;
    }

    for (const args of [
      ['install', 'evil'],
      ['install', '--ignore-scripts=false', 'evil@1.0.0'],
    ]) {
      it(`stops npm ${args.join(' ')} before it is fetched`, async () => {
        const project = await extended();
        const before = readFileSync(project.file('package-lock.json'), 'utf8');
        const { code, stderr, left } = await run(12, args, project);
        assert.notEqual(code, 0);
        assert.match(stderr, /evil@1\.0\.0 is not in the lockfile that was judged/);
        assert.deepEqual(left, { ranScripts: [], tarballs: [], installed: [] });
        assert.equal(readFileSync(project.file('package-lock.json'), 'utf8'), before);
      });
    }

    for (const args of [['install', 'good@1.0.0'], ['update'], ['dedupe']]) {
      it(`stops npm ${args.join(' ')} while the lockfile holds what violates the policy`, async () => {
        const project = await adopted(12, { packages: [world.good, world.evil] });
        project.write('package-lock.json', aPackageLock([world.good, world.evil]));
        const { code, stderr, left } = await run(12, args, project);
        assert.notEqual(code, 0);
        assert.match(stderr, /npmsign stops this: the policy is violated/);
        assert.deepEqual(left, { ranScripts: [], tarballs: [], installed: [] });
      });
    }

    it('lets npm install and npm ci pass when the policy is met', async () => {
      const project = await extended();
      for (const args of [['install'], ['ci']]) {
        const { code, stderr, left } = await run(12, args, project);
        assert.equal(code, 0, stderr);
        assert.deepEqual(left.installed, ['good']);
      }
    });
  });
});
