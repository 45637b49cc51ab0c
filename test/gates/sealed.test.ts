/** Hard mode: npm installs from a cache that holds the judged bytes, and asks nobody for any others. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, beforeEach, describe, it } from 'node:test';
import { contestantOf } from './contestants.ts';
import { aWorld, type World } from './world.ts';

const skip = process.platform === 'win32' ? 'the managers here are started by a POSIX shell' : false;

describe('npmsign ci --sealed', { skip }, () => {
  let world: World;
  before(async () => {
    world = await aWorld();
  });
  beforeEach(() => world.registry.behave());
  after(() => world.close());

  /** What npm itself asked for: npmsign names itself otherwise. */
  const askedByNpm = () =>
    world.registry.requests
      .filter(({ headers }) => /^npm\//.test(headers['user-agent'] ?? ''))
      .map(({ path }) => path);
  const sealedCaches = () => readdirSync(tmpdir()).filter((name) => name.startsWith('npmsign-sealed-'));

  for (const title of ['npm 10', 'npm 11', 'npm 12']) {
    it(`lets ${title} install what was judged, without a question of its own`, async () => {
      const contestant = await contestantOf(title);
      const other = world.registry.publish({
        name: 'other-system',
        version: '1.0.0',
        attest: {},
        packageJson: { os: ['none'] },
      });
      const native = world.registry.publish({
        name: 'native',
        version: '1.0.0',
        attest: {},
        optionalDependencies: { [other.name]: other.version },
      });
      const project = await world.project(contestant, { dependencies: [world.good, native] });
      const before = sealedCaches();
      const { code, stderr, tarballs } = await world.enter(contestant, project, { args: ['ci', '--sealed'] });
      assert.equal(code, 0, stderr);
      assert.deepEqual(project.installed(), ['good', 'native']);
      assert.deepEqual(tarballs, ['good', 'native']);
      assert.deepEqual(askedByNpm(), []);
      assert.match(stderr, /npmsign: npm ci --offline --cache=/);
      assert.deepEqual(sealedCaches(), before);
    });
  }

  it('of npm 11 installs nothing when a tarball is not the one that was judged', async () => {
    const contestant = await contestantOf('npm 11');
    const project = await world.project(contestant, { dependencies: [world.good] });
    const body = world.evil.tarball;
    world.registry.misbehave({ on: 'tarball' }, { kind: 'body', body, type: 'application/octet-stream' });
    const { code, stderr, ranScripts } = await world.enter(contestant, project, { args: ['ci', '--sealed'] });
    assert.deepEqual([code, ranScripts, project.installed()], [3, [], []]);
    assert.match(stderr, /good@1\.0\.0 cannot be sealed: its tarball is not the one the lockfile pins/);
  });

  it('of npm 11 stops before anything is fetched where the policy is violated', async () => {
    const contestant = await contestantOf('npm 11');
    const project = await world.project(contestant, { dependencies: [world.good, world.evil] });
    const { code, tarballs } = await world.enter(contestant, project, { args: ['ci', '--sealed'] });
    assert.deepEqual([code, tarballs], [1, []]);
  });

  it('adds a package that way too', async () => {
    const contestant = await contestantOf('npm 11');
    const project = await world.project(contestant, { dependencies: [world.good] });
    const args = ['install', 'fine', '--sealed', '-D'];
    const { code, stderr, tarballs } = await world.enter(contestant, project, { args });
    assert.equal(code, 0, stderr);
    assert.deepEqual(
      [project.installed(), tarballs],
      [
        ['fine', 'good'],
        ['fine', 'good'],
      ],
    );
  });

  it('is for npm alone', async () => {
    const contestant = await contestantOf('bun');
    const project = await world.project(contestant, { dependencies: [world.good] });
    const { code, stderr } = await world.enter(contestant, project, { args: ['ci', '--sealed'] });
    assert.equal(code, 2);
    assert.match(stderr, /--sealed is for npm, and this project uses bun/);
  });
});
