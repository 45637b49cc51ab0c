/** Hard mode: npm installs from a cache that holds the judged bytes, and asks nobody for any others. */
import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { aTempDirectory } from '../support/temp.ts';
import { type Contestant, contestantOf } from './contestants.ts';
import { aWorld, type World } from './world.ts';

const skip = process.platform === 'win32' ? 'the managers here are started by a POSIX shell' : false;

/** An entry of package-lock.json. */
type Entry = Record<string, unknown>;

const SHA1 = 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=';

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

  /** npm 11, with something done to its cache or its arguments before it starts. */
  async function npmAfter(script: string): Promise<Contestant> {
    const npm = await contestantOf('npm 11');
    const bin = aTempDirectory('bin');
    const [node, cli = ''] = npm.manager.command;
    writeFileSync(path.join(bin, 'npm'), `#!/bin/sh\n${script}\nexec '${node}' '${cli}' "$@"\n`);
    chmodSync(path.join(bin, 'npm'), 0o755);
    return { ...npm, bin };
  }

  for (const args of [
    ['ci', '--sealed', '--', 'more'],
    ['ci', '--sealed', '--omit'],
    ['ci', '--sealed', '--no-offline'],
    ['ci', '--sealed', '--cache=elsewhere'],
  ]) {
    it(`stays sealed whatever npm itself is told: npmsign ${args.join(' ')}`, async () => {
      const npm = await contestantOf('npm 11');
      const project = await world.project(npm, { dependencies: [world.good] });
      const { code, stderr } = await world.enter(npm, project, { args });
      assert.equal(code, 0, stderr);
      assert.deepEqual([project.installed(), askedByNpm(), project.has('elsewhere')], [['good'], [], false]);
    });
  }

  it('of npm 11 installs nothing when a tarball is changed in the cache, even by whoever may write there', async () => {
    const changed = await npmAfter(
      'find "$npm_config_cache/_cacache" -type f -exec sh -c \'echo x >> "$1"\' sh {} \\; 2>/dev/null',
    );
    const project = await world.project(changed, { dependencies: [world.good] });
    const { code, stderr } = await world.enter(changed, project, { args: ['ci', '--sealed'] });
    assert.notEqual(code, 0);
    assert.match(stderr, /EINTEGRITY|ENOTCACHED/);
    assert.deepEqual([project.installed(), askedByNpm()], [[], []]);
  });

  it('of npm 11 installs nothing that was not judged, when the lockfile is another by the time npm reads it', async () => {
    const { integrity = '', tarball } = world.evil.manifest.dist;
    const swap = [world.good.manifest.dist.integrity, world.good.manifest.dist.tarball];
    const to = [integrity, tarball];
    const edit = `const fs = require('fs'); let t = fs.readFileSync('package-lock.json', 'utf8');
for (const [i, from] of ${JSON.stringify(swap)}.entries()) t = t.replace(from, ${JSON.stringify(to)}[i]);
fs.writeFileSync('package-lock.json', t);`;
    const script = aTempDirectory('swap');
    writeFileSync(path.join(script, 'swap.cjs'), edit);
    const swapping = await npmAfter(`[ "$1" = ci ] && '${process.execPath}' '${script}/swap.cjs'`);
    const project = await world.project(swapping, { dependencies: [world.good] });
    const { code, ranScripts } = await world.enter(swapping, project, { args: ['ci', '--sealed'] });
    assert.notEqual(code, 0);
    assert.deepEqual([ranScripts, project.installed(), askedByNpm()], [[], [], []]);
  });

  const UNSEALABLE = [
    ['an entry without a hash', (entry: Entry) => delete entry['integrity'], /the lockfile has no sha512/],
    [
      'a hash that is only sha1',
      (entry: Entry) => Object.assign(entry, { integrity: SHA1 }),
      /has no sha512/,
    ],
    [
      'a repository',
      (entry: Entry) =>
        Object.assign(entry, { resolved: `git+ssh://git@host.example/good.git#${'a'.repeat(40)}` }),
      /it comes from git/,
    ],
  ] as const;
  for (const [what, alter, reason] of UNSEALABLE) {
    it(`of npm 11 seals no ${what.replace(/^an? /, '')}, though a policy lets it pass`, async () => {
      const npm = await contestantOf('npm 11');
      const project = await world.project(npm, { dependencies: [world.good] });
      const lock = JSON.parse(readFileSync(project.file('package-lock.json'), 'utf8'));
      alter(lock.packages['node_modules/good']);
      project.write('package-lock.json', lock);
      const policy = JSON.parse(readFileSync(project.file('.npmsignrc'), 'utf8'));
      project.write('.npmsignrc', { ...policy, extends: 'observe' });
      const { code, stderr } = await world.enter(npm, project, { args: ['ci', '--sealed'] });
      assert.deepEqual([code, project.installed(), askedByNpm()], [3, [], []], stderr);
      assert.match(stderr, /cannot be sealed/);
      assert.match(stderr, reason);
    });
  }

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
