/** Tests of how `verify-bundle` must be asked; what it finds is tested beside the cryptography. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { main } from '../../lib/cli/main.ts';
import { aHost } from '../support/host.ts';
import { aTempDirectory } from '../support/temp.ts';

const BUNDLE = ['--bundle', 'bundle.json'];
const IDENTITY = [
  '--certificate-identity',
  'me@acme.example',
  '--certificate-oidc-issuer',
  'https://issuer.example',
];
const DIGEST = `sha256:${'0'.repeat(64)}`;

async function run(args: readonly string[]) {
  const cwd = aTempDirectory('project');
  const host = aHost({ cwd, env: { HOME: cwd, npm_config_cache: join(cwd, '.cache') } });
  writeFileSync(join(host.cwd, 'bundle.json'), '{}');
  writeFileSync(join(host.cwd, 'artifact'), 'bytes');
  const code = await main(['verify-bundle', '--offline', ...args], host);
  return { code, out: host.stdout(), err: host.stderr() };
}

describe('verify-bundle is refused as asked wrongly', () => {
  const cases = [
    ['without a bundle', [...IDENTITY, 'artifact'], /no bundle to verify/],
    ['without an artifact', [...BUNDLE, ...IDENTITY], /one file or digest; found 0/],
    ['with two artifacts', [...BUNDLE, ...IDENTITY, 'artifact', 'b'], /one file or digest; found 2/],
    ['without an identity', [...BUNDLE, 'artifact'], /who must have signed/],
    ['with half an identity', [...BUNDLE, ...IDENTITY.slice(0, 2), 'artifact'], /who must have signed/],
    ['with the other half', [...BUNDLE, ...IDENTITY.slice(2), 'artifact'], /who must have signed/],
    ['with an empty identity', [...BUNDLE, '--certificate-identity=', 'artifact'], /takes a value/],
    ['with an identity and a key', [...BUNDLE, ...IDENTITY, '--key', 'k', 'artifact'], /exclude each other/],
    [
      'with a key and anybody',
      [...BUNDLE, '--key', 'k', '--unsafe-any-identity', 'artifact'],
      /exclude each other/,
    ],
    [
      'with an identity and anybody',
      [...BUNDLE, ...IDENTITY, '--unsafe-any-identity', 'artifact'],
      /exclude each/,
    ],
    ['with --staging', [...BUNDLE, ...IDENTITY, '--staging', 'artifact'], /--staging is refused/],
    [
      'with half a digest',
      [...BUNDLE, ...IDENTITY, DIGEST.slice(0, -1)],
      /not a whole sha256 or sha512 digest/,
    ],
    [
      'with a weak digest',
      [...BUNDLE, ...IDENTITY, `sha1:${'0'.repeat(40)}`],
      /not a whole sha256 or sha512/,
    ],
    [
      'with a threshold that is no number',
      [...BUNDLE, ...IDENTITY, '--tlog-threshold=-1', 'artifact'],
      /whole number/,
    ],
    [
      'with a format it cannot render',
      [...BUNDLE, ...IDENTITY, '--format=html', 'artifact'],
      /pretty and json/,
    ],
  ] as const;
  for (const [name, args, message] of cases) {
    it(name, async () => {
      const { code, out, err } = await run(args);
      assert.deepEqual([code, out], [2, '']);
      assert.match(err, message);
    });
  }
});

describe('a bundle that does not hold', () => {
  for (const target of ['artifact', DIGEST, `sha512:${'0'.repeat(128)}`]) {
    it(`is refused for ${target.slice(0, 12)} in one line, with exit code 1`, async () => {
      const { code, out, err } = await run([...BUNDLE, ...IDENTITY, target]);
      assert.deepEqual([code, out], [1, '']);
      assert.match(err, /^npmsign: the bundle is refused: .+ \[[A-Z_]+\]\n$/);
    });
  }

  it('is one JSON document for those who ask for JSON', async () => {
    const { code, out } = await run([...BUNDLE, ...IDENTITY, '--format', 'json', 'artifact']);
    assert.equal(code, 1);
    assert.deepEqual(Object.keys(JSON.parse(out)), ['refused']);
  });

  it('is told from one that cannot be read', async () => {
    const { code, err } = await run(['--bundle', 'none.json', ...IDENTITY, 'artifact']);
    assert.equal(code, 3);
    assert.match(err, /\[ARTIFACT_UNREADABLE\]/);
  });
});
