/** A signature made with every service answering well: what it is, who accepts it, where it goes. */
import assert from 'node:assert/strict';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { sign } from '../../lib/author/index.ts';
import { main } from '../../lib/cli/main.ts';
import { parseTrustedRoot, verifyBundle } from '../../lib/sigstore/index.ts';
import { NOW } from '../support/host.ts';
import {
  aToken,
  githubClaims,
  type SigningServices,
  startSigningServices,
} from '../support/services/index.ts';
import { verifyByReference } from '../support/sigstore/reference.ts';
import { aTempDirectory } from '../support/temp.ts';
import { aPacking, type Packing } from './world.ts';

let services: SigningServices;
before(async () => {
  services = await startSigningServices({ now: () => NOW });
});
after(() => services.close());

async function signed(packing: Packing, env: Readonly<Record<string, string | undefined>> = {}) {
  const host = packing.host(env);
  const code = await main(['sign'], host);
  assert.equal(code, 0, host.stderr());
  assert.equal(host.stdout(), '');
  return host;
}

describe('a signature', () => {
  for (const log of ['v1', 'v2'] as const) {
    it(`logged in Rekor ${log} is accepted by npmsign's own verifier and by sigstore-js`, async () => {
      const packing = aPacking(services, { log });
      await signed(packing);
      const bundle = packing.bundle();
      const trust = parseTrustedRoot(services.sigstore.trustedRoot());
      const own = await verifyBundle(bundle, trust, {
        expect: 'certificate',
        artifact: { kind: 'digest', algorithm: 'sha512', hex: packing.sha512 },
      });
      assert.ok(own.ok, JSON.stringify(own));
      const { identity } = verifyByReference(bundle, { sigstore: services.sigstore });
      assert.equal(
        identity?.subjectAlternativeName,
        'https://github.com/acme/lib/.github/workflows/release.yml@refs/tags/v1.2.3',
      );
      assert.equal(bundle.mediaType, 'application/vnd.dev.sigstore.bundle.v0.3+json');
    });
  }

  it('has a timestamp where the policy names an authority, beside the time of the log', async () => {
    const packing = aPacking(services, { sign: { timestampAuthority: services.timestamps.url } });
    await signed(packing);
    const bundle = packing.bundle();
    const { rfc3161Timestamps } = bundle.verificationMaterial.timestampVerificationData;
    assert.equal(rfc3161Timestamps.length, 1);
    assert.ok(verifyByReference(bundle, { sigstore: services.sigstore }));
  });

  it('is of a kind that npm writes: dsse, one subject, purl and sha512', async () => {
    const packing = aPacking(services);
    await signed(packing);
    const bundle = packing.bundle();
    assert.deepEqual(bundle.verificationMaterial.tlogEntries[0].kindVersion, {
      kind: 'dsse',
      version: '0.0.1',
    });
    const statement = JSON.parse(Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString('utf8'));
    assert.deepEqual(statement.subject, [
      { name: 'pkg:npm/%40acme/lib@1.2.3', digest: { sha512: packing.sha512 } },
    ]);
  });

  it('is made with a key of its own every time', async () => {
    const [one, two] = [aPacking(services), aPacking(services)];
    await signed(one);
    await signed(two);
    const certificateOf = (packing: Packing) => packing.bundle().verificationMaterial.certificate.rawBytes;
    assert.notEqual(certificateOf(one), certificateOf(two));
  });

  it('finds its entry again when the log says that it is there already', async () => {
    services.rekor.fail({ kind: 'lie', lie: 'exists' }, 1);
    const packing = aPacking(services);
    await signed(packing);
    assert.ok(verifyByReference(packing.bundle(), { sigstore: services.sigstore }));
  });

  it('is made anew when a log of version 2 says that it is there already', async () => {
    services.rekorV2.fail({ kind: 'lie', lie: 'exists' }, 1);
    const packing = aPacking(services, { log: 'v2' });
    await signed(packing);
    assert.ok(verifyByReference(packing.bundle(), { sigstore: services.sigstore }));
  });

  for (const service of ['fulcio', 'rekor', 'timestamps', 'tokens'] as const) {
    it(`survives trouble of ${service} that passes`, async () => {
      const packing = aPacking(services, { sign: { timestampAuthority: services.timestamps.url } });
      for (const status of [429, 500, 503]) {
        services[service].fail({ kind: 'status', status }, 2);
        await signed(packing);
      }
      services[service].fail({ kind: 'late', ms: 300 }, 1);
      await signed(packing);
      services[service].fail({ kind: 'reset' }, 1);
      await signed(packing);
    });
  }
});

