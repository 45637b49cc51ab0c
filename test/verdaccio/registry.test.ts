/** The registry that signs, in a real Verdaccio: what it serves, what it takes in, and what it refuses. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  parseRegistryKeys,
  parseTrustedRoot,
  verifyAttestations,
  verifyRegistrySignature,
} from '../../lib/sigstore/index.ts';
import { parseIntegrity } from '../../lib/text/integrity.ts';
import { anIdentity } from '../support/builders.ts';
import { type NpmMajor, npmOf } from '../support/managers.ts';
import { createSigstore } from '../support/sigstore/index.ts';
import {
  type Answer,
  aPackageOnDisk,
  aSigningRegistry,
  integrityOf,
  type Packed,
  provenanceOf,
  publishDocument,
  type World,
} from './world.ts';

let world: World;
before(async () => {
  world = await aSigningRegistry();
});
after(() => world.verdaccio.stop());

/** Is the signature in this manifest by a key of this registry, over these bytes? */
async function signatureIn(
  manifest: Answer['json'],
  packed: Pick<Packed, 'name' | 'version' | 'integrity'>,
  from = world,
): Promise<ReturnType<typeof verifyRegistrySignature>> {
  const keys = parseRegistryKeys((await from.get('-/npm/v1/keys')).json);
  const { time } = (await from.get(packed.name)).json;
  return verifyRegistrySignature({
    id: packed,
    integrity: parseIntegrity(packed.integrity),
    signatures: manifest.dist.signatures ?? [],
    keys,
    publishedAt: { at: time[packed.version], proved: false },
  });
}

async function published(packed: Packed, bundle?: unknown): Promise<Packed> {
  const { status, json } = await world.put(packed.name, publishDocument(packed, bundle));
  assert.equal(status, 201, JSON.stringify(json));
  return packed;
}

describe('the registry', () => {
  it('serves the keys it made when it first started, readable by nobody else', async () => {
    const { keys } = (await world.get('-/npm/v1/keys')).json;
    assert.equal(keys.length, 1);
    assert.deepEqual(Object.keys(keys[0]), ['expires', 'keyid', 'keytype', 'scheme', 'key']);
    assert.match(keys[0].keyid, /^SHA256:[A-Za-z0-9+/]{43}$/);
    assert.equal(keys[0].expires, null);
    const folder = join(world.verdaccio.home, 'storage/.npmsign/keys');
    if (process.platform === 'win32') return;
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    for (const file of readdirSync(folder)) assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600);
  });

  it('serves no private key under any path', async () => {
    const [file = ''] = readdirSync(join(world.verdaccio.home, 'storage/.npmsign/keys'));
    for (const path of [`.npmsign/keys/${file}`, `.npmsign/-/${file}`, `.npmsign%2fkeys/-/${file}`]) {
      const { status, json } = await world.get(path);
      assert.ok(status >= 400, path);
      assert.doesNotMatch(JSON.stringify(json), /PRIVATE KEY/);
    }
  });

  for (const major of [10, 11, 12] as const satisfies readonly NpmMajor[]) {
    it(`signs what npm ${major} publishes, in packument and manifest, and npm ${major} accepts the signature`, async () => {
      const npm = await npmOf(major);
      const { url } = world.verdaccio;
      const id = { name: `@acme/by-npm-${major}`, version: '1.0.0' };
      const { dir } = aPackageOnDisk(id);
      const options = { registry: url, npmrc: [world.alice.npmrc] };
      const { code, stderr } = await npm.run(['publish'], { cwd: dir, ...options });
      assert.equal(code, 0, stderr);
      const full = (await world.get(id.name)).json;
      const short = (await world.get(id.name, { accept: 'application/vnd.npm.install-v1+json' })).json;
      const one = (await world.get(`${id.name}/1.0.0`)).json;
      const { integrity } = one.dist;
      for (const manifest of [full.versions['1.0.0'], short.versions['1.0.0'], one]) {
        assert.equal((await signatureIn(manifest, { ...id, integrity })).status, 'proved');
        assert.equal(manifest.dist.attestations, undefined);
      }
      // What npm audit signatures does once it has the keys; those it asks of its own TUF repository first, which is not on loopback.
      const audit = `const pacote = require(${JSON.stringify(join(npm.npmCli, '../../node_modules/pacote'))});
        const { keys } = ${JSON.stringify((await world.get('-/npm/v1/keys')).json)};
        const pemkey = (key) => '-----BEGIN PUBLIC KEY-----\\n' + key + '\\n-----END PUBLIC KEY-----';
        const [registry, cache] = [${JSON.stringify(url)}, ${JSON.stringify(join(dir, 'cache'))}];
        pacote.manifest('${id.name}@1.0.0', { registry, cache, verifySignatures: true,
          [registry.replace('http:', '') + ':_keys']: keys.map((each) => ({ ...each, pemkey: pemkey(each.key) })),
        }).then(({ _signatures }) => console.log(_signatures.length), ({ code }) => console.log(code));`;
      const { execFileSync } = await import('node:child_process');
      assert.equal(execFileSync(npm.node, ['-e', audit], { encoding: 'utf8' }), '1\n');
    });
  }

  it('does not vouch for what a publisher writes in its stead', async () => {
    const packed = aPackageOnDisk({ name: 'forged', version: '1.0.0' });
    const document = publishDocument(packed);
    const dist = {
      ...document.versions['1.0.0']?.dist,
      signatures: [{ keyid: 'SHA256:mine', sig: 'AAAA' }],
      attestations: { url: 'https://evil.example/', provenance: { predicateType: 'x' } },
    };
    const versions = { '1.0.0': { ...document.versions['1.0.0'], dist } };
    assert.equal((await world.put('forged', { ...document, versions })).status, 201);
    const manifest = (await world.get('forged/1.0.0')).json;
    assert.equal((await signatureIn(manifest, packed)).status, 'proved');
    assert.equal(manifest.dist.attestations, undefined);
  });
});

