/** Tarballs of a yarn 4 project, hashed because somebody asked for it: what is proved of them is proved of what yarn installs. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { create } from 'tar';
import { yarnArchiveHash } from '../../lib/installed/yarn-archive.ts';
import { yarnBerry } from '../../lib/tree/yarn-berry.ts';
import { type Contestant, contestantOf } from '../gates/contestants.ts';
import { aWorld, type World } from '../gates/world.ts';
import type { Project } from '../support/project.ts';
import { assembled, PUBLISHED_AT } from '../support/registry/publish.ts';
import { packTarball } from '../support/registry/tarball.ts';
import { aTempDirectory } from '../support/temp.ts';

const skip = process.platform === 'win32' ? 'the managers here are started by a POSIX shell' : false;

/** A real tar of a folder: with modes, folders and whatever first folder. */
async function tarOf(files: Readonly<Record<string, string>>, first = 'package'): Promise<Buffer> {
  const dir = aTempDirectory('tar');
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(dir, first, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    if (text.startsWith('#!')) chmodSync(file, 0o744);
  }
  const names = Object.keys(files).map((name) => `${first}/${name}`);
  const out = path.join(dir, 'out.tgz');
  await create({ cwd: dir, file: out, gzip: true, portable: true }, names);
  return readFileSync(out);
}

