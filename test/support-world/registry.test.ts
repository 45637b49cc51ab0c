/** Proves the loopback registry: npm's protocol when it behaves, and each kind of misbehaviour when it does not. */
import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import {
  hashesOf,
  hideAttestations,
  overwriteManifest,
  type RegistryOptions,
  replaceSignature,
  rewriteIntegrity,
  startRegistry,
  stripAttestations,
  stripSignatures,
  swapTarball,
} from '../support/registry/index.ts';
import { startRegistryProcess } from '../support/registry/process.ts';

async function aRegistry(t: TestContext, options: RegistryOptions = {}) {
  const registry = await startRegistry(options);
  t.after(() => registry.close());
  const ask = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${registry.url}${path}`, { headers, redirect: 'manual' });
  const read = async (path: string, headers = {}) => JSON.parse(await (await ask(path, headers)).text());
  return { registry, ask, read };
}

const LIB = { name: '@acme/lib', version: '1.2.3' };

describe('a loopback registry that behaves', () => {
  it('serves a real tarball under the hash it lists', async (t) => {
    const { registry, ask } = await aRegistry(t);
    const { manifest } = registry.publish({ ...LIB, files: { 'index.js': 'module.exports = 1;\n' } });
    const response = await ask('@acme/lib/-/lib-1.2.3.tgz');
    const tarball = Buffer.from(await response.arrayBuffer());
    assert.deepEqual(hashesOf(tarball), { integrity: manifest.dist.integrity, shasum: manifest.dist.shasum });
    assert.match(gunzipSync(tarball).toString('latin1'), /^package\/package\.json\0/);
  });

  it('answers for a scope spelt with a slash or with %2f', async (t) => {
    const { registry, read } = await aRegistry(t);
    registry.publish(LIB);
    for (const path of ['@acme/lib/1.2.3', '@acme%2flib/1.2.3', '@acme%2Flib/1.2.3']) {
      assert.equal((await read(path))._id, '@acme/lib@1.2.3');
    }
  });

  it('signs name, version and integrity with a key it serves', async (t) => {
    const { registry, read } = await aRegistry(t);
    registry.publish(LIB);
    const { dist } = await read('@acme/lib/1.2.3');
    const [{ keyid, sig }] = dist.signatures;
    const { keys } = await read('-/npm/v1/keys');
    const listed = keys.find((key: { keyid: string }) => key.keyid === keyid);
    const key = createPublicKey({ key: Buffer.from(listed.key, 'base64'), format: 'der', type: 'spki' });
    assert.ok(
      verify('sha256', Buffer.from(`@acme/lib@1.2.3:${dist.integrity}`), key, Buffer.from(sig, 'base64')),
    );
  });

  it('tells the publish time three ways', async (t) => {
    const { registry, read } = await aRegistry(t);
    const at = new Date('2026-01-02T03:04:05.678Z');
    registry.publish({ ...LIB, at });
    const manifest = await read('@acme/lib/1.2.3');
    assert.equal(manifest._npmOperationalInternal.tmp.split('_')[2], String(at.getTime()));
    const short = await read('@acme/lib', { accept: 'application/vnd.npm.install-v1+json' });
    assert.equal(short.modified, at.toISOString());
    assert.equal(short.versions['1.2.3'].license, undefined);
    const full = await read('@acme/lib');
    assert.equal(full.time['1.2.3'], at.toISOString());
    assert.equal(full.versions['1.2.3'].license, 'ISC');
  });

  it('announces and serves attestations, and 404 where there are none', async (t) => {
    const { registry, read, ask } = await aRegistry(t);
    registry.publish({ ...LIB, attest: {} });
    registry.publish({ name: 'plain', version: '1.0.0' });
    const { dist } = await read('@acme/lib/1.2.3');
    assert.equal(dist.attestations.provenance.predicateType, 'https://slsa.dev/provenance/v1');
    const { attestations } = JSON.parse(await (await fetch(dist.attestations.url)).text());
    assert.equal(attestations.length, 2);
    assert.equal((await ask('-/npm/v1/attestations/plain@1.0.0')).status, 404);
    assert.equal((await read('plain/1.0.0')).dist.attestations, undefined);
  });

  it('answers 304 to a known ETag and writes down who asked what', async (t) => {
    const { registry, ask } = await aRegistry(t, { prefix: '/npm' });
    registry.publish(LIB);
    const etag = (await ask('@acme/lib')).headers.get('etag') ?? '';
    assert.equal((await ask('@acme/lib', { 'if-none-match': etag })).status, 304);
    assert.deepEqual(
      registry.requests.map(({ method, path }) => `${method} ${path}`),
      ['GET /npm/@acme/lib', 'GET /npm/@acme/lib'],
    );
    assert.equal(registry.requests[1]?.headers['if-none-match'], etag);
  });

  it('asks for its token', async (t) => {
    const { registry, ask } = await aRegistry(t, { token: 'secret' });
    registry.publish(LIB);
    assert.equal((await ask('@acme/lib')).status, 401);
    assert.equal((await ask('@acme/lib', { authorization: 'Bearer secret' })).status, 200);
  });

  it('packs the same bytes every time', async (t) => {
    const { registry } = await aRegistry(t);
    assert.deepEqual(registry.publish(LIB).tarball, registry.publish(LIB).tarball);
  });

  it('runs as a process of its own', async (t) => {
    const running = await startRegistryProcess({ publish: [{ ...LIB, attest: {} }] });
    t.after(() => running.close());
    const response = await fetch(`${running.url}@acme/lib/1.2.3`);
    assert.equal(JSON.parse(await response.text()).version, '1.2.3');
    assert.equal(running.trustedRoot.certificateAuthorities.length, 1);
  });
});

describe('a loopback registry that lies', () => {
  it('strips signatures of one package only', async (t) => {
    const { registry, read } = await aRegistry(t);
    registry.publish(LIB);
    registry.publish({ name: 'other', version: '1.0.0' });
    registry.misbehave({ name: LIB.name }, stripSignatures);
    assert.equal((await read('@acme/lib/1.2.3')).dist.signatures, undefined);
    assert.equal((await read('@acme/lib')).versions['1.2.3'].dist.signatures, undefined);
    assert.equal((await read('other/1.0.0')).dist.signatures.length, 1);
    registry.behave();
    assert.equal((await read('@acme/lib/1.2.3')).dist.signatures.length, 1);
  });

  it('hides attestations it announces, or strips both', async (t) => {
    const { registry, read, ask } = await aRegistry(t);
    registry.publish({ ...LIB, attest: {} });
    registry.misbehave({}, hideAttestations);
    assert.ok((await read('@acme/lib/1.2.3')).dist.attestations);
    assert.equal((await ask('-/npm/v1/attestations/@acme%2flib@1.2.3')).status, 404);
    registry.misbehave({}, stripAttestations);
    assert.equal((await read('@acme/lib/1.2.3')).dist.attestations, undefined);
  });

  it('serves other bytes, with the old integrity or a rewritten one', async (t) => {
    const { registry, read, ask } = await aRegistry(t);
    const { dist } = registry.publish(LIB).manifest;
    const bytesOf = async () => Buffer.from(await (await ask('@acme/lib/-/lib-1.2.3.tgz')).arrayBuffer());
    registry.misbehave({ version: '1.2.3' }, swapTarball(Buffer.from('other')));
    assert.equal((await bytesOf()).toString(), 'other');
    assert.equal((await read('@acme/lib/1.2.3')).dist.integrity, dist.integrity);
    registry.misbehave({ version: '1.2.3' }, rewriteIntegrity(Buffer.from('other')));
    const lied = (await read('@acme/lib/1.2.3')).dist;
    assert.equal(lied.integrity, hashesOf(Buffer.from('other')).integrity);
    assert.deepEqual(lied.signatures, dist.signatures);
  });

  it('replaces signatures and overwrites fields', async (t) => {
    const { registry, read } = await aRegistry(t);
    registry.publish(LIB);
    registry.misbehave({}, replaceSignature({ keyid: 'SHA256:x', sig: 'AA==' }));
    registry.misbehave({}, overwriteManifest({ deprecated: '\u001b[2J::error::' }));
    const manifest = await read('@acme/lib/1.2.3');
    assert.equal(manifest.dist.signatures[0].keyid, 'SHA256:x');
    assert.equal(manifest.deprecated, '\u001b[2J::error::');
  });
});

describe('a loopback registry in trouble', () => {
  it('fails one route, as many times as told', async (t) => {
    const { registry, ask } = await aRegistry(t);
    registry.publish(LIB);
    registry.misbehave({ on: 'manifest', times: 1 }, { kind: 'status', status: 500 });
    assert.equal((await ask('@acme/lib')).status, 200);
    assert.equal((await ask('@acme/lib/1.2.3')).status, 500);
    assert.equal((await ask('@acme/lib/1.2.3')).status, 200);
  });

  for (const kind of ['reset', 'half'] as const) {
    it(`breaks off: ${kind}`, async (t) => {
      const { registry, read } = await aRegistry(t);
      registry.publish(LIB);
      registry.misbehave({}, { kind });
      await assert.rejects(read('@acme/lib/1.2.3'));
    });
  }

  for (const kind of ['silence', 'endless'] as const) {
    it(`never finishes: ${kind}`, async (t) => {
      const { registry } = await aRegistry(t);
      registry.misbehave({}, { kind });
      const answer = fetch(registry.url, { signal: AbortSignal.timeout(150) }).then((response) =>
        response.text(),
      );
      await assert.rejects(answer, /abort|timeout/i);
    });
  }

  it('sends more than anyone wants, plain or packed', async (t) => {
    const { registry, ask } = await aRegistry(t);
    registry.misbehave({ on: 'keys' }, { kind: 'huge', bytes: 3_000_000 });
    registry.misbehave({ on: 'manifest' }, { kind: 'gzip-bomb', bytes: 64 * 1024 * 1024 });
    assert.ok((await (await ask('-/npm/v1/keys')).text()).length > 3_000_000);
    assert.equal((await (await ask('a/1.0.0')).text()).length, 64 * 1024 * 1024);
  });

  it('redirects anywhere, lies about types, answers garbage', async (t) => {
    const { registry, ask } = await aRegistry(t);
    registry.publish(LIB);
    registry.misbehave({ on: 'manifest' }, { kind: 'redirect', to: 'file:///etc/passwd' });
    registry.misbehave({ on: 'packument' }, { kind: 'content-type', type: 'text/html' });
    registry.misbehave({ on: 'keys' }, { kind: 'body', body: '{"keys":' });
    assert.equal((await ask('@acme/lib/1.2.3')).headers.get('location'), 'file:///etc/passwd');
    assert.equal((await ask('@acme/lib')).headers.get('content-type'), 'text/html');
    assert.equal(await (await ask('-/npm/v1/keys')).text(), '{"keys":');
  });
});
