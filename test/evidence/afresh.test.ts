/** An answer that was wrong once, and is kept, does not go on being held against a package when its registry has mended it. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { verify } from '../../lib/index.ts';
import { aHost, NOW } from '../support/host.ts';
import { aPackageLock, aProject, dependenciesOn } from '../support/project.ts';
import { type LoopbackRegistry, type Published, startRegistry } from '../support/registry/index.ts';
import { createSigstore, keysEndpointJson } from '../support/sigstore/index.ts';

describe('an answer that does not hold', () => {
  let registry: LoopbackRegistry;
  beforeEach(async () => {
    registry = await startRegistry();
  });
  afterEach(() => registry.close());

  /** The effect, and what the registry was asked. */
  function aMachine(lib: Published) {
    const project = aProject({
      packageJson: { dependencies: dependenciesOn([lib]) },
      lockfile: aPackageLock([lib]),
      npmrc: [`registry=${registry.url}`, 'fetch-retries=0'],
      files: {
        'trusted_root.json': registry.sigstore.trustedRoot(),
        '.npmsignrc': { registries: { [registry.url]: {} }, trust: { root: './trusted_root.json' } },
      },
    });
    const env = { HOME: project.dir, npm_config_cache: path.join(project.dir, 'cache') };
    const clock = { minutes: 0 };
    return async (request: { readonly preferOffline?: boolean; readonly offline?: boolean } = {}) => {
      registry.forgetRequests();
      const now = new Date(NOW.getTime() + 60_000 * clock.minutes++);
      const { effect } = await verify(aHost({ cwd: project.dir, env, now }), request);
      return { effect, asked: registry.requests.map(({ route }) => route.kind).sort() };
    };
  }

  it('of attestations is asked for again, and holds once the registry serves the right ones', async () => {
    const [lib, other] = ['lib', 'other'].map((name) =>
      registry.publish({ name, version: '1.0.0', attest: {} }),
    );
    assert.ok(lib?.attestations && other?.attestations);
    const judge = aMachine(lib);
    const right = lib.attestations;
    lib.attestations = other.attestations;
    assert.equal((await judge()).effect, 'fail');
    // Still wrong: asked for, and refused, again.
    assert.equal((await judge()).effect, 'fail');
    lib.attestations = right;
    assert.equal((await judge({ offline: true })).effect, 'fail');
    assert.equal((await judge({ preferOffline: true })).effect, 'fail');
    assert.equal((await judge()).effect, 'pass');
    // What holds is kept, and nobody is asked.
    assert.deepEqual(await judge(), { effect: 'pass', asked: [] });
  });

  it('of a registry that is out of reach meanwhile is still refused', async () => {
    const [lib, other] = ['lib', 'other'].map((name) =>
      registry.publish({ name, version: '1.0.0', attest: {} }),
    );
    assert.ok(lib?.attestations && other?.attestations);
    const judge = aMachine(lib);
    lib.attestations = other.attestations;
    assert.equal((await judge()).effect, 'fail');
    registry.misbehave({}, { kind: 'reset' });
    assert.equal((await judge()).effect, 'fail');
  });

  it('is asked for once where it was not kept', async () => {
    const [lib, other] = ['lib', 'other'].map((name) =>
      registry.publish({ name, version: '1.0.0', attest: {} }),
    );
    assert.ok(lib?.attestations && other?.attestations);
    lib.attestations = other.attestations;
    const { effect, asked } = await aMachine(lib)();
    assert.equal(effect, 'fail');
    assert.deepEqual(
      asked.filter((kind) => kind === 'attestations' || kind === 'manifest'),
      ['attestations', 'manifest'],
    );
  });

  it('because of a key younger than the list of keys that was kept holds with the list of today', async () => {
    const lib = registry.publish({ name: 'lib', version: '1.0.0' });
    const judge = aMachine(lib);
    const others = keysEndpointJson(createSigstore('mallory').registryKeys.all);
    registry.misbehave({ on: 'keys' }, { kind: 'body', body: JSON.stringify(others) });
    assert.equal((await judge()).effect, 'fail');
    registry.behave();
    assert.equal((await judge()).effect, 'pass');
  });
});
