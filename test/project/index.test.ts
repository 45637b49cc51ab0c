/** One project, one policy: from any of its folders the same lockfile is judged by the same policy, and what is not used is told. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { main } from '../../lib/cli/main.ts';
import { aHost } from '../support/host.ts';
import { aPackageLock, aProject, dependenciesOn, type Project } from '../support/project.ts';
import { type LoopbackRegistry, type Published, startRegistry } from '../support/registry/index.ts';

const WEB = 'packages/web';
const trust = { refresh: 'never' } as const;

describe('from a folder of a project', () => {
  let registry: LoopbackRegistry;
  let lib: Published;
  before(async () => {
    registry = await startRegistry();
    lib = registry.publish({ name: 'lib', version: '1.0.0' });
  });
  after(() => registry.close());

  const monorepo = (files: Readonly<Record<string, object | string>>): Project =>
    aProject({
      packageJson: { workspaces: ['packages/*'], dependencies: dependenciesOn([lib]) },
      lockfile: aPackageLock([lib]),
      npmrc: [`registry=${registry.url}`],
      files: {
        [`${WEB}/package.json`]: { name: 'web', version: '1.0.0' },
        [`${WEB}/src/x.js`]: '',
        ...files,
      },
    });

  async function run({ dir }: Project, from: string, argv: readonly string[]) {
    const env = { HOME: dir, PATH: process.env['PATH'], npm_config_cache: path.join(dir, '.cache'), CI: '1' };
    const host = aHost({ cwd: path.join(dir, from), env });
    const code = await main(argv, host);
    return { code, stdout: host.stdout(), stderr: host.stderr() };
  }

  async function reportFrom(project: Project, from: string) {
    const { stdout, stderr } = await run(project, from, ['verify', '--format', 'json']);
    assert.notEqual(stdout, '', stderr);
    const { policy, lockfile, summary, notices } = JSON.parse(stdout);
    const codes = notices.map(({ code }: { code: string }) => code);
    return { told: { digest: policy.digest, summary }, lockfile: lockfile.path, codes, notices };
  }

  it('the same is judged by the same policy, and the report says which project that is', async () => {
    const project = monorepo({ '.npmsignrc': { extends: 'observe', trust } });
    const whole = await reportFrom(project, '.');
    assert.deepEqual([whole.lockfile, whole.codes.includes('PROJECT_ABOVE')], ['package-lock.json', false]);
    for (const [from, lockfile] of [
      [WEB, '../../package-lock.json'],
      [`${WEB}/src`, '../../../package-lock.json'],
    ] as const) {
      const part = await reportFrom(project, from);
      assert.deepEqual(part.told, whole.told);
      assert.deepEqual([part.lockfile, part.codes.includes('PROJECT_ABOVE')], [lockfile, true]);
      assert.ok(part.notices.some(({ message }: { message: string }) => message.includes(project.dir)));
    }
  });

  it('a policy of the folder is not used, and that is said', async () => {
    const project = monorepo({
      '.npmsignrc': { extends: 'observe', trust },
      [`${WEB}/.npmsignrc`]: { extends: 'strict' },
    });
    const [whole, part] = [await reportFrom(project, '.'), await reportFrom(project, `${WEB}/src`)];
    assert.deepEqual(part.told, whole.told);
    assert.deepEqual(
      [whole.codes.includes('POLICY_NOT_USED'), part.codes.includes('POLICY_NOT_USED')],
      [false, true],
    );
    for (const argv of [
      ['explain', 'lib'],
      ['diff', '../../package-lock.json'],
      ['lock', '--dry-run'],
    ]) {
      const { stdout, stderr } = await run(project, WEB, argv);
      assert.match(stderr, /npmsign: this folder is part of the project in .*, which is judged\.\n/, argv[0]);
      assert.match(stderr, /npmsign: packages\/web\/\.npmsignrc is not used: /);
      assert.doesNotMatch(stdout, /not used/);
      assert.equal((await run(project, WEB, [...argv, '--quiet'])).stderr, '');
    }
  });

  for (const argv of [
    ['verify'],
    ['ci'],
    ['install'],
    ['explain', 'lib'],
    ['lock'],
    ['diff'],
    ['bundle', '-o', 'x'],
  ]) {
    it(`npmsign ${argv[0]} refuses where only the folder has a policy: no preset stands in for what was written`, async () => {
      const project = monorepo({ [`${WEB}/package.json`]: { name: 'web', npmsign: { extends: 'strict' } } });
      const { code, stdout, stderr } = await run(project, WEB, argv);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, /packages\/web\/package\.json lies in one of its folders and does not apply/);
    });
  }

  it('a policy that is named holds, relative to where it is named, and nothing is said of others', async () => {
    const project = monorepo({ [`${WEB}/.npmsignrc`]: { extends: 'observe', trust } });
    const { code, stdout } = await run(project, WEB, [
      'verify',
      '--policy',
      '.npmsignrc',
      '--format',
      'json',
    ]);
    assert.equal(code, 0);
    const { policy, notices } = JSON.parse(stdout);
    assert.equal(policy.path, '.npmsignrc');
    assert.ok(!notices.some((notice: { code: string }) => notice.code === 'POLICY_NOT_USED'));
  });

  it('a lockfile beside no package.json is refused, and judged once it is named, under the policy of the project', async () => {
    const project = monorepo({
      '.npmsignrc': { extends: 'recommended', trust },
      [`${WEB}/src/package-lock.json`]: aPackageLock([]),
    });
    const { code, stderr } = await run(project, `${WEB}/src`, ['verify']);
    assert.equal(code, 2);
    assert.match(stderr, /LOCKFILE_AMBIGUOUS\]\n.*have npmsign verify judge it with --lockfile/);
    const named = ['verify', '--lockfile', 'package-lock.json', '--format', 'json'];
    const { lockfile, policy } = JSON.parse((await run(project, `${WEB}/src`, named)).stdout);
    assert.equal(lockfile.path, 'package-lock.json');
    assert.equal(path.resolve(project.dir, WEB, 'src', policy.path), path.join(project.dir, '.npmsignrc'));
  });

  it('a folder that is a project of its own is judged by its own policy', async () => {
    const project = monorepo({
      '.npmsignrc': { extends: 'strict' },
      'apart/package.json': { name: 'apart' },
      'apart/package-lock.json': aPackageLock([]),
      'apart/.npmsignrc': { extends: 'observe', trust },
    });
    const { lockfile, codes } = await reportFrom(project, 'apart');
    assert.equal(lockfile, 'package-lock.json');
    assert.ok(!codes.includes('POLICY_NOT_USED') && !codes.includes('PROJECT_ABOVE'));
  });
});