describe('a publish with provenance', () => {
  it('is taken in, announced and served, and proves what it states', async () => {
    const packed = aPackageOnDisk({ name: '@acme/proved', version: '1.0.0' });
    const bundle = provenanceOf(world.sigstore, packed);
    await published(packed, bundle);
    const { dist } = (await world.get('@acme/proved/1.0.0')).json;
    const url = `${world.verdaccio.url}-/npm/v1/attestations/@acme%2Fproved@1.0.0`;
    assert.deepEqual(dist.attestations, {
      url,
      provenance: { predicateType: 'https://slsa.dev/provenance/v1' },
    });
    const { provenance } = await attestationsOf(packed);
    assert.equal(provenance.status, 'proved');
    const identity = provenance.status === 'proved' ? provenance.value.identity : undefined;
    assert.equal(identity?.repository, 'https://github.com/acme/proved');
  });

  it('is announced to a client that knows the version from before', async () => {
    const packed = await published(aPackageOnDisk({ name: 'later', version: '1.0.0' }));
    const tagOf = async () => (await world.get('later')).headers.get('etag');
    const before = await tagOf();
    assert.equal(await tagOf(), before);
    const put = await world.put('-/npm/v1/attestations/later@1.0.0', provenanceOf(world.sigstore, packed));
    assert.equal(put.status, 201);
    assert.notEqual(await tagOf(), before);
  });

  const foreign = createSigstore('stranger');
  const id = { name: 'refused', version: '1.0.0' };
  const cases: readonly (readonly [string, RegExp, (packed: Packed) => unknown])[] = [
    ['by a Sigstore nobody here believes', /CERTIFICATE|TLOG/, (packed) => provenanceOf(foreign, packed)],
    [
      'of other bytes',
      /SUBJECT\): the statement is about other bytes/,
      (packed) => provenanceOf(world.sigstore, { ...packed, integrity: integrityOf(Buffer.from('other')) }),
    ],
    [
      'of another version',
      /SUBJECT\): the statement is about another package or version/,
      (packed) => provenanceOf(world.sigstore, { ...packed, version: '1.0.1' }),
    ],
    [
      'of another package',
      /SUBJECT\): the statement is about another package or version/,
      (packed) => provenanceOf(world.sigstore, { ...packed, name: 'refuse' }),
    ],
    [
      'whose predicate tells another story than its certificate',
      /PREDICATE/,
      (packed) =>
        provenanceOf(world.sigstore, packed, {
          claims: anIdentity({ repository: 'https://github.com/acme/other' }),
        }),
    ],
    [
      'with a broken signature',
      /does not hold/,
      (packed) => {
        const bundle = structuredClone(provenanceOf(world.sigstore, packed));
        const [signature] = bundle.dsseEnvelope?.signatures ?? [];
        if (signature !== undefined) Object.assign(signature, { sig: `AAAA${signature.sig.slice(4)}` });
        return bundle;
      },
    ],
    ['that is no bundle', /not a Sigstore bundle/, () => ({ hello: 'world' })],
    [
      'signed by the registry, or so it says',
      /takes in no statements of type https:\/\/github\.com\/npm\/attestation/,
      (packed) => {
        const { sigstore } = world;
        const { attestations } = sigstore.mintAttestations({
          ...packed,
          at: new Date(),
          registry: world.verdaccio.url,
          identity: 'none',
        });
        return attestations[0]?.bundle;
      },
    ],
  ];
  for (const [what, reason, make] of cases) {
    it(`${what} is refused, and nothing is published`, async () => {
      const packed = aPackageOnDisk(id);
      const { status, json } = await world.put('refused', publishDocument(packed, make(packed)));
      assert.equal(status, 400);
      assert.match(json.error, reason);
      assert.equal((await world.get('refused')).status, 404);
    });
  }

  it('whose tarball was changed after signing is refused', async () => {
    const signed = aPackageOnDisk({ name: 'changed', version: '1.0.0' });
    const other = aPackageOnDisk(signed, { 'index.js': 'export default "evil";\n' });
    const bundle = provenanceOf(world.sigstore, signed);
    const honest = await world.put('changed', publishDocument(other, bundle));
    assert.equal(honest.status, 400);
    assert.match(honest.json.error, /the statement is about other bytes/);
    const lying = publishDocument({ ...other, integrity: signed.integrity }, bundle);
    const { status, json } = await world.put('changed', lying);
    assert.equal(status, 400);
    assert.match(json.error, /not the one its dist\.integrity states/);
    assert.equal((await world.get('changed')).status, 404);
  });

  it('is refused to those without an account, before anything is looked at', async () => {
    const packed = aPackageOnDisk({ name: 'stranger', version: '1.0.0' });
    const document = publishDocument(packed, provenanceOf(world.sigstore, packed));
    assert.equal((await world.put('stranger', document, '')).status, 401);
    assert.equal(existsSync(join(world.verdaccio.home, 'storage/.npmsign/packages/stranger')), false);
  });

  it('of a version that exists is refused by Verdaccio, and changes nothing', async () => {
    const packed = await published(aPackageOnDisk({ name: 'twice', version: '1.0.0' }));
    const other = aPackageOnDisk(packed, { 'index.js': 'export default 2;\n' });
    const bundle = provenanceOf(world.sigstore, other);
    assert.equal((await world.put('twice', publishDocument(other, bundle))).status, 409);
    const manifest = (await world.get('twice/1.0.0')).json;
    assert.equal(manifest.dist.integrity, packed.integrity);
    assert.equal(manifest.dist.attestations, undefined);
    assert.equal((await signatureIn(manifest, packed)).status, 'proved');
  });
});

