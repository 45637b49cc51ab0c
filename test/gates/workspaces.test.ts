/** The strong gate from a workspace's folder, and in front of managers that would run another version of themselves. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { contestantOf } from './contestants.ts';
import { aWorld, bytesOf, type World } from './world.ts';

const skip = process.platform === 'win32' ? 'the managers here are started by a POSIX shell' : false;

describe('the strong gate', { skip }, () => {
  let world: World;
  before(async () => {
    world = await aWorld();
  });
  after(() => world.close());

  for (const title of ['npm 11', 'pnpm 12', 'yarn 4', 'bun']) {
    it(`of ${title} adds to the workspace it is called from, and leaves all of them as they were on refusal`, async () => {
      const contestant = await contestantOf(title);
      const project = await world.project(contestant, {
        dependencies: [world.good],
        packageJson: { private: true, workspaces: ['packages/*'] },
        files: {
          'packages/member/package.json': {
            name: 'member',
            version: '1.0.0',
            dependencies: { good: '1.0.0' },
          },
          // The whole project is installed: the policy of one of its folders is not asked.
          'packages/member/.npmsignrc': { extends: 'observe' },
          ...(title === 'pnpm 12' && { 'pnpm-workspace.yaml': "packages: ['packages/*']\n" }),
        },
      });
      const from = { folder: 'packages/member', home: world.home() };
      const untouched = bytesOf(project);
      const refused = await world.enter(contestant, project, { ...from, args: ['install', 'evil'] });
      assert.deepEqual([refused.code, refused.tarballs, refused.ranScripts], [1, [], []], refused.stderr);
      assert.deepEqual(bytesOf(project), untouched);

      const passed = await world.enter(contestant, project, { ...from, args: ['install', 'fine'] });
      assert.equal(passed.code, 0, passed.stderr);
      assert.deepEqual([...new Set(passed.tarballs)], ['fine', 'good']);
      assert.match(readFileSync(project.file('packages/member/package.json'), 'utf8'), /"fine"/);
      assert.doesNotMatch(readFileSync(project.file('package.json'), 'utf8'), /"fine"/);
    });
  }

  for (const title of ['npm 11', 'npm 12', 'pnpm 12', 'yarn 1', 'yarn 4', 'bun']) {
    it(`of ${title} judges and installs the project that a plain folder lies in`, async () => {
      const contestant = await contestantOf(title);
      const files = { 'src/deep/x.js': '' };
      const from = { folder: 'src/deep', args: ['ci'] };
      const evil = await world.project(contestant, { dependencies: [world.evil], files });
      const untouched = bytesOf(evil);
      const refused = await world.enter(contestant, evil, from);
      assert.deepEqual([refused.code, refused.tarballs, refused.ranScripts], [1, [], []], refused.stderr);
      assert.deepEqual(bytesOf(evil), untouched);

      const good = await world.project(contestant, { dependencies: [world.good], files });
      const passed = await world.enter(contestant, good, from);
      assert.equal(passed.code, 0, passed.stderr);
      assert.deepEqual([good.installed(), good.has('src/deep/node_modules')], [['good'], false]);
    });
  }

  for (const title of ['pnpm 10', 'pnpm 11', 'pnpm 12']) {
    it(`says that ${title} is not the version the project asks for, and lets it fetch no other`, async () => {
      const contestant = await contestantOf(title);
      const project = await world.project(contestant, { dependencies: [world.good] });
      const manifest = JSON.parse(readFileSync(project.file('package.json'), 'utf8'));
      project.write('package.json', { ...manifest, packageManager: 'pnpm@9.1.0' });
      const { code, stderr, tarballs } = await world.enter(contestant, project, { args: ['ci'] });
      assert.equal(code, 0, stderr);
      assert.match(stderr, /package\.json asks for pnpm 9\.1\.0; .* is 1[012]\.\d+\.\d+, and that one runs/);
      // The registry has no pnpm: had it been asked for one, this would have failed.
      assert.deepEqual(tarballs, ['good']);
    });
  }

  it('runs the yarn a project carries with it, and no yarn of somebody else', async () => {
    const contestant = await contestantOf('yarn 4');
    const project = await world.project(contestant, { dependencies: [world.good] });
    const [, script = ''] = contestant.manager.command;
    project.write('.yarn/releases/yarn-4.cjs', readFileSync(script, 'utf8'));
    const settings = 'nodeLinker: node-modules\nyarnPath: .yarn/releases/yarn-4.cjs\n';
    project.write('.yarnrc.yml', settings);
    const onlyClassic = { ...contestant, bin: (await contestantOf('yarn 1')).bin };
    const { code, stderr } = await world.enter(onlyClassic, project, { args: ['ci'] });
    assert.equal(code, 0, stderr);
    assert.deepEqual(project.installed(), ['good']);

    project.write('.yarnrc.yml', settings.replace('.yarn/releases', 'node_modules/evil'));
    const planted = await world.enter(onlyClassic, project, { args: ['ci'] });
    assert.equal(planted.code, 2);
    assert.match(
      planted.stderr,
      /yarnPath in \.yarnrc\.yml is node_modules\/evil\/yarn-4\.cjs, which is no file/,
    );
  });
});
