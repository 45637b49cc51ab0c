/** A mirror's manifest and the public registry's evidence become one; a registry without version manifests is read by packument. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Told } from '../../lib/model/proof.ts';
import type { Ask, Question } from '../../lib/registry/ask.ts';
import { fetchManifest, pathOf } from '../../lib/registry/versions.ts';
import { aPackage } from '../support/builders.ts';
import { NOW } from '../support/host.ts';
import { type LoopbackRegistry, type Published, startRegistry } from '../support/registry/index.ts';
import { aProject, asking, lockedAs } from './world.ts';

const PUBLIC = 'https://public.example/';
const MIRROR = 'https://mirror.example/npm/';
const SOURCE = { url: MIRROR, isNpm: true, evidenceUrl: PUBLIC, keys: { kind: 'npm' } } as const;
const PKG = aPackage({ id: { name: 'lib', version: '1.0.0' } });

const manifest = (dist: object) => ({ name: 'lib', version: '1.0.0', dist });
const STRIPPED = manifest({ tarball: `${MIRROR}lib/-/lib-1.0.0.tgz`, integrity: 'sha512-mirror' });
const SIGNED = manifest({
  tarball: `${PUBLIC}lib/-/lib-1.0.0.tgz`,
  integrity: 'sha512-public',
  signatures: [{ keyid: 'k', sig: 's' }],
  attestations: { provenance: { predicateType: 'x' } },
});

/** Answers from a table of URLs; anything else is 404. */
function answering(answers: ReadonlyMap<string, unknown>): Ask {
  return async <T>(question: Question<T>): Promise<Told<T>> => {
    const json = answers.get(question.url);
    if (json === undefined) return { status: 'absent' };
    if (json === 'down') return { status: 'unavailable', reason: 'down' };
    const parsed = question.parse(json);
    return parsed.kind === 'value'
      ? { status: 'told', value: parsed.value }
      : { status: 'unavailable', reason: parsed.reason };
  };
}

const fetched = (
  answers: readonly (readonly [string, unknown])[],
  source: Parameters<typeof fetchManifest>[1]['source'] = SOURCE,
) =>
  fetchManifest(
    { ask: answering(new Map(answers)), publicRegistry: PUBLIC, configured: MIRROR, now: NOW },
    { pkg: PKG, source },
  );

describe('a mirror with evidence: npm', () => {
  it('tells its own story, with the public registry’s signatures and attestations', async () => {
    const told = await fetched([
      [`${MIRROR}lib/1.0.0`, STRIPPED],
      [`${PUBLIC}lib/1.0.0`, SIGNED],
    ]);
    assert.ok(told.status === 'told');
    const { integrity, registry, signatures, announcesProvenance, tarballs } = told.value;
    assert.deepEqual([integrity, registry, announcesProvenance], ['sha512-mirror', MIRROR, true]);
    assert.deepEqual(signatures, [{ keyid: 'k', sig: 's' }]);
    assert.deepEqual(tarballs, [`${MIRROR}lib/-/lib-1.0.0.tgz`, `${PUBLIC}lib/-/lib-1.0.0.tgz`]);
  });

  it('has no signatures of its own when the public registry knows nothing', async () => {
    const told = await fetched([[`${MIRROR}lib/1.0.0`, SIGNED]]);
    assert.deepEqual(told.status === 'told' && [told.value.signatures, told.value.announcesAttestations], [
      [],
      false,
    ]);
  });

  it('is unavailable when the public registry is, because silence is no evidence', async () => {
    const told = await fetched([
      [`${MIRROR}lib/1.0.0`, STRIPPED],
      [`${PUBLIC}lib/1.0.0`, 'down'],
    ]);
    assert.equal(told.status, 'unavailable');
  });
});

describe('a registry without version manifests', () => {
  const own = {
    url: MIRROR,
    isNpm: false,
    evidenceUrl: MIRROR,
    keys: { kind: 'registry', url: MIRROR },
  } as const;

  it('is read by its packument', async () => {
    const told = await fetched([[`${MIRROR}lib`, { name: 'lib', versions: { '1.0.0': SIGNED } }]], own);
    assert.equal(told.status === 'told' && told.value.integrity, 'sha512-public');
  });

  it('has no version that its packument does not list', async () => {
    const told = await fetched([[`${MIRROR}lib`, { name: 'lib', versions: {} }]], own);
    assert.equal(told.status, 'absent');
  });

  it('is not believed when the packument’s manifest is another version’s', async () => {
    const swapped = { name: 'lib', versions: { '1.0.0': { ...SIGNED, version: '1.0.1' } } };
    assert.equal((await fetched([[`${MIRROR}lib`, swapped]], own)).status, 'unavailable');
  });
});

