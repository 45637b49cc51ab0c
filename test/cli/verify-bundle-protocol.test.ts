/** `verify-bundle` speaks the Sigstore conformance protocol, wherever it is started. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { main } from '../../lib/cli/main.ts';
import { anIdentity } from '../support/builders.ts';
import { aHost, NOW } from '../support/host.ts';
import { type BundleJson, createSigstore } from '../support/sigstore/index.ts';
import { pemOf } from '../support/sigstore/keys.ts';
import { aTempDirectory } from '../support/temp.ts';

const sigstore = createSigstore();
const identity = anIdentity();
const artifact = Buffer.from('the artifact');
const digestOf = (algorithm: 'sha256' | 'sha512', bytes: Buffer = artifact): string =>
  createHash(algorithm).update(bytes).digest('hex');
const digest = { sha256: digestOf('sha256'), sha512: digestOf('sha512') };
const statement = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ name: 'the artifact', digest }],
  predicateType: 'https://example.test/predicate',
  predicate: {},
};
const at = NOW;
const signer = { identity };
const key = sigstore.registryKeys.current;
const attested = sigstore.mintBundle({ statement, signer, at });
const signed = sigstore.mintBundle({ artifact, signer, at });
const stamped = sigstore.mintBundle({ artifact, signer, at, timestamp: true });
const unlogged = sigstore.mintBundle({ artifact, signer: { identity, certificate: { sct: 'none' } }, at });
const byKey = sigstore.mintBundle({ artifact, signer: { registryKey: key }, at });

const NAMED = ['--certificate-identity', identity.subject, '--certificate-oidc-issuer', identity.issuer];
const ROOT = ['--trusted-root', 'root.json'];

/** A folder where everything else npmsign reads is broken. */
function aBrokenFolder(bundle: BundleJson | Buffer): string {
  const cwd = aTempDirectory('broken');
  const write = (name: string, content: string | Buffer): void =>
    writeFileSync(path.join(cwd, name), content);
  write('.npmsignrc', 'checks: { no-such-check: error');
  write('.npmrc', 'registry=not a url\n');
  write('package.json', '{');
  mkdirSync(path.join(cwd, '.config'));
  write('.config/config.js', 'throw new Error("planted")');
  write('bundle.json', Buffer.isBuffer(bundle) ? bundle : JSON.stringify(bundle));
  write('root.json', JSON.stringify(sigstore.trustedRoot()));
  write('artifact', artifact);
  write('key.pem', pemOf(key.keys.publicKey));
  write('other.pem', pemOf(sigstore.registryKeys.old.keys.publicKey));
  write('no-key.pem', 'no key');
  return cwd;
}

async function verifyBundle(bundle: BundleJson | Buffer, args: readonly string[]) {
  const cwd = aBrokenFolder(bundle);
  const host = aHost({ cwd, env: { HOME: cwd } });
  const code = await main(['verify-bundle', '--bundle', 'bundle.json', ...args], host);
  return { code, out: host.stdout(), err: host.stderr() };
}