describe('yarn 4’s archive', { skip }, () => {
  let world: World;
  let yarn: Contestant;
  before(async () => {
    world = await aWorld();
    yarn = await contestantOf('yarn 4');
  });
  after(() => world.close());

  const strict = {
    checks: { provenance: 'error', 'registry-signature': 'error', 'lockfile-integrity': 'error' },
  };

  /** A project in which yarn has written the checksum of every archive, under a policy that asks for proof. */
  async function locked(dependencies: Readonly<Record<string, string>>): Promise<Project> {
    const project = await world.project(yarn, {
      dependencies: [],
      locked: 'none',
      packageJson: { dependencies },
    });
    const env = { ...world.environment(yarn), YARN_ENABLE_IMMUTABLE_INSTALLS: 'false' };
    const { code, stdout } = await yarn.manager.run(['install'], { cwd: project.dir, env });
    assert.equal(code, 0, stdout);
    const policy = JSON.parse(readFileSync(project.file('.npmsignrc'), 'utf8'));
    project.write('.npmsignrc', { ...policy, checks: { ...policy.checks, ...strict.checks } });
    return project;
  }

  const verify = (project: Project, ...flags: readonly string[]) =>
    world.enter(yarn, project, { args: ['verify', '--format', 'json', ...flags] });

  it('is made again from a tarball, byte for byte, whatever lies in that', async () => {
    const packageJson = (name: string) => JSON.stringify({ name, version: '1.0.0' });
    const tarballs = {
      '@scope/plain': packTarball({
        'package.json': packageJson('@scope/plain'),
        'a/b/c.js': '',
        'ünï.txt': 'ü',
      }),
      modes: await tarOf({ 'package.json': packageJson('modes'), 'cli.js': '#!/bin/sh\n', 'lib/x.js': 'x' }),
      'other-folder': await tarOf({ 'z.js': 'z', 'package.json': packageJson('other-folder') }, 'anything'),
      large: await tarOf({ 'package.json': packageJson('large'), 'a.txt': 'abc '.repeat(300_000) }),
    };
    const publisher = {
      url: world.registry.url,
      sigstore: world.registry.sigstore,
      identity: 'own',
    } as const;
    for (const [name, tarball] of Object.entries(tarballs)) {
      const version = { name, version: '1.0.0', at: PUBLISHED_AT, packageJson: {}, tarball };
      world.registry.put(assembled(version, publisher));
    }
    const names = Object.keys(tarballs);
    const project = await locked(Object.fromEntries(names.map((name) => [name, '1.0.0'])));
    const packages = yarnBerry.parse({
      text: readFileSync(project.file('yarn.lock'), 'utf8'),
      file: 'yarn.lock',
      manifest: {},
    });
    for (const [name, tarball] of Object.entries(tarballs)) {
      const pinned = packages.find(({ id }) => id.name === name)?.archiveHash;
      assert.equal(await yarnArchiveHash(tarball, name), pinned, name);
    }
  });

  it('ties signature and provenance to the lockfile, where tarballs are hashed, and nowhere else', async () => {
    const project = await locked({ good: '1.0.0' });
    const without = await verify(project);
    assert.deepEqual([without.code, without.tarballs], [3, []]);
    assert.match(without.stdout, /only fetching and hashing the tarball \(--hash-tarballs\) could tell/);
    const hashed = await verify(project, '--hash-tarballs');
    assert.equal(hashed.code, 0, hashed.stdout);
    assert.deepEqual(hashed.tarballs, ['good']);
    const { verdicts, notices } = JSON.parse(hashed.stdout);
    assert.equal(verdicts[0].evidence.provenance.status, 'proved');
    assert.match(
      JSON.stringify(notices),
      /1 of 1 packages have the hash of a tarball that was fetched for it/,
    );
    const installed = await world.enter(yarn, project, { args: ['ci', '--hash-tarballs'] });
    assert.equal(installed.code, 0, installed.stderr);
    assert.deepEqual(project.installed(), ['good']);
  });

  it('of another tarball than the registry serves leaves everything unverified', async () => {
    const first = world.registry.publish({ name: 'swapped', version: '1.0.0', attest: {} });
    const project = await locked({ swapped: '1.0.0' });
    assert.equal((await verify(project, '--hash-tarballs')).code, 0);
    const second = world.registry.publish({
      name: 'swapped',
      version: '1.0.0',
      attest: {},
      files: { 'x.js': '' },
    });
    assert.notEqual(second.manifest.dist.integrity, first.manifest.dist.integrity);
    const { code, stdout } = await verify(project, '--hash-tarballs');
    assert.equal(code, 3);
    assert.match(
      stdout,
      /yarn's archive of the tarball the registry serves for swapped@1\.0\.0 is another one/,
    );
  });

  it('is compared by yarn behind the gate, even where the project would rather not', async () => {
    const project = await locked({ good: '1.0.0' });
    const lock = readFileSync(project.file('yarn.lock'), 'utf8');
    project.write(
      'yarn.lock',
      lock.replace(/checksum: 10c0\/(.)/, (_, digit) => `checksum: 10c0/${digit === '0' ? 1 : 0}`),
    );
    project.write('.yarnrc.yml', 'nodeLinker: node-modules\nchecksumBehavior: ignore\n');
    const told = await verify(project, '--hash-tarballs');
    assert.equal(told.code, 3);
    assert.match(told.stdout, /is another one/);
    const policy = JSON.parse(readFileSync(project.file('.npmsignrc'), 'utf8'));
    project.write('.npmsignrc', { ...policy, extends: 'observe', checks: {} });
    const naive = await yarn.manager.run(['install', '--immutable'], {
      cwd: project.dir,
      env: world.environment(yarn),
    });
    assert.equal(naive.code, 0, 'yarn compares by itself now: this test proves nothing');
    const behind = await world.enter(yarn, project, { args: ['ci'] });
    assert.notEqual(behind.code, 0);
    assert.match(behind.stdout, /YN0018/);
  });

  it('of what is no plain tarball is not made', async () => {
    const linked = aTempDirectory('tar');
    const out = path.join(linked, 'out.tgz');
    mkdirSync(path.join(linked, 'package/folder'), { recursive: true });
    await create({ cwd: linked, file: out, gzip: true, portable: true }, ['package/folder']);
    assert.equal(await yarnArchiveHash(readFileSync(out), 'lib'), undefined);
    await assert.rejects(yarnArchiveHash(Buffer.from('no tarball'), 'lib'));
    const escaping = packTarball({ '../../out.js': 'x', 'a.js': 'a' });
    assert.equal(
      await yarnArchiveHash(escaping, 'lib'),
      await yarnArchiveHash(packTarball({ 'a.js': 'a' }), 'lib'),
    );
  });
});
