/** `npmsign init` as it is shipped: the bundled command finds the manager, brings its gate, and takes everything back. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { buildCommandInto, buildGateInto } from '../../scripts/build.ts';
import { cleanEnvironment, ownNpm, run } from '../support/managers.ts';
import { aPackageLock, aProject, dependenciesOn } from '../support/project.ts';
import { type LoopbackRegistry, type Published, startRegistry } from '../support/registry/index.ts';
import { aTempDirectory } from '../support/temp.ts';

const skip = process.platform === 'win32' ? 'the script here is written for a POSIX shell' : false;

describe('the shipped npmsign init', { skip }, () => {
  let registry: LoopbackRegistry;
  let good: Published;
  let npmsign: string;
  before(async () => {
    const dist = aTempDirectory('dist');
    [registry, npmsign] = await Promise.all([startRegistry(), buildCommandInto(dist)]);
    await buildGateInto(dist);
    good = registry.publish({ name: 'good', version: '1.0.0', attest: {} });
  });
  after(() => registry.close());

  it('sets a project of npm up, whose npm ci then asks the gate, and takes it back', async () => {
    const project = aProject({
      packageJson: { dependencies: dependenciesOn([good]), scripts: { preinstall: 'echo mine >&2' } },
      lockfile: aPackageLock([good]),
      npmrc: [`registry=${registry.url}`],
      files: { 'trusted_root.json': JSON.stringify(registry.sigstore.trustedRoot()) },
    });
    const home = aTempDirectory('home');
    const NPMSIGN_TRUSTED_ROOT = project.file('trusted_root.json');
    const npm = ownNpm();
    const clean = cleanEnvironment();
    const PATH = [path.dirname(npm.node), clean['PATH']].join(path.delimiter);
    const init = (...args: readonly string[]) =>
      run(npm.node, [npmsign, 'init', ...args], {
        cwd: project.dir,
        env: { ...clean, PATH, HOME: home, NPMSIGN_TRUSTED_ROOT },
      });
    const before = contentsOf(project.dir);

    const done = await init('--yes');
    assert.equal(done.code, 0, done.stdout + done.stderr);
    assert.match(done.stdout, new RegExp(`npm ${npm.version.split('.')[0]}|before anything is fetched`));
    assert.match(done.stdout, /the project meets its policy/);

    const env = { NPMSIGN_TRUSTED_ROOT };
    const installed = await npm.run(['ci', '--foreground-scripts'], {
      cwd: project.dir,
      registry: registry.url,
      env,
    });
    assert.equal(installed.code, 0, installed.stderr);
    assert.match(installed.stderr, /PASS[\s\S]*mine/);

    const back = await init('--remove', '--yes');
    assert.equal(back.code, 0, back.stdout + back.stderr);
    assert.deepEqual(contentsOf(project.dir), before);
  });
});

/** Every file outside node_modules. */
function contentsOf(dir: string): Record<string, string> {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => path.join(parentPath, name))
    .filter((file) => !file.includes('node_modules'));
  return Object.fromEntries(
    files.sort().map((file) => [path.relative(dir, file), readFileSync(file, 'utf8')]),
  );
}