describe('the bundle', () => {
  it('goes beside the tarball, in the folder npm packs into', async () => {
    const packing = aPacking(services);
    const destination = aTempDirectory('destination');
    await signed(packing, { npm_config_pack_destination: destination });
    assert.ok(readFileSync(join(destination, 'acme-lib-1.2.3.tgz.sigstore.json'), 'utf8').endsWith('}\n'));
    assert.deepEqual(packing.added(), []);
  });

  it('goes, in npm publish, to the file that provenance-file names', async () => {
    const packing = aPacking(services);
    await signed(packing, { npm_command: 'publish', npm_config_provenance_file: 'out.sigstore.json' });
    assert.deepEqual(packing.added(), ['out.sigstore.json']);
  });

  it('goes there too where package.json says so, which npm does not pass on', async () => {
    const packageJson = { publishConfig: { 'provenance-file': 'mine.sigstore.json' } };
    const packing = aPacking(services, { packageJson });
    await signed(packing, { npm_command: 'publish' });
    assert.deepEqual(packing.added(), ['mine.sigstore.json']);
  });

  it('has no place in npm publish without that setting, so nothing is published unsigned', async () => {
    const packing = aPacking(services);
    const host = packing.host({ npm_command: 'publish' });
    assert.equal(await main(['sign'], host), 3);
    assert.match(host.stderr(), /provenance-file=npmsign\.sigstore\.json to \.npmrc.*\n$/);
    assert.deepEqual(packing.added(), []);
  });

  it('is not made in a dry run, and nobody is asked', async () => {
    const packing = aPacking(services);
    const asked = services.tokens.received.length;
    const host = await signed(packing, { npm_config_dry_run: 'true' });
    assert.match(host.stderr(), /nothing signed: this is a dry run/);
    assert.deepEqual([packing.added(), services.tokens.received.length], [[], asked]);
  });

  it('is left to whoever signs the tarball afterwards', async () => {
    const packing = aPacking(services);
    await signed(packing, { NPMSIGN_SIGNS_LATER: '1' });
    assert.deepEqual(packing.added(), []);
  });

  it('replaces an older one, and nothing that is no file', async () => {
    const packing = aPacking(services);
    writeFileSync(packing.file, 'old');
    await signed(packing);
    assert.ok(packing.bundle());
    const other = aPacking(services);
    symlinkSync(join(other.dir, 'package.json'), other.file);
    const host = other.host();
    assert.equal(await main(['sign'], host), 3);
    assert.match(host.stderr(), /\[SIGNATURE_UNWRITABLE\]/);
    assert.equal(JSON.parse(readFileSync(join(other.dir, 'package.json'), 'utf8')).name, '@acme/lib');
  });

  it('is refused where its folder does not exist, in one line and without a trace', async () => {
    const packing = aPacking(services);
    const host = packing.host({ npm_config_pack_destination: 'nowhere' });
    assert.equal(await main(['sign'], host), 3);
    assert.match(host.stderr(), /nowhere\S* cannot be written \(ENOENT\)\. \[SIGNATURE_UNWRITABLE\]\n$/);
    assert.deepEqual(packing.added(), []);
  });
});

describe('a tarball that is named', () => {
  it('is signed as what its package.json says, wherever one stands', async () => {
    const packing = aPacking(services);
    const host = packing.host({ npm_lifecycle_event: undefined, npm_package_integrity: undefined });
    assert.equal(await main(['sign', 'acme-lib-1.2.3.tgz'], host), 0, host.stderr());
    assert.ok(verifyByReference(packing.bundle(), { sigstore: services.sigstore }));
  });

  it('gets its bundle where --output says', async () => {
    const packing = aPacking(services);
    const host = packing.host();
    assert.equal(await main(['sign', 'acme-lib-1.2.3.tgz', '--output', 'here.json'], host), 0, host.stderr());
    assert.deepEqual(packing.added(), ['here.json']);
  });

  it('is demanded where npm is not packing', async () => {
    const packing = aPacking(services);
    const host = packing.host({ npm_lifecycle_event: undefined });
    assert.equal(await main(['sign'], host), 2);
    assert.match(host.stderr(), /nothing to sign/);
  });
});

describe('what npm hands over', () => {
  it('is not believed from another manager, which only inherited it', async () => {
    const packing = aPacking(services);
    const host = packing.host({ npm_config_user_agent: 'pnpm/11.28.11 npm/? node/v24.21.0 linux x64' });
    assert.equal(await main(['sign'], host), 3);
    assert.match(host.stderr(), /npmsign publish.*\n$/);
  });

  it('must be the tarball that lies there', async () => {
    const packing = aPacking(services);
    writeFileSync(join(packing.dir, 'acme-lib-1.2.3.tgz'), 'another');
    const host = packing.host();
    assert.equal(await main(['sign'], host), 3);
    assert.match(host.stderr(), /not what npm packed/);
    assert.deepEqual(packing.added(), []);
  });
});

describe('the library', () => {
  it('tells what was signed, under whose name and where it is logged', async () => {
    const packing = aPacking(services);
    const outcome = await sign(packing.host());
    assert.equal(outcome.kind, 'signed');
    if (outcome.kind !== 'signed') return;
    assert.deepEqual(outcome.id, { name: '@acme/lib', version: '1.2.3' });
    assert.equal(outcome.sha512, packing.sha512);
    assert.equal(outcome.file, packing.file);
    assert.equal(outcome.identity.repository, 'https://github.com/acme/lib');
    assert.equal(outcome.predicateType, 'https://slsa.dev/provenance/v1');
    assert.match(outcome.logIndex ?? '', /^\d+$/);
    assert.deepEqual(outcome.bundle, packing.bundle());
  });

  it('refuses a build whose environment is not the run its token was issued for', async () => {
    const packing = aPacking(services);
    const elsewhere = { ...githubClaims(NOW), repository: 'acme/other', repository_owner: 'acme' };
    const signing = sign(packing.host({ SIGSTORE_ID_TOKEN: aToken(elsewhere) }));
    await assert.rejects(signing, {
      code: 'CERTIFICATE_REFUSED',
      message: /another repository than the certificate/,
    });
    assert.deepEqual(packing.added(), []);
  });
});