describe('questions', () => {
  let server: LoopbackRegistry;
  let published: Published;
  before(async () => {
    server = await startRegistry({ prefix: '/npm' });
    published = server.publish({ name: '@acme/lib', version: '1.2.3', attest: {} });
  });
  after(() => server.close());

  it('escape the slash of a scope, as npm does', () => assert.equal(pathOf('@acme/lib'), '@acme%2Flib'));

  it('about an absent version are answered absent', async () => {
    const pkg = { ...lockedAs(published), id: { name: '@acme/lib', version: '9.9.9' } };
    const told = await asking(aProject([`registry=${server.url}`]), (registry) => registry.manifest(pkg));
    assert.equal(told.status, 'absent');
  });

  const hostile = [
    '../-/whoami',
    '..',
    '.',
    '@acme/../x',
    '@acme',
    '@acme/a/b',
    'a/b',
    '-',
    '',
    'a\\b',
    'a\u0000b',
    '\ud800',
    'x'.repeat(400),
  ];
  for (const name of hostile) {
    it(`about ${JSON.stringify(name.slice(0, 20))} are never asked`, async () => {
      server.forgetRequests();
      const pkg = { ...lockedAs(published), id: { name, version: '1.0.0' } };
      const told = await asking(aProject([`registry=${server.url}`]), (registry) =>
        Promise.all([
          registry.manifest(pkg),
          registry.attestations(pkg),
          registry.history(pkg),
          registry.modified(pkg),
        ]),
      );
      assert.deepEqual(
        told.map(({ status }) => status),
        ['absent', 'absent', 'absent', 'absent'],
      );
      assert.equal(server.requests.length, 0);
    });
  }

  for (const version of ['latest', '', '1.0.0/../../x', '..', '1.0.0?x', '1 0', '1.0.0#']) {
    it(`about version ${JSON.stringify(version)} are never asked`, async () => {
      const pkg = { ...lockedAs(published), id: { name: 'lib', version } };
      const told = await asking(aProject([`registry=${server.url}`]), (registry) => registry.manifest(pkg));
      assert.equal(told.status, 'absent');
    });
  }

  for (const source of [
    { kind: 'git', resolved: 'git+ssh://x' },
    { kind: 'workspace', path: 'a' },
  ] as const) {
    it(`about a ${source.kind} package do not apply`, async () => {
      const told = await asking(aProject([]), (registry) =>
        registry.manifest({ ...lockedAs(published), source }),
      );
      assert.equal(told.status, 'notApplicable');
    });
  }

  it('about the same package in two places are asked once', async () => {
    server.forgetRequests();
    const pkg = lockedAs(published);
    await asking(aProject([`registry=${server.url}`]), (registry) =>
      Promise.all([
        registry.manifest(pkg),
        registry.manifest({ ...pkg, key: 'node_modules/x/node_modules/y' }),
      ]),
    );
    assert.equal(server.requests.length, 1);
  });

  it('about keys are answered by the policy’s file, or say what is wrong with it', async () => {
    const registries = [{ url: server.url, keys: '/nowhere/keys.json' }];
    const told = await asking(
      aProject([`registry=${server.url}`]),
      (registry) => registry.keys(lockedAs(published)),
      { registries },
    );
    assert.match(
      told.status === 'unavailable' ? told.reason : '',
      /key file \/nowhere\/keys.json cannot be read \(ENOENT\)/,
    );
  });

  it('download what they are told to, without credentials, and no more than allowed', async () => {
    const token = `${server.url.replace('http:', '')}:_authToken=t`;
    server.forgetRequests();
    await asking(aProject([token]), async (registry) => {
      const bytes = await registry.download(`${server.url}-/npm/v1/keys`, 100_000);
      assert.match(Buffer.from(bytes ?? []).toString(), /^\{"keys":/);
      await assert.rejects(registry.download(`${server.url}-/npm/v1/keys`, 10), {
        code: 'REGISTRY_TOO_LARGE',
      });
      assert.equal(await registry.download(`${server.url}-/npm/v1/nothing`, 10), undefined);
      await assert.rejects(registry.download('file:///etc/passwd', 10), { code: 'REGISTRY_REFUSED' });
    });
    assert.ok(server.requests.every(({ headers }) => headers.authorization === undefined));
  });
});
