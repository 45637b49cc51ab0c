/** A publish that Verdaccio refuses leaves no trace in what the registry signs. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { startVerdaccio } from '../support/verdaccio.ts';
import { aPackageOnDisk, aSigningRegistry, publishDocument } from './world.ts';

describe('a version from before the registry signed', () => {
  it('is signed, though somebody tried to publish other bytes under its name first', async () => {
    const plain = await startVerdaccio();
    const packed = aPackageOnDisk({ name: 'old', version: '1.0.0' });
    const { token } = await plain.login('alice');
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const body = JSON.stringify(publishDocument(packed));
    assert.equal((await fetch(`${plain.url}old`, { method: 'PUT', headers, body })).status, 201);
    await plain.stop();
    const signing = await aSigningRegistry({ home: plain.home });
    try {
      const other = aPackageOnDisk(packed, { 'index.js': 'export default 2;\n' });
      assert.equal((await signing.put('old', publishDocument(other))).status, 409);
      const { dist } = (await signing.get('old')).json.versions['1.0.0'];
      assert.equal(dist.integrity, packed.integrity);
      assert.equal(dist.signatures?.length, 1, signing.verdaccio.log().slice(-400));
      const kept = readdirSync(join(plain.home, 'storage/.npmsign/packages/old'));
      assert.equal(
        kept.filter((file) => file.endsWith('.signature.json')).length,
        1,
        'and the other bytes are not signed',
      );
    } finally {
      await signing.verdaccio.stop();
    }
  });
});
