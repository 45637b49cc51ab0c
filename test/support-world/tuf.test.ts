/** Proves the minted TUF repository against the reference client. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { initTUF } from '@sigstore/tuf';
import { createSigstore, keysTargetJson } from '../support/sigstore/index.ts';
import { createTufRepository, type TufRequest } from '../support/sigstore/tuf.ts';
import { sigstoreTargets, startTufServer } from '../support/sigstore/tuf-server.ts';
import { aTempDirectory } from '../support/temp.ts';

const sigstore = createSigstore();
const host = 'npm.acme.example';
const targets = sigstoreTargets(sigstore, host);

/** A served repository, and a reader of its targets with a cache of its own. */
async function served(t: TestContext, request: Partial<TufRequest> = {}) {
  const server = await startTufServer(sigstore, { targets, ...request });
  t.after(() => server.close());
  const cachePath = aTempDirectory('tuf');
  const rootPath = path.join(cachePath, 'first-root.json');
  writeFileSync(rootPath, server.trustedRoot);
  const options = { mirrorURL: server.url, cachePath, rootPath, retry: 0, timeout: 2000 };
  const read = async (target: string) => (await initTUF(options)).getTarget(target);
  return { server, read };
}

describe('the minted TUF repository', () => {
  it('hands its trusted root and registry keys to the reference client', async (t) => {
    const { read } = await served(t);
    assert.deepEqual(JSON.parse(await read('trusted_root.json')), sigstore.trustedRoot());
    assert.deepEqual(JSON.parse(await read(`${host}/keys.json`)), keysTargetJson(sigstore.registryKeys.all));
  });

  it('is followed through two new root keys', async (t) => {
    const { read } = await served(t, { rootRotations: 2 });
    assert.deepEqual(JSON.parse(await read('trusted_root.json')), sigstore.trustedRoot());
  });

  it('is refused once its timestamp has expired', async (t) => {
    const { read } = await served(t, { expires: { timestamp: '2020-01-01T00:00:00Z' } });
    await assert.rejects(read('trusted_root.json'), /expired/);
  });

  it('is refused with one byte of its snapshot changed', async (t) => {
    const { server, read } = await served(t);
    const corrupted = createTufRepository({ targets, version: 2 });
    const snapshot = corrupted.files.get('2.snapshot.json');
    assert.ok(snapshot);
    corrupted.files.set(
      '2.snapshot.json',
      Buffer.from(snapshot.toString().replace('"version":2', '"version":3')),
    );
    server.serve(corrupted);
    await assert.rejects(read('trusted_root.json'), /Expected hash/);
  });

  it('is refused when it goes back to an older version', async (t) => {
    const { server, read } = await served(t, { version: 3 });
    await read('trusted_root.json');
    server.serve(createTufRepository({ targets, version: 2 }));
    await assert.rejects(read('trusted_root.json'), /less than current version/);
  });
});