describe('an attestation that comes after the publish', () => {
  const path = '-/npm/v1/attestations/after@1.0.0';
  let packed: Packed;
  let bundle: unknown;
  before(async () => {
    packed = await published(aPackageOnDisk({ name: 'after', version: '1.0.0' }));
    bundle = provenanceOf(world.sigstore, packed);
  });

  it('is refused to those without an account', async () => {
    assert.equal((await world.put(path, bundle, '')).status, 401);
    assert.equal((await world.get(path)).status, 404);
  });

  it('is refused for other bytes than the registry serves', async () => {
    const wrong = provenanceOf(world.sigstore, { ...packed, integrity: integrityOf(Buffer.from('other')) });
    const { status, json } = await world.put(path, wrong);
    assert.equal(status, 400);
    assert.match(json.error, /the attestation of after@1\.0\.0 is refused.*other bytes/);
  });

  it('is refused for what is not there', async () => {
    assert.equal((await world.put('-/npm/v1/attestations/after@9.9.9', bundle)).status, 404);
    assert.equal((await world.put('-/npm/v1/attestations/nobody@1.0.0', bundle)).status, 404);
    assert.equal((await world.put('-/npm/v1/attestations/after', bundle)).status, 400);
    assert.equal((await world.put('-/npm/v1/attestations/..%2f..%2fafter@1.0.0', bundle)).status, 400);
  });

  it('is taken in, twice the same without complaint, and another one not any more', async () => {
    assert.equal((await world.put(path, bundle)).status, 201);
    assert.equal((await world.put(path, bundle)).status, 201);
    assert.equal((await attestationsOf(packed)).provenance.status, 'proved');
    const identity = anIdentity({ repository: 'https://github.com/mallory/lib' });
    const { status, json } = await world.put(path, provenanceOf(world.sigstore, packed, { identity }));
    assert.equal(status, 409);
    assert.match(json.error, /another attestation of this kind/);
  });
});

