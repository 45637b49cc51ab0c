/** Tests of reading publish documents and paths: what is taken for a publish, and what is refused. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { listingOf } from '../../lib/verdaccio/announce.ts';
import { attestedAt, packageAt } from '../../lib/verdaccio/paths.ts';
import { parsePublication } from '../../lib/verdaccio/publication.ts';
import { aPackageOnDisk, integrityOf, publishDocument } from './world.ts';

const packed = aPackageOnDisk({ name: '@acme/lib', version: '1.2.3' });
const ordinary = publishDocument(packed, { a: 'bundle' });

describe('a publish document', () => {
  it('is read: the bytes sent, the bundle, and the document without it', () => {
    const read = parsePublication(ordinary, '@acme/lib');
    assert.equal(read.kind, 'publication');
    if (read.kind !== 'publication') return;
    assert.deepEqual(read.release, {
      id: { name: '@acme/lib', version: '1.2.3' },
      integrity: packed.integrity,
    });
    assert.deepEqual(read.attestation, { bundle: { a: 'bundle' } });
    assert.deepEqual(read.document, publishDocument(packed));
  });

  it('needs no bundle, and no integrity of its own', () => {
    const read = parsePublication(publishDocument(packed), '@acme/lib');
    assert.equal(read.kind === 'publication' && read.attestation, undefined);
    const versions = { '1.2.3': { name: '@acme/lib', version: '1.2.3', dist: { shasum: 'x' } } };
    assert.equal(parsePublication({ ...ordinary, versions }, '@acme/lib').kind, 'publication');
  });

  const version = ordinary.versions['1.2.3'];
  const [tarball, bundle] = Object.entries(ordinary._attachments);
  const attachments = (...entries: readonly (readonly [string, unknown] | undefined)[]) => ({
    _attachments: Object.fromEntries(entries.filter((entry) => entry !== undefined)),
  });
  const malformed: readonly (readonly [string, object])[] = [
    ['another name', { name: '@acme/other' }],
    ['two versions', { versions: { '1.2.3': version, '1.2.4': version } }],
    ['no version', { versions: {} }],
    ['a version under another number', { versions: { '1.2.4': version } }],
    ['a version that is none', { versions: { '../1': { ...version, version: '../1' } } }],
    ['a manifest of another name', { versions: { '1.2.3': { ...version, name: 'lib' } } }],
    [
      'other bytes than it states',
      { versions: { '1.2.3': { ...version, dist: { integrity: integrityOf(Buffer.from('other')) } } } },
    ],
    ['a bundle without a tarball', attachments(bundle)],
    ['two tarballs', attachments(tarball, ['@acme/lib-1.2.4.tgz', tarball?.[1]])],
    ['two bundles', attachments(tarball, bundle, ['x.sigstore.json', bundle?.[1]])],
    ['a tarball without bytes', attachments(['x.tgz', { data: '' }])],
    ['a bundle that is not JSON', attachments(tarball, ['x.sigstore', { data: '{' }])],
    ['a bundle in base64', attachments(tarball, ['x.sigstore', { data: 'e30=' }])],
  ];
  for (const [what, change] of malformed) {
    it(`is refused with ${what}`, () => {
      assert.equal(parsePublication({ ...ordinary, ...change }, '@acme/lib').kind, 'malformed');
    });
  }

  for (const [what, json] of [
    ['a deprecation', { name: 'lib', versions: { '1.0.0': {} } }],
    ['a star', { users: {} }],
    ['no object', 'text'],
    ['nothing', null],
    ['empty attachments', { ...ordinary, _attachments: {} }],
  ] as const) {
    it(`is not ${what}`, () => assert.equal(parsePublication(json, '@acme/lib').kind, 'other'));
  }
});

describe('the paths', () => {
  for (const [path, name] of [
    ['/lib', 'lib'],
    ['/@acme%2flib', '@acme/lib'],
    ['/@acme%2Flib', '@acme/lib'],
    ['/@acme/lib', '@acme/lib'],
    ['/%40acme%2flib', '@acme/lib'],
    ['/lib/-rev/1-2', undefined],
    ['/lib/-/lib-1.0.0.tgz', undefined],
    ['/-/user/org.couchdb.user:alice', undefined],
    ['/%zz', undefined],
    ['/..', undefined],
  ] as const) {
    it(`${path} publishes ${name ?? 'nothing'}`, () => assert.equal(packageAt(path), name));
  }

  const base = '/-/npm/v1/attestations/';
  for (const [path, id] of [
    [`${base}lib@1.0.0`, { name: 'lib', version: '1.0.0' }],
    [`${base}@acme%2flib@1.0.0`, { name: '@acme/lib', version: '1.0.0' }],
    [`${base}@acme/lib@1.0.0-rc.1`, { name: '@acme/lib', version: '1.0.0-rc.1' }],
    [`${base}lib`, 'malformed'],
    [`${base}lib@latest`, 'malformed'],
    [`${base}..%2f..%2flib@1.0.0`, 'malformed'],
    [`${base}%zz@1.0.0`, 'malformed'],
    ['/-/npm/v1/keys', undefined],
  ] as const) {
    it(`${path} is about ${JSON.stringify(id)}`, () => assert.deepEqual(attestedAt(path), id));
  }
});

describe('a served document', () => {
  const integrity = packed.integrity;
  const manifest = {
    name: '@acme/lib',
    version: '1.2.3',
    dist: {
      integrity,
      tarball: 'https://npm.acme.example/npm/@acme%2flib/-/lib-1.2.3.tgz',
      signatures: ['old'],
    },
  };
  const said = {
    signature: { keyid: 'k', sig: 's' },
    predicateTypes: ['https://slsa.dev/provenance/v1'],
  };

  it('is written into where the release is known, at the address the tarball has', () => {
    const listing = listingOf(manifest);
    assert.deepEqual(Object(listing?.with(new Map([['1.2.3', said]]))).dist, {
      integrity,
      tarball: manifest.dist.tarball,
      signatures: [said.signature],
      attestations: {
        url: 'https://npm.acme.example/npm/-/npm/v1/attestations/@acme%2Flib@1.2.3',
        provenance: { predicateType: 'https://slsa.dev/provenance/v1' },
      },
    });
  });

  it('stays as it is where it is not', () => {
    const packument = {
      name: '@acme/lib',
      versions: { '1.2.3': manifest, '2.0.0': { odd: true } },
      time: {},
    };
    assert.deepEqual(listingOf(packument)?.with(new Map()), packument);
    assert.deepEqual(listingOf(packument)?.releases, [
      { id: { name: '@acme/lib', version: '1.2.3' }, integrity },
    ]);
  });

  for (const json of [null, [], 'text', { ok: true }, { name: 3, versions: {} }]) {
    it(`is no listing: ${JSON.stringify(json)}`, () => assert.equal(listingOf(json), undefined));
  }
});