describe('verify-bundle with a trusted root, in a folder where everything else is broken', () => {
  const pairs: readonly (readonly [
    string,
    BundleJson,
    readonly string[],
    BundleJson,
    readonly string[],
    RegExp,
  ])[] = [
    ['a file', signed, [...NAMED, 'artifact'], signed, [...NAMED, 'key.pem'], /\[[A-Z_]+\]$/],
    [
      'a sha256 digest',
      signed,
      [...NAMED, `sha256:${digest.sha256}`],
      signed,
      [...NAMED, `sha256:${digestOf('sha256', Buffer.from('x'))}`],
      /\[[A-Z_]+\]$/,
    ],
    [
      'the sha512 digest of a subject',
      attested,
      [...NAMED, `sha512:${digest.sha512}`],
      attested,
      [...NAMED, `sha512:${digestOf('sha512', Buffer.from('x'))}`],
      /\[[A-Z_]+\]$/,
    ],
    [
      'the sha256 digest of a subject, in capitals',
      attested,
      [...NAMED, `sha256:${digest.sha256.toUpperCase()}`],
      attested,
      [...NAMED, `sha256:${digestOf('sha256', Buffer.from('x'))}`],
      /\[[A-Z_]+\]$/,
    ],
    [
      'an exact identity',
      signed,
      [...NAMED, 'artifact'],
      signed,
      [...NAMED.with(1, identity.subject.slice(0, -1)), 'artifact'],
      /expected .* \[IDENTITY\]$/,
    ],
    [
      'an exact issuer',
      signed,
      [...NAMED, 'artifact'],
      signed,
      [...NAMED.with(3, `${identity.issuer}/`), 'artifact'],
      /expected .* \[IDENTITY\]$/,
    ],
    [
      'a key',
      byKey,
      ['--key', 'key.pem', 'artifact'],
      byKey,
      ['--key', 'other.pem', 'artifact'],
      /\[[A-Z_]+\]$/,
    ],
    [
      'a key, not a certificate',
      byKey,
      ['--key', 'key.pem', 'artifact'],
      signed,
      ['--key', 'key.pem', 'artifact'],
      /\[[A-Z_]+\]$/,
    ],
    [
      'a key file that holds one',
      byKey,
      ['--key', 'key.pem', 'artifact'],
      byKey,
      ['--key', 'no-key.pem', 'artifact'],
      /\[KEY\]$/,
    ],
    ['an identity, not a key', signed, [...NAMED, 'artifact'], byKey, [...NAMED, 'artifact'], /\[[A-Z_]+\]$/],
    [
      'anybody, if told so',
      signed,
      ['--unsafe-any-identity', 'artifact'],
      sigstoreOf('mallory'),
      ['--unsafe-any-identity', 'artifact'],
      /\[[A-Z_]+\]$/,
    ],
    [
      'as many log entries as asked for',
      signed,
      [...NAMED, '--tlog-threshold', '1', 'artifact'],
      signed,
      [...NAMED, '--tlog-threshold', '2', 'artifact'],
      /\[[A-Z_]+\]$/,
    ],
    [
      'a certificate no log has seen, if none is asked for',
      unlogged,
      [...NAMED, '--ctlog-threshold', '0', 'artifact'],
      unlogged,
      [...NAMED, 'artifact'],
      /\[[A-Z_]+\]$/,
    ],
    [
      'times of log and authority together',
      stamped,
      [...NAMED, '--timestamp-threshold', '2', 'artifact'],
      signed,
      [...NAMED, '--timestamp-threshold', '2', 'artifact'],
      /\[[A-Z_]+\]$/,
    ],
  ];
  for (const [what, good, accepted, bad, refused, reason] of pairs) {
    it(`accepts ${what}, and says nothing; refuses one step away, in one line`, async () => {
      assert.deepEqual(await verifyBundle(good, [...ROOT, ...accepted]), { code: 0, out: '', err: '' });
      const { code, out, err } = await verifyBundle(bad, [...ROOT, ...refused]);
      assert.deepEqual([code, out], [1, ''], err);
      assert.match(err.trimEnd(), reason);
      assert.equal(err.indexOf('\n'), err.length - 1);
    });
  }

  it('without a trusted root needs the policy, and says that it is broken', async () => {
    const { code, err } = await verifyBundle(signed, [...NAMED, '--offline', 'artifact']);
    assert.equal(code, 2);
    assert.match(err, /\[POLICY_/);
  });

  it('prints the identity as JSON, or the key', async () => {
    const certificate = await verifyBundle(signed, [...ROOT, ...NAMED, '--format', 'json', 'artifact']);
    assert.equal(JSON.parse(certificate.out).subject, identity.subject);
    const withKey = await verifyBundle(byKey, [...ROOT, '--key', 'key.pem', '--format', 'json', 'artifact']);
    assert.deepEqual([withKey.code, typeof JSON.parse(withKey.out).keyid], [0, 'string']);
  });

  it('reads a bundle as UTF-8, and refuses bytes that are none', async () => {
    const text = JSON.stringify(attested).replace('"keyid":""', '"keyid":"é"');
    assert.ok(text.includes('é'));
    const args = [...ROOT, ...NAMED, `sha512:${digest.sha512}`];
    assert.equal((await verifyBundle(Buffer.from(text, 'utf8'), args)).code, 0);
    const { code, err } = await verifyBundle(Buffer.from(text, 'latin1'), args);
    assert.equal(code, 1);
    assert.match(err, /the bundle is not UTF-8 \[MALFORMED\]/);
  });
});

function sigstoreOf(name: string): BundleJson {
  return createSigstore(name).mintBundle({ artifact, signer, at });
}
