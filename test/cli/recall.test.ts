/** What was proved about a package is not proved again within a day, by the same user on the same grounds. */
import assert from 'node:assert/strict';
import { appendFileSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { aPackageLock } from '../support/project.ts';
import { type LoopbackRegistry, type Published, startRegistry } from '../support/registry/index.ts';
import { aSignedScene, HOUR, lockfileOf, type Run, type Scene, verifyIn } from './judged-before.ts';

describe('npmsign verify of packages that were proved before', () => {
  let registry: LoopbackRegistry;
  let [attested, signed, other]: Published[] = [];
  let known: readonly Published[];
  before(async () => {
    registry = await startRegistry();
    attested = registry.publish({ name: 'attested', version: '1.0.0', attest: {} });
    signed = registry.publish({ name: 'signed', version: '1.0.0' });
    other = registry.publish({ name: 'other', version: '1.0.0', attest: {} });
    known = [attested, signed];
  });
  beforeEach(() => registry.behave());
  after(() => registry.close());

  const aScene = (keys?: object): Scene => aSignedScene(registry, known, keys);
  /** The lockfile is written anew, so that no verdict on the whole project is told again. */
  function touch(scene: Scene): void {
    appendFileSync(lockfileOf(scene), '\n');
  }

  async function verify(scene: Scene, run: Run = {}) {
    const { err, ...told } = await verifyIn(registry, scene, run);
    const found = /(\S+) packages? (?:was|were) proved within the last day/.exec(err)?.[1] ?? '0';
    return { ...told, found };
  }

  /** Judged once, and the lockfile touched since. */
  async function aProvedScene(): Promise<Scene> {
    const scene = aScene();
    assert.deepEqual(pick(await verify(scene)), [0, '0']);
    touch(scene);
    return scene;
  }

  const pick = ({ code, found }: { readonly code: number; readonly found: string }) => [code, found];

  function proofsOf({ home }: Scene): readonly string[] {
    const found = readdirSync(home, { recursive: true, encoding: 'utf8' });
    return found.filter((name) => name.endsWith('.proofs')).map((name) => join(home, name));
  }

  it('proves the new one alone, and says the same as a run that proves all', async () => {
    const scene = await aProvedScene();
    writeFileSync(lockfileOf(scene), JSON.stringify(aPackageLock([...known, other as Published])));
    const run = await verify(scene);
    assert.deepEqual(pick(run), [0, '2']);
    // Manifest and attestations of the new one.
    assert.equal(run.requests, 2);
    const anew = await verify(scene, { argv: ['--no-remember'] });
    assert.deepEqual([anew.out, anew.found], [run.out, '0']);
    touch(scene);
    assert.deepEqual(pick(await verify(scene)), [0, '3']);
  });

  it('forgets a day after it was proved, however often it was used since', async () => {
    const scene = await aProvedScene();
    for (const [hours, found] of [
      [23, '2'],
      [24, '0'],
      [47, '2'],
    ] as const) {
      touch(scene);
      assert.equal((await verify(scene, { after: hours * HOUR })).found, found, `after ${hours} hours`);
    }
  });

  it('proves all anew by a clock that went back', async () => {
    assert.equal((await verify(await aProvedScene(), { after: -1 })).found, '0');
  });

  it('judges anew what nothing is known of but its proofs', async () => {
    const scene = await aProvedScene();
    const exemption = { signer: 'somebody else' };
    writeFileSync(join(scene.dir, 'npmsign.lock.json'), JSON.stringify(exemption));
    assert.equal((await verify(scene)).code, 2);
    rmSync(join(scene.dir, 'npmsign.lock.json'));
    assert.deepEqual(pick(await verify(scene)), [0, '2']);
  });

  const edits: readonly (readonly [string, (text: string) => string])[] = [
    ['other bytes', (text) => text.replace(/"sha512-[^"]+"(.*)("sha512-[^"]+")/s, '$2$1$2')],
    ['no hash', (text) => text.replace(/"integrity":"[^"]+"/, '"integrity":""')],
    [
      'another version',
      (text) => text.replace('"version":"1.0.0","resolved"', '"version":"1.0.1","resolved"'),
    ],
  ];
  for (const [what, edit] of edits) {
    it(`does not pass a package whose entry pins ${what}`, async () => {
      const scene = aScene();
      writeFileSync(lockfileOf(scene), JSON.stringify(JSON.parse(readFileSync(lockfileOf(scene), 'utf8'))));
      await verify(scene);
      const text = readFileSync(lockfileOf(scene), 'utf8');
      assert.notEqual(edit(text), text);
      writeFileSync(lockfileOf(scene), edit(text));
      const { code, found } = await verify(scene);
      assert.ok(code !== 0, String(code));
      assert.notEqual(found, '2');
    });
  }

  const grounds: readonly (readonly [string, (scene: Scene) => string])[] = [
    ['the keys', ({ dir }) => join(dir, '../keys.json')],
    ['the trust root', ({ dir }) => join(dir, 'trusted_root.json')],
    ['the policy', ({ dir }) => join(dir, '.npmsignrc')],
    ["the project's npm configuration", ({ dir }) => join(dir, '.npmrc')],
    ["the user's npm configuration", ({ home }) => join(home, '.npmrc')],
  ];
  for (const [what, file] of grounds) {
    it(`proves all anew after a change of ${what}`, async () => {
      const scene = await aProvedScene();
      appendFileSync(file(scene), '\n');
      assert.equal((await verify(scene)).found, '0');
      touch(scene);
      assert.equal((await verify(scene)).found, '2');
    });
  }

  const questions: readonly (readonly [string, Run])[] = [
    ['with --no-remember', { argv: ['--no-remember'] }],
    ['in CI', { env: { CI: 'true' } }],
    ['in CI that says so in another way', { env: { BUILDKITE: '1' } }],
    ['offline', { argv: ['--offline'] }],
    ['for a program to read', { argv: ['--format', 'json'] }],
    ['with a variable that a .npmrc could name', { env: { TEAM: 'acme' } }],
  ];
  for (const [what, run] of questions) {
    it(`proves all anew ${what}`, async () => {
      const scene = await aProvedScene();
      assert.equal((await verify(scene, run)).found, '0');
    });
  }

  it('leaves nothing behind in CI', async () => {
    const scene = aScene();
    await verify(scene, { env: { CI: '1' } });
    assert.deepEqual(proofsOf(scene), []);
  });

  it('remembers nothing that is refuted, or that the registry could tell otherwise tomorrow', async () => {
    const scene = aScene();
    const { keys } = JSON.parse(readFileSync(join(scene.dir, '../keys.json'), 'utf8'));
    writeFileSync(join(scene.dir, '../keys.json'), JSON.stringify({ keys: keys.slice(0, 0) }));
    assert.notEqual((await verify(scene)).code, 0);
    assert.deepEqual(proofsOf(scene), []);
    const byItself = aScene({});
    await verify(byItself);
    assert.equal(proofsOf(byItself).length, 0);
  });

  it('proves all anew by a memory in which a single byte was changed, wherever it is', async () => {
    const scene = await aProvedScene();
    const [file = ''] = proofsOf(scene);
    const bytes = readFileSync(file);
    const step = Math.ceil(bytes.length / 24);
    const places = [
      0,
      1,
      7,
      8,
      71,
      72,
      73,
      ...Array.from({ length: 24 }, (_, n) => n * step),
      bytes.length - 1,
    ];
    const forgeries = places.map((at) => {
      const forged = Buffer.from(bytes);
      forged[at] = (forged[at] ?? 0) ^ 1;
      return forged;
    });
    for (const forged of [...forgeries, bytes.subarray(0, 63), bytes.subarray(0, -1), Buffer.alloc(0)]) {
      touch(scene);
      writeFileSync(file, forged);
      assert.deepEqual(pick(await verify(scene)), [0, '0']);
    }
  });

  it('proves all anew by the memory of another project, of another user, and without the key', async () => {
    const [scene, stranger] = [await aProvedScene(), await aProvedScene()];
    const [own = '', foreign = ''] = [scene, stranger].flatMap(proofsOf);
    const bytes = readFileSync(own);
    writeFileSync(foreign, bytes);
    assert.equal((await verify(stranger)).found, '0');

    const copy = { ...scene, dir: `${scene.dir}-copy` };
    cpSync(scene.dir, copy.dir, { recursive: true });
    assert.equal((await verify(copy)).found, '0');

    for (const name of readdirSync(scene.home, { recursive: true, encoding: 'utf8' }))
      if (name.endsWith('cache.key')) rmSync(join(scene.home, name));
    assert.equal((await verify(scene)).found, '0');
  });

  it('takes an older memory of the same project for what it is', async () => {
    const scene = await aProvedScene();
    const [file = ''] = proofsOf(scene);
    const old = readFileSync(file);
    writeFileSync(lockfileOf(scene), JSON.stringify(aPackageLock([...known, other as Published])));
    await verify(scene);
    writeFileSync(file, old);
    touch(scene);
    assert.deepEqual(pick(await verify(scene)), [0, '2']);
    writeFileSync(file, old);
    touch(scene);
    assert.equal((await verify(scene, { after: 24 * HOUR })).found, '0');
  });
});
