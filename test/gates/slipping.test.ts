/** What would slip past the strong gate: other spellings of a flag, plugins of pnpm, folders a manager takes for a project of their own. */
import assert from 'node:assert/strict';
import { appendFileSync, readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { Project } from '../support/project.ts';
import { contestantOf } from './contestants.ts';
import { aWorld, type World } from './world.ts';

const skip = process.platform === 'win32' ? 'the managers here are started by a POSIX shell' : false;

describe('nothing slips past the strong gate:', { skip }, () => {
  let world: World;
  before(async () => {
    world = await aWorld();
  });
  after(() => world.close());

  for (const words of [['-prefix=other'], ['---prefix', 'other'], ['-fC', 'other']]) {
    it(`npm ci ${words.join(' ')} installs no other project than the one that is judged`, async () => {
      const contestant = await contestantOf('npm 11');
      const project = await world.project(contestant, { dependencies: [world.good] });
      const other = await world.project(contestant, { dependencies: [world.good, world.evil] });
      for (const file of ['package.json', 'package-lock.json', '.npmrc'])
        project.write(`other/${file}`, readFileSync(other.file(file), 'utf8'));
      const { code, tarballs, ranScripts } = await world.enter(contestant, project, {
        args: ['ci', ...words],
      });
      assert.deepEqual([code, tarballs, ranScripts], [2, [], []]);
    });
  }

  for (const title of ['pnpm 10', 'pnpm 11', 'pnpm 12']) {
    for (const task of ['ci', 'install']) {
      it(`${title} ${task} runs no plugin of the project before it is judged`, async () => {
        const contestant = await contestantOf(title);
        const project = await withPlugin(
          await world.project(contestant, { dependencies: [world.good] }),
          world,
        );
        const { code, tarballs, ranScripts } = await world.enter(contestant, project, { args: [task] });
        assert.notEqual(code, 0);
        assert.deepEqual([tarballs, ranScripts], [[], []]);
      });
    }
  }

  for (const [args, locked] of [
    [['ci'], true],
    [['ci'], false],
    [['install'], true],
    [['install'], false],
    [['install', 'fine'], true],
  ] as const) {
    it(`bun ${args.join(' ')} runs no security scanner before it is judged, ${locked ? 'locked' : 'unlocked'}`, async () => {
      const contestant = await contestantOf('bun');
      publishScanner(world);
      const project = await world.project(contestant, { dependencies: [world.good] });
      const manifest = JSON.parse(readFileSync(project.file('package.json'), 'utf8'));
      project.write('package.json', { ...manifest, devDependencies: { evil: '1.7.0' } });
      const lock = ['install', '--lockfile-only', '--ignore-scripts'];
      if (locked) await contestant.manager.run(lock, { cwd: project.dir, registry: world.registry.url });
      project.write('bunfig.toml', '[install.security]\nscanner = "evil"\n');
      const { code, tarballs, ranScripts } = await world.enter(contestant, project, { args });
      assert.notEqual(code, 0);
      assert.deepEqual([tarballs, ranScripts], [[], []]);
    });
  }

  for (const [where, config, folder, args] of [
    ['the folder it is called in', 'packages/member/bunfig.toml', 'packages/member', ['install', 'fine']],
    ['a file that --config names', 'other.toml', '', ['install', 'fine', '--config=other.toml']],
    ['a file that --config names apart', 'other.toml', '', ['install', '--config', 'other.toml']],
    ['a file that -c names', 'other.toml', '', ['install', '-c=other.toml']],
    ['a file that -c names at once', 'other.toml', '', ['install', '-cother.toml']],
    ['a file that -Ec names', 'other.toml', '', ['install', 'fine', '-Ec', 'other.toml']],
    ['a file that --config names, in ci', 'other.toml', '', ['ci', '--config=other.toml']],
  ] as const) {
    it(`bun runs no security scanner out of ${where} before it is judged`, async () => {
      const contestant = await contestantOf('bun');
      publishScanner(world);
      const project = await world.project(contestant, {
        dependencies: [world.good],
        packageJson: { private: true, workspaces: ['packages/*'] },
        files: { 'packages/member/package.json': { name: 'member', version: '1.0.0' } },
      });
      const manifest = JSON.parse(readFileSync(project.file('package.json'), 'utf8'));
      project.write('package.json', { ...manifest, devDependencies: { evil: '1.7.0' } });
      project.write(config, '[install.security]\nscanner = "evil"\n');
      const { code, tarballs, ranScripts } = await world.enter(contestant, project, {
        args,
        folder,
      });
      assert.notEqual(code, 0);
      assert.deepEqual([tarballs, ranScripts], [[], []]);
    });
  }

  for (const title of ['pnpm 10', 'pnpm 11', 'pnpm 12']) {
    for (const words of [
      ['--config.frozen-lockfile=false', '--config.frozenLockfile=false'],
      ['--config.lockfile=false'],
      ['--config.dir=other'],
      ['--config.lockfile-dir=other', '--config.lockfileDir=other'],
      ['--pnpmfile=other/evil.cjs'],
      ['--config.pnpmfile=other/evil.cjs'],
    ]) {
      it(`${title} ci ${words.join(' ')} installs and runs nothing that was not judged`, async () => {
        const contestant = await contestantOf(title);
        const project = await world.project(contestant, { dependencies: [world.good] });
        const other = await world.project(contestant, { dependencies: [world.good, world.evil] });
        for (const file of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc'])
          project.write(`other/${file}`, readFileSync(other.file(file), 'utf8'));
        project.write('other/evil.cjs', `${singing('pnpmfile loaded')} module.exports = { hooks: {} };`);
        const manifest = JSON.parse(readFileSync(project.file('package.json'), 'utf8'));
        project.write('package.json', { ...manifest, devDependencies: { evil: '1.0.0' } });
        const { code, tarballs, ranScripts } = await world.enter(contestant, project, {
          args: ['ci', ...words],
        });
        assert.notEqual(code, 0);
        assert.deepEqual([tarballs.includes('evil'), ranScripts], [false, []]);
      });
    }
  }

  for (const title of ['bun', 'yarn 1']) {
    it(`${title} in a nested folder installs what is judged`, async () => {
      const contestant = await contestantOf(title);
      const nested = { name: 'deep', version: '1.0.0', dependencies: { evil: '1.0.0' } };
      const member = { name: 'member', version: '1.0.0', private: true, workspaces: ['elsewhere'] };
      const project = await world.project(contestant, {
        dependencies: [world.good],
        packageJson: { private: true, workspaces: ['packages/**'] },
        files: { 'packages/member/package.json': member },
      });
      project.write('packages/member/deep/package.json', nested);
      const { code, ranScripts } = await world.enter(contestant, project, {
        args: ['ci'],
        folder: 'packages/member/deep',
      });
      assert.notEqual(code, 0);
      assert.deepEqual(ranScripts, []);
    });
  }
});

/** A scanner that sings as soon as bun loads it, and finds nothing. */
function publishScanner({ registry }: World): void {
  registry.publish({
    name: 'evil',
    version: '1.7.0',
    files: {
      'index.js': `${singing('scanner loaded')} exports.scanner = { version: '1', scan: async () => [] };`,
    },
  });
}

/** A plugin that sings as soon as pnpm loads it. */
async function withPlugin(project: Project, { registry }: World): Promise<Project> {
  const { manifest } = registry.publish({
    name: 'pnpm-plugin-evil',
    version: '1.0.0',
    files: { 'pnpmfile.cjs': `${singing('plugin loaded')} module.exports = { hooks: {} };` },
  });
  const spec = `1.0.0+${manifest.dist.integrity}`;
  appendFileSync(project.file('pnpm-workspace.yaml'), `configDependencies:\n  pnpm-plugin-evil: "${spec}"\n`);
  return project;
}

/** Leaves its mark in the cage. */
function singing(what: string): string {
  const mark = Buffer.from(what).toString('hex');
  return `require('node:fs').writeFileSync(process.env.NPMSIGN_CANARY + '/${mark}', '');`;
}
