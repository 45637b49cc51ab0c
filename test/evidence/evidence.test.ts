/** Evidence about packages of a loopback registry: proved, refuted, absent and unavailable are four different things. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { collectEvidence, type Sources } from '../../lib/evidence/index.ts';
import type { Evidence } from '../../lib/model/evidence.ts';
import type { ResolvedPackage } from '../../lib/model/package.ts';
import type { RegistryPolicy } from '../../lib/model/policy.ts';
import { createRegistry } from '../../lib/registry/index.ts';
import { parseRegistryKeys, parseTrustedRoot } from '../../lib/sigstore/index.ts';
import { parseIntegrity } from '../../lib/text/integrity.ts';
import { aPackage, without } from '../support/builders.ts';
import { aHost, NOW } from '../support/host.ts';
import {
  hideAttestations,
  type LoopbackRegistry,
  overwriteManifest,
  type Published,
  replaceAttestations,
  rewriteIntegrity,
  startRegistry,
  stripAttestations,
  stripSignatures,
} from '../support/registry/index.ts';
import { createSigstore, keysTargetJson } from '../support/sigstore/index.ts';
import { aTempDirectory } from '../support/temp.ts';

const ID = { name: '@acme/lib', version: '1.2.3' };
const registry = await startRegistry();
const published = registry.publish({ ...ID, attest: {} });
const plain = registry.publish({ name: 'plain', version: '1.0.0' });
after(() => registry.close());

beforeEach(() => {
  registry.behave();
  registry.forgetRequests();
});

type Options = {
  readonly from?: LoopbackRegistry;
  readonly policy?: Omit<RegistryPolicy, 'url'>;
  readonly wants?: Partial<Sources['wants']>;
  readonly offline?: boolean;
  readonly onCollected?: Parameters<typeof collectEvidence>[2];
};

async function collect(packages: readonly ResolvedPackage[], options: Options = {}) {
  const { url, sigstore } = options.from ?? registry;
  const cwd = aTempDirectory('evidence');
  const host = aHost({
    cwd,
    env: { npm_config_registry: url, npm_config_cache: path.join(cwd, 'cache'), HOME: cwd },
  });
  const client = await createRegistry(host, {
    registries: options.policy === undefined ? [] : [{ url, ...options.policy }],
    offline: options.offline ?? false,
    preferOffline: false,
    concurrency: 8,
  });
  try {
    return await collectEvidence(
      { lockfile: { path: 'package-lock.json', format: 'npm' }, packages },
      {
        registry: client,
        trust: {
          material: parseTrustedRoot(sigstore.trustedRoot()),
          json: sigstore.trustedRoot(),
          digest: 'root',
          npmKeys: parseRegistryKeys(keysTargetJson(sigstore.registryKeys.all)),
          origin: { root: 'minted', source: 'file', ageDays: 0 },
          notices: [],
        },
        wants: { minimumAge: () => undefined, history: () => false, ...options.wants },
        now: NOW,
        concurrency: 8,
      },
      options.onCollected,
    );
  } finally {
    await client.close();
  }
}

async function collectOne(of: Published = published, options: Options = {}): Promise<Evidence> {
  const pkg = pinned(of);
  const evidence = (await collect([pkg], options)).get(pkg.key);
  assert.ok(evidence, 'every package has evidence');
  return evidence;
}

function pinned({ name, version, manifest }: Published): ResolvedPackage {
  const integrity = parseIntegrity(manifest.dist.integrity ?? '');
  assert.ok(integrity);
  return without(aPackage({ key: `node_modules/${name}`, id: { name, version }, integrity }), 'alias');
}

function statuses({ signature, publish, provenance }: Evidence): readonly string[] {
  return [signature.status, publish.status, provenance.status];
}

function reasonOf(fact: object): string {
  return 'reason' in fact ? String(fact.reason) : '';
}

describe('an honest registry', () => {
  it('proves signature, publish and provenance of an attested version', async () => {
    const evidence = await collectOne();
    assert.deepEqual(statuses(evidence), ['proved', 'proved', 'proved']);
    assert.ok(evidence.provenance.status === 'proved');
    assert.match(evidence.provenance.value.identity.repository ?? '', /^https:\/\/github\.com\/acme\//);
  });

  it('proves the signature of a plain version, and is not asked for attestations it does not announce', async () => {
    const evidence = await collectOne(plain);
    assert.deepEqual(statuses(evidence), ['proved', 'absent', 'absent']);
    assert.deepEqual(
      registry.requests.map((request) => request.path),
      ['/plain/1.0.0', '/-/npm/v1/keys'],
    );
  });

  it('is asked once for a version that lies in the tree twice', async () => {
    const pkg = pinned(plain);
    const nested = { ...pkg, key: 'node_modules/a/node_modules/plain' };
    const evidence = await collect([pkg, nested]);
    assert.deepEqual([...evidence.keys()].sort(), [nested.key, pkg.key].sort());
    assert.equal(registry.requests.filter(({ path }) => path === '/plain/1.0.0').length, 1);
  });

  it('reports progress for every package, ending at the total', async () => {
    const seen: number[] = [];
    await collect([pinned(published), pinned(plain)], { onCollected: ({ done }) => seen.push(done) });
    assert.deepEqual(seen, [1, 2]);
  });
});

describe('evidence against the lockfile', () => {
  it('is refuted when the lockfile pins other bytes, whatever the registry lists', async () => {
    const pkg = { ...pinned(published), integrity: pinned(plain).integrity } as ResolvedPackage;
    const evidence = (await collect([pkg])).get(pkg.key);
    assert.deepEqual(evidence && statuses(evidence), ['refuted', 'refuted', 'refuted']);
  });

  it('is refuted when the registry rewrites its own integrity and the lockfile follows', async () => {
    registry.misbehave({ name: ID.name }, rewriteIntegrity(Buffer.from('other bytes')));
    const pkg = pinned(plain);
    const lie = { ...pinned(published), integrity: pkg.integrity } as ResolvedPackage;
    const evidence = (await collect([lie])).get(lie.key);
    assert.equal(evidence?.signature.status, 'refuted');
  });

  it('is unavailable where the lockfile pins nothing', async () => {
    const pkg = without(pinned(published), 'integrity');
    const evidence = (await collect([pkg])).get(pkg.key);
    assert.deepEqual(evidence && statuses(evidence), ['unavailable', 'unavailable', 'unavailable']);
  });
});

describe('what is missing', () => {
  it('has been stripped, where the registry is known to sign', async () => {
    registry.misbehave({ name: ID.name }, stripSignatures);
    const evidence = await collectOne(published, { policy: { mirrorOf: 'npm' } });
    assert.equal(evidence.signature.status, 'refuted');
    assert.match(reasonOf(evidence.signature), /^stripped: /);
  });

  it('is absent, where the registry is not known to sign', async () => {
    registry.misbehave({ name: ID.name }, stripSignatures);
    assert.equal((await collectOne()).signature.status, 'absent');
  });

  it('has been stripped, where attestations are announced and the endpoint has none', async () => {
    registry.misbehave({ name: ID.name }, hideAttestations);
    const { publish, provenance } = await collectOne();
    assert.deepEqual([publish.status, provenance.status], ['refuted', 'refuted']);
    assert.match(reasonOf(provenance), /^stripped: /);
  });

  it('is absent, where no attestation is announced', async () => {
    registry.misbehave({ name: ID.name }, stripAttestations);
    const { signature, publish, provenance } = await collectOne();
    assert.deepEqual([signature.status, publish.status, provenance.status], ['proved', 'absent', 'absent']);
  });

  it('has been stripped, where the list of announced attestations is empty', async () => {
    registry.misbehave({ name: ID.name }, replaceAttestations({ attestations: [] }));
    const { publish, provenance } = await collectOne();
    assert.deepEqual([publish.status, provenance.status], ['refuted', 'refuted']);
  });

  it('is unavailable, where the endpoint fails', async () => {
    registry.misbehave({ on: 'attestations', name: ID.name }, { kind: 'status', status: 404 });
    assert.equal((await collectOne()).provenance.status, 'refuted', 'not found is an answer');
    registry.behave();
    registry.misbehave({ on: 'attestations', name: ID.name }, { kind: 'half' });
    assert.equal((await collectOne()).provenance.status, 'unavailable', 'half an answer is none');
  });

  it('in the registry altogether is absent for every fact', async () => {
    registry.misbehave({ on: ['manifest', 'packument'], name: 'plain' }, { kind: 'status', status: 404 });
    assert.deepEqual(statuses(await collectOne(plain)), ['absent', 'absent', 'absent']);
  });

  it('of one package does not cost another one its evidence', async () => {
    registry.misbehave({ name: 'plain' }, { kind: 'body', body: '{"name":' });
    const evidence = await collect([pinned(plain), pinned(published)]);
    assert.equal(evidence.get('node_modules/plain')?.signature.status, 'unavailable');
    assert.equal(evidence.get('node_modules/@acme/lib')?.signature.status, 'proved');
  });
});

describe('keys', () => {
  it('of a registry that publishes none leave a signature absent and a publish attestation unavailable', async (t) => {
    const keyless = await startRegistry({ keys: [] });
    t.after(() => keyless.close());
    const evidence = await collectOne(keyless.publish({ ...ID, attest: {} }), { from: keyless });
    assert.deepEqual(statuses(evidence), ['absent', 'unavailable', 'proved']);
    assert.match(reasonOf(evidence.signature), /publishes no signing keys/);
  });

  it('that cannot be fetched leave a signature unavailable', async () => {
    registry.misbehave({ on: 'keys' }, { kind: 'body', body: '<html>' });
    assert.deepEqual(statuses(await collectOne()), ['unavailable', 'unavailable', 'proved']);
  });

  it('that are malformed leave a signature unavailable, never absent', async () => {
    registry.misbehave({ on: 'keys' }, { kind: 'body', body: '{"keys":[{"keyid":5}]}' });
    assert.equal((await collectOne()).signature.status, 'unavailable');
  });

  it('of an attacker’s own registry prove nothing where the trust root’s keys are asked for', async (t) => {
    const rogue = await startRegistry({ sigstore: createSigstore('rogue') });
    t.after(() => rogue.close());
    const theirs = rogue.publish({ ...ID, attest: {} });
    const alone = await collectOne(theirs, { from: rogue });
    assert.equal(alone.signature.status, 'proved', 'a registry of its own may sign with its own keys');
    registry.put(theirs);
    t.after(() => registry.put(published));
    const evidence = await collectOne(theirs, { policy: { mirrorOf: 'npm' } });
    assert.deepEqual(statuses(evidence), ['refuted', 'refuted', 'refuted']);
  });
});

describe('the publish time', () => {
  const undated = overwriteManifest({ _npmOperationalInternal: undefined });

  it('is not looked for where no check asks for an age', async () => {
    registry.misbehave({ on: 'manifest', name: 'plain' }, undated);
    const { manifest } = await collectOne(plain);
    assert.ok(manifest.status === 'told');
    assert.equal(manifest.value.publishedAt, undefined);
  });

  it('comes from the manifest’s own stamp, at no further request', async () => {
    const { manifest } = await collectOne(plain, {
      policy: { mirrorOf: 'npm' },
      wants: { minimumAge: () => 3 },
    });
    assert.ok(manifest.status === 'told');
    assert.equal(manifest.value.publishedAt?.from, 'manifest');
    assert.equal(registry.requests.filter(({ path }) => path === '/plain').length, 0);
  });

  it('is bounded by the packument’s last change, where that is old enough', async () => {
    registry.misbehave({ on: 'manifest', name: 'plain' }, undated);
    const { manifest } = await collectOne(plain, { wants: { minimumAge: () => 3 } });
    assert.ok(manifest.status === 'told');
    assert.ok(['modified', 'packument'].includes(manifest.value.publishedAt?.from ?? ''));
  });

  it('of a proved log entry makes the told one needless', async () => {
    registry.misbehave({ on: 'manifest', name: ID.name }, undated);
    await collectOne(published, { wants: { minimumAge: () => 3 } });
    assert.equal(
      registry.requests.filter(({ path }) => path.startsWith('/@acme%2f') && !path.includes('1.2.3')).length,
      0,
    );
  });
});

describe('history', () => {
  const { current } = registry.sigstore.registryKeys;
  const eras = [
    [
      'is not asked for a version from before there was provenance',
      '2022-09-30T23:59:59Z',
      {},
      'notApplicable',
    ],
    ['is asked for one from when there was', '2022-10-01T00:00:01Z', {}, 'told'],
    // Who publishes today can write any stamp, and has no signature of a retired key.
    ['is asked where only the stamp is that old', '2022-09-30T23:59:59Z', { sign: current }, 'told'],
  ] as const;
  for (const [title, at, how, status] of eras) {
    it(title, async () => {
      const old = registry.publish({
        name: `old-${eras.findIndex(([one]) => one === title)}`,
        version: '1.0.0',
        at: new Date(at),
        ...how,
      });
      registry.forgetRequests();
      const { history } = await collectOne(old, {
        policy: { mirrorOf: 'npm' },
        wants: { history: () => true },
      });
      assert.equal(history.status, status);
      assert.equal(
        registry.requests.some(({ route }) => route.kind === 'packument'),
        status === 'told',
      );
    });
  }

  it('is asked for only where a check wants it and this version lacks provenance', async () => {
    const wants = { history: () => true };
    assert.equal((await collectOne(published, { wants })).history.status, 'notApplicable');
    assert.equal((await collectOne(plain)).history.status, 'notApplicable');
    assert.equal((await collectOne(plain, { wants })).history.status, 'told');
  });

  it('is asked for under the name for which a check wants it, though the same bytes lie there under another', async () => {
    const pkg = pinned(plain);
    const aliased = { ...pkg, key: 'node_modules/other', alias: 'other' };
    const wants = { history: ({ alias }: ResolvedPackage) => alias === 'other' };
    for (const packages of [
      [pkg, aliased],
      [aliased, pkg],
    ]) {
      const evidence = await collect(packages, { wants });
      const told = [pkg, aliased].map(({ key }) => evidence.get(key)?.history.status);
      assert.deepEqual(told, ['notApplicable', 'told']);
    }
  });
});

describe('a registry that did not answer about a version', () => {
  it('is not asked about earlier ones', async () => {
    registry.misbehave({ on: 'manifest', name: 'plain' }, { kind: 'body', body: '<html>' });
    const { provenance, history } = await collectOne(plain, { wants: { history: () => true } });
    assert.deepEqual([provenance.status, history.status], ['unavailable', 'unavailable']);
    assert.equal(registry.requests.filter(({ path }) => path === '/plain').length, 0);
  });
});

describe('a package of another source', () => {
  it('has no evidence, and nothing is asked about it', async () => {
    const pkg = aPackage({ source: { kind: 'git', resolved: 'git+ssh://git@git.example/a/b.git#0123456' } });
    const evidence = (await collect([pkg])).get(pkg.key);
    assert.deepEqual(evidence && statuses(evidence), ['notApplicable', 'notApplicable', 'notApplicable']);
    assert.equal(registry.requests.length, 0);
  });
});