describe('versions from before the registry signed', () => {
  it('are signed once their bytes were read, unless they are not what they state', async () => {
    const { startVerdaccio } = await import('../support/verdaccio.ts');
    const plain = await startVerdaccio();
    const [good, bad] = [
      aPackageOnDisk({ name: '@acme/old', version: '1.0.0' }),
      aPackageOnDisk({ name: 'rotten', version: '1.0.0' }),
    ];
    const { token } = await plain.login('alice');
    for (const packed of [good, bad]) {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
      const body = JSON.stringify(publishDocument(packed));
      const { status } = await fetch(`${plain.url}${packed.name}`, { method: 'PUT', headers, body });
      assert.equal(status, 201);
    }
    await plain.stop();
    writeFileSync(join(plain.home, 'storage/rotten/rotten-1.0.0.tgz'), 'other bytes');
    const signing = await aSigningRegistry({ home: plain.home });
    try {
      const manifest = (await signing.get('@acme/old')).json.versions['1.0.0'];
      assert.equal((await signatureIn(manifest, good, signing)).status, 'proved');
      assert.equal((await signing.get('rotten')).json.versions['1.0.0'].dist.signatures, undefined);
      assert.match(signing.verdaccio.log(), /rotten@1\.0\.0 is not signed: its tarball is not the one/);
    } finally {
      await signing.verdaccio.stop();
    }
  });
});

describe('packages of another registry behind it', () => {
  it('keep the signatures of their own', async () => {
    const { startRegistry } = await import('../support/registry/index.ts');
    const upstream = await startRegistry();
    const { name, version } = upstream.publish({ name: 'proxied', version: '1.0.0', attest: {} });
    const front = await aSigningRegistry({ uplink: upstream.url });
    try {
      const theirs = await fetch(`${upstream.url}${name}/${version}`).then((answer) => answer.json());
      const { dist } = (await front.get(`${name}/${version}`)).json;
      assert.ok(dist.signatures.length > 0);
      assert.deepEqual(dist.signatures, Object(theirs).dist.signatures);
    } finally {
      await front.verdaccio.stop();
      await upstream.close();
    }
  });
});

describe('the keys', () => {
  it('stay through a restart, and a key that has ended is followed by a new one under which old versions still hold', async () => {
    const first = await aSigningRegistry();
    const { home } = first.verdaccio;
    const old = aPackageOnDisk({ name: 'rotated', version: '1.0.0' });
    assert.equal((await first.put('rotated', publishDocument(old))).status, 201);
    const [key] = (await first.get('-/npm/v1/keys')).json.keys;
    await first.verdaccio.stop();

    const second = await aSigningRegistry({ home });
    assert.deepEqual((await second.get('-/npm/v1/keys')).json.keys, [key]);
    await second.verdaccio.stop();

    const folder = join(home, 'storage/.npmsign/keys');
    const file = join(folder, readdirSync(folder)[0] ?? '');
    const ended = { ...JSON.parse(readFileSync(file, 'utf8')), expires: new Date().toISOString() };
    writeFileSync(file, JSON.stringify(ended), { mode: 0o600 });
    const third = await aSigningRegistry({ home });
    try {
      const { keys } = (await third.get('-/npm/v1/keys')).json;
      assert.deepEqual(
        keys.map(({ keyid, expires }: Answer['json']) => [keyid === key.keyid, expires]),
        [
          [false, null],
          [true, ended.expires],
        ],
      );
      const young = aPackageOnDisk({ name: 'rotated', version: '2.0.0' });
      assert.equal((await third.put('rotated', publishDocument(young))).status, 201);
      const { versions } = (await third.get('rotated')).json;
      assert.equal(versions['1.0.0'].dist.signatures[0].keyid, key.keyid);
      assert.equal(versions['2.0.0'].dist.signatures[0].keyid, keys[0].keyid);
      for (const packed of [old, young]) {
        assert.equal((await signatureIn(versions[packed.version], packed, third)).status, 'proved');
      }
    } finally {
      await third.verdaccio.stop();
    }
  });

  it('that others can read keep the registry from starting', async (t) => {
    if (process.platform === 'win32') return t.skip('Windows has access lists instead of modes');
    const first = await aSigningRegistry();
    const { home } = first.verdaccio;
    await first.verdaccio.stop();
    const { chmodSync } = await import('node:fs');
    const folder = join(home, 'storage/.npmsign/keys');
    chmodSync(join(folder, readdirSync(folder)[0] ?? ''), 0o644);
    await assert.rejects(aSigningRegistry({ home }), /open to other users \(mode 644\)/);
  });

  it('are not the only reason: a misspelt option keeps it from starting, too', async () => {
    await assert.rejects(
      aSigningRegistry({ npmsign: { rotateKeysAfterDays: 3 } }),
      /There is no option rotateKeysAfterDays/,
    );
  });
});

async function attestationsOf(packed: Packed): Promise<ReturnType<typeof verifyAttestations>> {
  const { name, version, integrity } = packed;
  const { status, json } = await world.get(`-/npm/v1/attestations/${name.replace('/', '%2f')}@${version}`);
  assert.equal(status, 200);
  return verifyAttestations({
    id: packed,
    integrity: parseIntegrity(integrity),
    response: json,
    trust: parseTrustedRoot(world.sigstore.trustedRoot()),
    keys: [],
  });
}
