/** `npmsign diff`, from command line to exit code, on minted evidence and a real git. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { main } from '../../lib/cli/main.ts';
import { findGit } from '../../lib/git/find-git.ts';
import { aHost } from '../support/host.ts';
import { aPackageLock, aProject, dependenciesOn, type Project } from '../support/project.ts';
import { type LoopbackRegistry, type Published, startRegistry } from '../support/registry/index.ts';

const PATH = process.env['PATH'] ?? '';
const git = await findGit(aHost({ env: { PATH } }), import.meta.dirname);

describe('npmsign diff', { skip: git === undefined && 'there is no git on this machine' }, () => {
  let registry: LoopbackRegistry;
  let steady: readonly [Published, Published];
  let stolen: readonly [Published, Published];
  before(async () => {
    registry = await startRegistry();
    const release = (name: string, version: string, attest: object | 'none' = {}): Published =>
      registry.publish({ name, version, ...(attest === 'none' ? {} : { attest }) });
    steady = [release('steady', '1.0.0'), release('steady', '1.1.0')];
    stolen = [release('stolen', '1.0.0'), release('stolen', '1.0.1', 'none')];
  });
  after(() => registry.close());

  const lockfile = (packages: readonly Published[]): object => ({ ...aPackageLock(packages) });

  /** A repository whose HEAD depends on the first list, and whose working tree depends on the second. */
  function aChangedProject(was: readonly Published[], is: readonly Published[]): Project {
    const project = aProject({
      packageJson: { dependencies: dependenciesOn(was) },
      lockfile: lockfile(was),
      npmrc: [`registry=${registry.url}`],
      files: {
        '.gitignore': '.cache\n',
        'trusted_root.json': registry.sigstore.trustedRoot(),
        '.npmsignrc': {
          extends: 'recommended',
          registries: { [registry.url]: {} },
          trust: { root: './trusted_root.json', refresh: 'never' },
        },
      },
    });
    for (const args of [
      ['init', '--quiet', '--initial-branch=main'],
      ['add', '.'],
      [
        '-c',
        'user.name=a',
        '-c',
        'user.email=a@acme.example',
        '-c',
        'commit.gpgsign=false',
        'commit',
        '--quiet',
        '-m',
        'one',
      ],
      ['tag', 'v1'],
    ]) {
      execFileSync(git ?? 'git', args, { cwd: project.dir, stdio: 'ignore' });
    }
    project.write('package-lock.json', lockfile(is));
    return project;
  }

  async function run(argv: readonly string[], { dir }: Project, path = PATH) {
    const host = aHost({ cwd: dir, env: { PATH: path, HOME: dir, npm_config_cache: join(dir, '.cache') } });
    const code = await main(['diff', ...argv], host);
    return { code, out: host.stdout(), err: host.stderr() };
  }

  it('compares with HEAD, and informs rather than fails', async () => {
    const project = aChangedProject([steady[0], stolen[0]], [steady[1], stolen[1]]);
    const { code, out, err } = await run([], project);
    assert.deepEqual([code, err], [0, ''], out);
    assert.match(out, /2 packages changed \(2 updated\); 1 of them must be explained/);
    assert.match(out, /stolen 1\.0\.0 → 1\.0\.1\n\s+✖ lost its build provenance/);
    assert.match(out, /HEAD:package-lock\.json → package-lock\.json/);
    assert.match(out, /Updated by the same signer · 1 package\n\s+steady 1\.0\.0 → 1\.1\.0/);
  });

  it('fails on bad news with --strict, and only then', async () => {
    assert.equal((await run(['--strict'], aChangedProject([stolen[0]], [stolen[1]]))).code, 1);
    assert.equal((await run(['--strict'], aChangedProject([steady[0]], [steady[1]]))).code, 0);
  });

  it('compares with any revision, and with a file', async () => {
    const project = aChangedProject([steady[0]], [steady[1]]);
    assert.match((await run(['v1'], project)).out, /v1:package-lock\.json → package-lock\.json/);
    project.write('before.json', lockfile([steady[0]]));
    const { code, out } = await run(['before.json'], project);
    assert.equal(code, 0, out);
    assert.match(out, /before\.json → package-lock\.json/);
    assert.match(out, /steady 1\.0\.0 → 1\.1\.0/);
  });

  it('asks only about what changed', async () => {
    const project = aChangedProject([steady[0], stolen[0]], [steady[1], stolen[0]]);
    registry.forgetRequests();
    await run([], project);
    assert.ok(registry.requests.length > 0);
    assert.deepEqual(
      registry.requests.filter(({ path }) => path.includes('stolen')),
      [],
    );
  });

  it('calls everything new where there was no lockfile yet', async () => {
    const project = aChangedProject([steady[0]], [steady[0]]);
    project.write('later/package-lock.json', lockfile([steady[1]]));
    const { code, out } = await run(['--lockfile', 'later/package-lock.json'], project);
    assert.equal(code, 0, out);
    assert.match(out, /1 package changed \(1 new\)/);
    assert.match(out, /there was no HEAD:later\/package-lock\.json/);
  });

  it('writes Markdown to a file and JSON to stdout', async () => {
    const project = aChangedProject([stolen[0]], [stolen[1]]);
    const { out } = await run(
      ['--format', 'markdown', '--output', 'comment.md', '--format', 'json'],
      project,
    );
    const document = JSON.parse(out);
    assert.deepEqual([document.summary.changed, document.summary.alarms], [1, 1]);
    assert.equal(document.changes[0].findings[0].kind, 'proof-lost');
    assert.match(readFileSync(project.file('comment.md'), 'utf8'), /^## ✖ Dependencies/);
  });

  const wrong = [
    ['a revision that is not there', ['nowhere'], /no file and no git revision named nowhere/],
    ['an option in place of a revision', ['--', '--output=x'], /no file and no git revision/],
    ['two operands', ['v1', 'HEAD'], /takes one git revision or file; found 2/],
    ['a format it does not render', ['--format', 'sarif'], /does not fit this command/],
  ] as const;
  for (const [name, argv, message] of wrong) {
    it(`exits 2 for ${name}`, async () => {
      const { code, out, err } = await run(argv, aChangedProject([steady[0]], [steady[1]]));
      assert.deepEqual([code, out], [2, ''], err);
      assert.match(err, message);
    });
  }

  it('exits 2 where git is not to be had, and names the way around', async () => {
    const { code, err } = await run([], aChangedProject([steady[0]], [steady[1]]), '');
    assert.equal(code, 2);
    assert.match(err, /There is no git on PATH[\s\S]*Name a lockfile/);
  });

  it('runs no git that the project brings', {
    skip: process.platform === 'win32' && 'scripts stand in for programs',
  }, async () => {
    const project = aChangedProject([stolen[0]], [stolen[1]]);
    const bin = project.file('node_modules/.bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, 'git'), `#!/bin/sh\necho ran > ${project.file('ran')}\n`);
    chmodSync(join(bin, 'git'), 0o755);
    const { code, out } = await run(['--strict'], project, [bin, PATH].join(delimiter));
    assert.equal(code, 1, out);
    assert.equal(project.has('ran'), false);
  });
});
