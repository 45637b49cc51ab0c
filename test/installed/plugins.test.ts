/** pnpm loads its plugins, and runs its hooks, from under a dot in node_modules: what is planted there is found. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { main } from '../../lib/cli/main.ts';
import { aHost } from '../support/host.ts';
import { type Manager, pnpmOf } from '../support/managers.ts';
import { aProject, type Project } from '../support/project.ts';
import { hashesOf, type LoopbackRegistry, type Published, startRegistry } from '../support/registry/index.ts';
import { aTempDirectory } from '../support/temp.ts';

const PLUGIN = 'node_modules/.pnpm-config/pnpm-plugin-good';

describe('npmsign verify --installed, with a plugin of pnpm', () => {
  let registry: LoopbackRegistry;
  let plugin: Published;
  before(async () => {
    registry = await startRegistry();
    plugin = registry.publish({
      name: 'pnpm-plugin-good',
      version: '1.0.0',
      files: { 'pnpmfile.cjs': 'module.exports = {};\n' },
    });
  });
  after(() => registry.close());

  async function install(pnpm: Manager): Promise<{ readonly project: Project; readonly home: string }> {
    const pinned = `1.0.0+${hashesOf(plugin.tarball).integrity}`;
    const project = aProject({
      packageJson: { scripts: { hi: 'node --version' } },
      npmrc: [`registry=${registry.url}`],
      files: {
        '.npmsignrc': 'extends: observe\n',
        'pnpm-workspace.yaml': `minimumReleaseAge: 0\nconfigDependencies:\n  pnpm-plugin-good: ${pinned}\n`,
      },
    });
    const home = aTempDirectory('home');
    const { code, stdout, stderr } = await pnpm.run(['install'], {
      cwd: project.dir,
      home,
      registry: registry.url,
    });
    assert.equal(code, 0, stdout + stderr);
    return { project, home };
  }

  async function compare({ dir }: Project) {
    const home = aTempDirectory('home');
    const host = aHost({ cwd: dir, env: { HOME: home, npm_config_cache: path.join(home, 'cache') } });
    const code = await main(['verify', '--installed', '--format', 'json'], host);
    const { installed } = JSON.parse(host.stdout());
    return { code, compared: installed?.compared, findings: installed?.findings ?? [], err: host.stderr() };
  }

  it('passes one that is as it was verified, and finds it when it was altered: pnpm would load it', async () => {
    const pnpm = await pnpmOf(11);
    const { project, home } = await install(pnpm);
    const { code, compared, err } = await compare(project);
    assert.deepEqual([code, compared], [0, 1], err);

    const canary = project.file('canary');
    const file = project.file(`${PLUGIN}/pnpmfile.cjs`);
    rmSync(file);
    writeFileSync(file, `require('node:fs').writeFileSync(${JSON.stringify(canary)}, '');\n`);
    const refused = await compare(project);
    assert.equal(refused.code, 1);
    assert.deepEqual(refused.findings, [
      {
        folder: PLUGIN,
        package: 'pnpm-plugin-good@1.0.0',
        kind: 'differs',
        because: 'it is not what the verified tarball holds',
        changed: ['pnpmfile.cjs'],
        missing: [],
        extra: [],
      },
    ]);
    await pnpm.run(['install'], { cwd: project.dir, home, registry: registry.url });
    assert.ok(existsSync(canary), 'pnpm loads what lies there');
  });

  it('finds one that the lockfile does not know, as pnpm 10 installs them', async () => {
    const { project } = await install(await pnpmOf(10));
    const { code, findings } = await compare(project);
    assert.equal(code, 1);
    assert.deepEqual(
      findings.map(({ folder, kind, because }: Record<string, unknown>) => [folder, kind, because]),
      [[PLUGIN, 'foreign', 'pnpm loads it at every command, and the lockfile does not know it']],
    );
  });

  it('finds a hook, which pnpm 10 would run with the script of its name', {
    skip: process.platform === 'win32',
  }, async () => {
    const pnpm = await pnpmOf(10);
    const { project, home } = await install(pnpm);
    const [hooks, canary] = [project.file('node_modules/.hooks'), project.file('canary')];
    mkdirSync(hooks);
    writeFileSync(path.join(hooks, 'hi'), `#!/bin/sh\n: > '${canary}'\n`, { mode: 0o755 });
    const { code, findings } = await compare(project);
    assert.equal(code, 1);
    assert.ok(findings.some(({ folder }: { folder: string }) => folder === 'node_modules/.hooks/hi'));
    await pnpm.run(['run', 'hi'], { cwd: project.dir, home, registry: registry.url });
    assert.ok(existsSync(canary), 'pnpm runs what lies there');
  });
});
