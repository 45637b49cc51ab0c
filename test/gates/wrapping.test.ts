/** What npmsign hands to the manager it runs, and what it hands back: arguments, output, exit codes, signals, and a project as it was. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Project } from '../support/project.ts';
import { aTempDirectory } from '../support/temp.ts';
import { type Contestant, contestantOf } from './contestants.ts';
import { aWorld, bytesOf, type World } from './world.ts';

const skip = process.platform === 'win32' ? 'shell scripts stand in for programs' : false;

describe('the manager behind the gate', { skip }, () => {
  let world: World;
  let npm: Contestant;
  before(async () => {
    world = await aWorld();
    npm = await contestantOf('npm 11');
  });
  beforeEach(() => world.registry.behave());
  after(() => world.close());

  /** A program in a folder, of the name of a real one. */
  function aProgram(folder: string, name: string, script: string): string {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(path.join(folder, name), 0o755);
    return folder;
  }

  /** npm as it would be, had it done nothing but tell what it was given. */
  function aTellingNpm(ending: string): Contestant {
    const bin = aTempDirectory('bin');
    aProgram(bin, 'npm', `if [ "$1" = --version ]; then echo 11.0.0; else printf '<%s>' "$@"; ${ending}; fi`);
    return { ...npm, bin };
  }

  it('gets every argument as it stands, and gives its output and exit code back', async () => {
    const project = await world.project(npm, { dependencies: [world.good] });
    const args = ['ci', '--omit=dev', '--loglevel', 'a b', '--foreground-scripts', '--', '--policy', "it's"];
    const { code, stdout, stderr } = await world.enter(aTellingNpm('echo told >&2; exit 7'), project, {
      args,
    });
    assert.equal(code, 7);
    assert.equal(stdout, "<ci><--omit=dev><--loglevel><a b><--foreground-scripts><--policy><it's>");
    assert.match(stderr, /PASS[\s\S]*npmsign: npm ci --omit=dev --loglevel 'a b'[\s\S]*told/);
  });

  it('is told that npmsign asked before it installs, and not while it only resolves, whatever npmsign itself was told', async () => {
    const project = await world.project(npm, { dependencies: [world.good] });
    const telling = aTellingNpm('echo "asked:$NPMSIGN_ASKED_BEFORE" >&2');
    const env = { NPMSIGN_ASKED_BEFORE: '7' };
    const { code, stderr } = await world.enter(telling, project, { args: ['install'], env });
    assert.equal(code, 0, stderr);
    assert.deepEqual(stderr.match(/asked:\d*/g), ['asked:', 'asked:1']);
  });

  it('gets none of the flags that are npmsign’s own, and those that both understand', async () => {
    const project = await world.project(npm, { dependencies: [world.good] });
    const report = path.join(aTempDirectory('report'), 'report.json');
    const flags = [
      '--format',
      'json',
      '--output',
      report,
      '--concurrency=4',
      '--registry',
      world.registry.url,
    ];
    const { code, stdout } = await world.enter(aTellingNpm('exit 0'), project, {
      args: ['ci', ...flags, '-D'],
    });
    assert.deepEqual([code, stdout], [0, `<ci><--registry><${world.registry.url}><-D>`]);
    assert.equal(JSON.parse(readFileSync(report, 'utf8')).effect, 'pass');
  });

  it('is not told by another manager what it is, or which lockfile is another’s', async () => {
    const bin = aTempDirectory('bin');
    aProgram(bin, 'npm', 'if [ "$1" = --version ]; then echo 11.0.0; else env; fi');
    const project = await world.project(npm, { dependencies: [world.good] });
    const inherited = {
      npm_config_user_agent: 'pnpm/10.0.0 npm/? node/v24.0.0',
      npm_execpath: '/nowhere/pnpm.cjs',
      npm_lifecycle_event: 'test',
      npm_config_local_prefix: '/nowhere',
    };
    const { code, stdout } = await world.enter({ ...npm, bin }, project, { args: ['ci'], env: inherited });
    assert.equal(code, 0);
    for (const name of Object.keys(inherited)) assert.doesNotMatch(stdout, new RegExp(`^${name}=`, 'm'));
  });

  it('is never a program of the project, and neither is what it runs', async () => {
    const project = await world.project(npm, { dependencies: [world.good] });
    const mark = path.join(aTempDirectory('mark'), 'ran');
    const planted = ['node_modules/.bin', 'tools'].map((folder) => {
      for (const name of ['npm', 'node', 'git', 'sh'])
        aProgram(project.file(folder), name, `echo ${name} >> ${mark}`);
      return project.file(folder);
    });
    const PATH = [...planted, 'tools', '', npm.bin, world.environment(npm)['PATH']].join(path.delimiter);
    for (const args of [['ci'], ['install', 'fine', '-D']]) {
      const { code, stderr } = await world.enter(npm, project, { args, env: { PATH } });
      assert.equal(code, 0, stderr);
    }
    assert.deepEqual(project.installed(), ['fine', 'good']);
    assert.equal(existsSync(mark), false, existsSync(mark) ? readFileSync(mark, 'utf8') : '');
  });

  it('is missed where only the project has one', async () => {
    const project = await world.project(npm, { dependencies: [world.good] });
    const only = aProgram(project.file('tools'), 'pnpm', 'exit 0');
    project.write('package.json', { name: 'project', packageManager: 'pnpm@10.0.0' });
    project.write('pnpm-lock.yaml', "lockfileVersion: '9.0'\n");
    rmSync(project.file('package-lock.json'));
    const { code, stderr } = await world.enter(npm, project, { args: ['ci'], env: { PATH: only } });
    assert.equal(code, 2);
    assert.match(stderr, /There is no pnpm on PATH, the folders of the project left aside/);
  });

  const wrong = [
    [['ci', '--prefix', '..'], /does not take --prefix: it would install another project/],
    [['ci', '-g'], /does not take -g: what is installed globally has no lockfile/],
    [['install', 'fine', '--no-save'], /does not take --no-save: it would install what no lockfile holds/],
    [
      ['ci', '--lockfile', 'other.json'],
      /The lockfile that is judged is the one the package manager installs/,
    ],
  ] as const;
  for (const [args, reason] of wrong) {
    it(`is not run for npmsign ${args.join(' ')}`, async () => {
      const project = await world.project(npm, { dependencies: [world.good] });
      const { code, stderr, stdout } = await world.enter(aTellingNpm('exit 0'), project, { args });
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, reason);
    });
  }

  it('leaves the project as it was when it fails after the verdict', async () => {
    const project = await world.project(npm, { dependencies: [world.good] });
    const untouched = bytesOf(project);
    const home = world.home();
    world.registry.misbehave({ on: 'tarball' }, { kind: 'status', status: 500 });
    const { code, stderr } = await world.enter(npm, project, { args: ['install', 'fine'], home });
    assert.equal(code, 1);
    assert.match(stderr, /PASS[\s\S]*npm error[\s\S]*package\.json, package-lock\.json are as before/);
    for (const [file, bytes] of untouched) assert.equal(bytesOf(project).get(file), bytes, file);
  });

  /** Starts npmsign, and waits until the registry is asked for that. */
  async function started(
    project: Project,
    args: readonly string[],
    on: 'packument' | 'manifest',
    home: string,
  ) {
    world.registry.misbehave({ on }, { kind: 'late', ms: 6_000 });
    world.registry.forgetRequests();
    const child = spawn(process.execPath, [world.npmsign, ...args], {
      cwd: project.dir,
      env: { ...world.environment(npm, home) },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const written = { err: '' };
    child.stderr.on('data', (text) => {
      written.err += text;
    });
    const ended = once(child, 'close');
    while (!world.registry.requests.some(({ route }) => route.kind === on)) await sleep(20);
    return { child, ended, written };
  }

  for (const [signal, on] of [
    ['SIGTERM', 'packument'],
    ['SIGINT', 'packument'],
    ['SIGTERM', 'manifest'],
    ['SIGHUP', 'manifest'],
  ] as const) {
    it(`and npmsign end by ${signal} while a ${on} is awaited, and the project is as it was`, async () => {
      const project = await world.project(npm, { dependencies: [world.good] });
      const untouched = bytesOf(project);
      const { child, ended, written } = await started(project, ['install', 'fine'], on, world.home());
      child.kill(signal);
      const [code, by] = await ended;
      assert.deepEqual([code, by], [null, signal], written.err);
      assert.deepEqual(bytesOf(project), untouched);
    });
  }

  it('may leave its changes behind when npmsign is killed, and the next run takes them back', async () => {
    const project = await world.project(npm, { dependencies: [world.good] });
    const untouched = bytesOf(project);
    const home = world.home();
    const { child, ended } = await started(project, ['install', 'evil'], 'manifest', home);
    child.kill('SIGKILL');
    await ended;
    assert.notDeepEqual(bytesOf(project), untouched, 'the kill came too early to prove anything');
    world.registry.behave();
    const { code, stderr } = await world.enter(npm, project, { args: ['ci'], home });
    assert.equal(code, 0, stderr);
    assert.match(
      stderr,
      /An earlier npmsign install was killed[\s\S]*package\.json, package-lock\.json are as before it/,
    );
    for (const [file, bytes] of untouched) assert.equal(bytesOf(project).get(file), bytes, file);
    assert.doesNotMatch((await world.enter(npm, project, { args: ['ci'], home })).stderr, /was killed/);
  });

  it('is not run twice at once in one project', async () => {
    const project = await world.project(npm, { dependencies: [world.good] });
    const home = world.home();
    const { child, ended } = await started(project, ['install', 'fine'], 'manifest', home);
    const { code, stderr } = await world.enter(npm, project, { args: ['ci'], home });
    assert.equal(code, 2);
    assert.match(stderr, /Another npmsign install is at work here/);
    child.kill('SIGTERM');
    await ended;
  });
});
