/** An unchanged project is told its last verdict again, and a project in which anything changed is judged anew. */
import assert from 'node:assert/strict';
import { appendFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { NOW } from '../support/host.ts';
import { aPackageLock, aProject, dependenciesOn } from '../support/project.ts';
import { type LoopbackRegistry, type Published, startRegistry } from '../support/registry/index.ts';
import { aTempDirectory } from '../support/temp.ts';
import { HOUR, type Scene as Place, type Run, verifyIn } from './judged-before.ts';

/** A project, its user, and a policy it shares with others. */
type Scene = Place & { readonly shared: string };

describe('npmsign verify of a project that was judged before', () => {
  let registry: LoopbackRegistry;
  let signed: Published;
  before(async () => {
    registry = await startRegistry();
    signed = registry.publish({ name: 'signed', version: '1.0.0', attest: {} });
  });
  beforeEach(() => registry.behave());
  after(() => registry.close());

  function aScene(policy: object = {}, packages: readonly Published[] = [signed]): Scene {
    const root = aTempDirectory('remember');
    const scene = { dir: join(root, 'project'), home: join(root, 'home'), shared: join(root, 'shared.json') };
    mkdirSync(scene.home);
    writeFileSync(scene.shared, JSON.stringify({ extends: 'recommended', checks: { provenance: 'error' } }));
    writeFileSync(join(root, 'keys.json'), JSON.stringify({ keys: [] }));
    const { dir } = aProject({
      packageJson: { dependencies: dependenciesOn(packages) },
      lockfile: aPackageLock(packages),
      npmrc: [`registry=${registry.url}`],
      files: {
        'trusted_root.json': registry.sigstore.trustedRoot(),
        '.npmsignrc': {
          extends: '../shared.json',
          registries: { [registry.url]: {}, 'https://private.example/': { keys: '../keys.json' } },
          trust: { root: './trusted_root.json', refresh: 'never' },
          ...policy,
        },
      },
    });
    cpSync(dir, scene.dir, { recursive: true });
    return scene;
  }

  async function verify(scene: Scene, run: Run = {}) {
    const { err, ...told } = await verifyIn(registry, scene, run);
    return { ...told, isTold: err.includes('unchanged since it was judged') };
  }

  /** The files verdicts are kept in. */
  function verdictsOf({ home }: Scene): readonly string[] {
    const found = readdirSync(home, { recursive: true, encoding: 'utf8' });
    return found.filter((name) => /verdicts.*\.json$/.test(name)).map((name) => join(home, name));
  }

  it('is told again in the same words, without a request', async () => {
    const scene = aScene();
    const first = await verify(scene);
    assert.deepEqual([first.code, first.isTold], [0, false], first.out);
    const second = await verify(scene, { after: 23 * HOUR });
    assert.deepEqual(second, { code: 0, out: first.out, isTold: true, requests: 0 });
  });

  it('is told once more after it was told again, and not a day after it was judged', async () => {
    const scene = aScene();
    await verify(scene);
    assert.equal((await verify(scene, { after: 12 * HOUR })).isTold, true);
    assert.equal((await verify(scene, { after: 24 * HOUR - 1 })).isTold, true);
    assert.equal((await verify(scene, { after: 24 * HOUR })).isTold, false);
  });

  it('is judged by a clock that went back', async () => {
    const scene = aScene();
    await verify(scene);
    assert.equal((await verify(scene, { after: -1 })).isTold, false);
  });

  const append = (file: (scene: Scene) => string) => (scene: Scene) => appendFileSync(file(scene), '\n');
  const create = (file: (scene: Scene) => string) => (scene: Scene) => {
    mkdirSync(join(file(scene), '..'), { recursive: true });
    writeFileSync(file(scene), '{}');
  };
  const inProject = (name: string) => (scene: Scene) => join(scene.dir, name);
  const changes: readonly (readonly [string, (scene: Scene) => void])[] = [
    ['the lockfile', append(inProject('package-lock.json'))],
    ['package.json', append(inProject('package.json'))],
    ['the policy', append(inProject('.npmsignrc'))],
    ['a policy it stands on', append(({ shared }) => shared)],
    ['a key file it names', append(({ shared }) => join(shared, '../keys.json'))],
    ['the trust root', append(inProject('trusted_root.json'))],
    ['the signer lock', create(inProject('npmsign.lock.json'))],
    ["the project's npm configuration", append(inProject('.npmrc'))],
    ["the user's npm configuration", create(({ home }) => join(home, '.npmrc'))],
    ['another lockfile', create(inProject('yarn.lock'))],
    ['a second policy', create(inProject('.config/npmsignrc.json'))],
    ['a policy in a folder above', create(({ dir }) => join(dir, '../.npmsignrc.yaml'))],
    ['a workspace root above', create(({ dir }) => join(dir, '../package.json'))],
    ['a vendored gate', create(inProject('.npmsign/gate.mjs'))],
  ];
  for (const [what, change] of changes) {
    it(`is judged anew after a change of ${what}`, async () => {
      const scene = aScene();
      assert.equal((await verify(scene)).code, 0);
      assert.equal((await verify(scene)).isTold, true);
      change(scene);
      assert.equal((await verify(scene)).isTold, false);
    });
  }

  const questions: readonly (readonly [string, Run])[] = [
    ['with --no-remember', { argv: ['--no-remember'] }],
    ['in CI', { env: { CI: 'true' } }],
    ['in CI that says so in another way', { env: { GITHUB_ACTIONS: 'true' } }],
    ['offline', { argv: ['--offline'] }],
    ['for a program to read', { argv: ['--format', 'json'] }],
    ['under another registry', { argv: ['--registry', 'http://127.0.0.1:9/', '--offline'] }],
    ['under another npm configuration', { env: { npm_config_replace_registry_host: 'never' } }],
    ['with a variable that a .npmrc could name', { env: { TEAM: 'acme' } }],
    ['with the demand for a gate', { argv: ['--require-gate'] }],
    ['with a proposal', { argv: ['--suggest'] }],
  ];
  for (const [what, run] of questions) {
    it(`is judged anew ${what}`, async () => {
      const scene = aScene();
      await verify(scene);
      assert.equal((await verify(scene, run)).isTold, false);
      assert.equal((await verify(scene)).isTold, true);
    });
  }

  for (const env of [{ CI: '1' }, { TF_BUILD: 'True' }]) {
    it(`leaves nothing behind in CI (${Object.keys(env)})`, async () => {
      const scene = aScene();
      await verify(scene, { env });
      assert.deepEqual(verdictsOf(scene), []);
    });
  }

  it('is judged anew when an exemption has ended', async () => {
    const expires = NOW.toISOString().slice(0, 10);
    const scene = aScene({
      exemptions: [{ package: 'left-pad', checks: ['provenance'], reason: 'old', expires }],
    });
    await verify(scene);
    assert.equal((await verify(scene, { after: 11 * HOUR })).isTold, true);
    assert.equal((await verify(scene, { after: 12 * HOUR })).isTold, false);
  });

  it('is judged anew while the policy is not met', async () => {
    const unproved = registry.publish({ name: 'unproved', version: '1.0.0' });
    const scene = aScene({}, [signed, unproved]);
    assert.equal((await verify(scene)).code, 1);
    assert.deepEqual(verdictsOf(scene), []);
    const { code, isTold } = await verify(scene);
    assert.deepEqual([code, isTold], [1, false]);
  });

  it('is judged anew by a verdict in which a single byte was changed, wherever it is', async () => {
    const scene = aScene();
    await verify(scene);
    const [file = ''] = verdictsOf(scene);
    const bytes = readFileSync(file);
    const places = [0, 1, 63, 64, 65, bytes.indexOf('"exitCode"') + 12, bytes.indexOf('"until"') + 9];
    const forgeries = [...places, bytes.indexOf('"evidence"') + 13, bytes.length - 1].map((at) => {
      const forged = Buffer.from(bytes);
      forged[at] = (forged[at] ?? 0) ^ 1;
      return forged;
    });
    for (const forged of [...forgeries, bytes.subarray(0, 63), bytes.subarray(0, -1), Buffer.alloc(0)]) {
      writeFileSync(file, forged);
      assert.equal((await verify(scene)).isTold, false);
    }
  });

  it('is judged anew by the verdict on another project, or on another question', async () => {
    const [scene, other] = [aScene(), aScene()];
    await verify(scene);
    cpSync(scene.home, other.home, { recursive: true });
    await verify(other);
    const [own = '', ...rest] = verdictsOf(other).filter((file) => !verdictsOf(scene).includes(file));
    const [foreign = ''] = verdictsOf(scene);
    assert.ok(own !== '' && rest.length <= 1);
    for (const file of verdictsOf(other)) writeFileSync(file, readFileSync(foreign));
    assert.equal((await verify(other)).isTold, false);
  });

  it('is judged anew after it was copied to another folder', async () => {
    const scene = aScene();
    await verify(scene);
    const copy = { ...scene, dir: `${scene.dir}-copy` };
    cpSync(scene.dir, copy.dir, { recursive: true });
    assert.equal((await verify(copy)).isTold, false);
  });

  it('is judged anew where the verdict travelled without the key, and where the key was made anew', async () => {
    const scene = aScene();
    await verify(scene);
    const [file = ''] = verdictsOf(scene);
    const stranger = { ...scene, home: `${scene.home}-2` };
    mkdirSync(stranger.home);
    await verify(stranger);
    const [theirs = ''] = verdictsOf(stranger);
    writeFileSync(theirs, readFileSync(file));
    assert.equal((await verify(stranger)).isTold, false);
    for (const key of readdirSync(scene.home, { recursive: true, encoding: 'utf8' }))
      if (key.endsWith('cache.key')) rmSync(join(scene.home, key));
    assert.equal((await verify(scene)).isTold, false);
  });
});
