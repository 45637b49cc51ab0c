/** Proves that real npm installs from, and publishes to, the loopback registry, and that canaries are seen. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type NpmMajor, npmOf } from '../support/managers.ts';
import { aCanaryCage, aPackageLock, aProject, dependenciesOn, publishCanary } from '../support/project.ts';
import { startRegistry } from '../support/registry/index.ts';

const majors: readonly NpmMajor[] = [10, 11, 12];

async function aRegistry(t: TestContext) {
  const registry = await startRegistry();
  t.after(() => registry.close());
  return registry;
}

for (const major of majors) {
  describe(`npm ${major}`, async () => {
    const npm = await npmOf(major);

    it('installs a locked project from the loopback registry, and its canary is seen', async (t) => {
      const registry = await aRegistry(t);
      const canary = publishCanary(registry, { name: '@acme/canary', version: '1.0.0' });
      const plain = registry.publish({
        name: 'plain',
        version: '2.0.0',
        bin: { plain: 'cli.js' },
        files: { 'cli.js': '' },
      });
      const cage = aCanaryCage();
      const project = aProject({
        packageJson: {
          dependencies: dependenciesOn([canary, plain]),
          allowScripts: { '@acme/canary': true },
        },
        lockfile: aPackageLock([canary, plain]),
      });
      const { code, stderr } = await npm.run(['ci'], {
        cwd: project.dir,
        env: cage.env,
        registry: registry.url,
      });
      assert.equal(code, 0, stderr);
      assert.deepEqual(project.installed(), ['@acme/canary', 'plain']);
      assert.deepEqual(cage.ranScripts(), [
        '@acme/canary install',
        '@acme/canary postinstall',
        '@acme/canary preinstall',
      ]);
    });

    it('refuses a tarball that is not what the lockfile pins, and no canary sings', async (t) => {
      const registry = await aRegistry(t);
      const canary = publishCanary(registry, { name: 'canary', version: '1.0.0' });
      const lockfile = aPackageLock([canary]);
      const cage = aCanaryCage();
      const other = publishCanary(registry, { name: 'canary', version: '1.0.1' });
      registry.misbehave(
        { on: 'tarball' },
        { kind: 'body', body: other.tarball, type: 'application/octet-stream' },
      );
      const project = aProject({ packageJson: { dependencies: dependenciesOn([canary]) }, lockfile });
      const { code, stderr } = await npm.run(['ci'], {
        cwd: project.dir,
        env: cage.env,
        registry: registry.url,
      });
      assert.notEqual(code, 0);
      assert.match(stderr, /EINTEGRITY/);
      assert.deepEqual(cage.ranScripts(), []);
    });

    it('publishes to the loopback registry, which signs what it got', async (t) => {
      const registry = await aRegistry(t);
      const project = aProject({ packageJson: { name: 'fresh', private: false } });
      const token = `--${registry.url.replace('http:', '')}:_authToken=anything`;
      const { code, stderr } = await npm.run(['publish', token], {
        cwd: project.dir,
        registry: registry.url,
      });
      assert.equal(code, 0, stderr);
      const response = await fetch(`${registry.url}fresh/1.0.0`);
      assert.equal(JSON.parse(await response.text()).dist.signatures.length, 1);
    });
  });
}
