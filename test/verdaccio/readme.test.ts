/** What README says about a registry of one's own, done to the letter. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { parseDocument } from 'yaml';
import { loadPolicy } from '../../lib/policy/index.ts';
import { buildVerdaccioPluginInto } from '../../scripts/build.ts';
import { projectRoot } from '../support/corpus.ts';
import { aHost } from '../support/host.ts';
import { createSigstore } from '../support/sigstore/index.ts';
import { aTempDirectory } from '../support/temp.ts';
import { startVerdaccio } from '../support/verdaccio.ts';

const readme = readFileSync(path.join(projectRoot, 'README.md'), 'utf8');
const section = /### A registry of your own that signs\n([\s\S]*?)\n## /.exec(readme)?.[1] ?? '';
const [server, consumer] = [...section.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text ?? '');

describe('the section on a registry of your own', () => {
  let home: string;
  before(() => {
    home = aTempDirectory('by-the-readme');
    writeFileSync(path.join(home, 'trusted_root.json'), JSON.stringify(createSigstore().trustedRoot()));
  });

  it('has a configuration that Verdaccio starts with, and keys at the first start for its user alone', async () => {
    await buildVerdaccioPluginInto(path.join(home, 'node_modules/npmsign/dist'));
    const verdaccio = await startVerdaccio({ home, settings: parseDocument(server ?? '').toJS() });
    try {
      const served = JSON.parse(await (await fetch(`${verdaccio.url}-/npm/v1/keys`)).text());
      assert.equal(served.keys.length, 1);
      const folder = path.join(home, 'storage/.npmsign/keys');
      const files = readdirSync(folder).map((file) => path.join(folder, file));
      assert.equal(files.length, 1);
      if (process.platform === 'win32') return;
      assert.deepEqual(
        [folder, ...files].map((file) => statSync(file).mode & 0o777),
        [0o700, 0o600],
      );
    } finally {
      await verdaccio.stop();
    }
  });

  it('has a policy that loads, with the keys in a file', async () => {
    writeFileSync(path.join(home, 'package.json'), '{"name":"project"}');
    writeFileSync(path.join(home, '.npmsignrc'), consumer ?? '');
    const { registries, overrides } = await loadPolicy(aHost({ cwd: home }));
    assert.equal(registries[0]?.keys, path.join(home, 'acme-registry-keys.json'));
    assert.deepEqual(overrides[0]?.packages, ['@acme/*']);
  });
});
