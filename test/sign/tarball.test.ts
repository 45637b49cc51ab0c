/** Tarballs and package.json files as honest and hostile hands make them. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';
import { parseManifest } from '../../lib/sign/manifest.ts';
import { readTarball } from '../../lib/sign/tarball.ts';
import { packTarball } from '../support/registry/index.ts';
import { aTempDirectory } from '../support/temp.ts';

const MANIFEST = '{"name":"lib","version":"1.0.0"}';

function written(bytes: Uint8Array): string {
  const path = join(aTempDirectory('tarball'), 'lib-1.0.0.tgz');
  writeFileSync(path, bytes);
  return path;
}

/** One entry of a tar, by hand. */
function entry(
  path: string,
  content: string,
  fields: Partial<ConstructorParameters<typeof Header>[0] & object> = {},
): Buffer {
  const size = Buffer.byteLength(content);
  const header = new Header({ path, mode: 0o644, type: 'File', size, mtime: new Date(0), ...fields });
  const block = Buffer.alloc(512);
  header.encode(block);
  const padded = Buffer.alloc(Math.ceil(size / 512) * 512);
  padded.write(content);
  return Buffer.concat([block, padded]);
}

const END = Buffer.alloc(1024);

describe('a tarball', () => {
  it('is read whole: digest and package.json', async () => {
    const bytes = packTarball({ 'package.json': MANIFEST, 'index.js': 'x'.repeat(100_000) });
    const { sha512, manifest } = await readTarball(written(bytes));
    assert.equal(sha512, createHash('sha512').update(bytes).digest('hex'));
    assert.equal(manifest, MANIFEST);
  });

  it('may name its first folder as it likes, as npm allows', async () => {
    const bytes = gzipSync(Buffer.concat([entry('lib-main/package.json', MANIFEST), END]));
    assert.equal((await readTarball(written(bytes))).manifest, MANIFEST);
  });

  const bomb = Buffer.alloc(64 * 1024 * 1024);
  const refused: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ['that is no gzip', Buffer.from('not a tarball'), /cannot be read \(Z_DATA_ERROR\)/],
    ['that is empty', Buffer.alloc(0), /cannot be read|holds no package\.json/],
    [
      'that is cut short',
      packTarball({ 'package.json': MANIFEST }).subarray(0, -20),
      /cannot be read \(Z_BUF_ERROR\)/,
    ],
    ['that is packed twice', gzipSync(packTarball({ 'package.json': MANIFEST })), /is packed twice/],
    ['without a package.json', packTarball({ 'index.js': '' }), /holds no package\.json/],
    [
      'whose only package.json lies deeper',
      packTarball({ 'lib/package.json': MANIFEST }),
      /holds no package\.json/,
    ],
    [
      'with two, of which an install takes the second',
      gzipSync(
        Buffer.concat([entry('package/package.json', MANIFEST), entry('package/package.json', '{}'), END]),
      ),
      /holds more than one package\.json/,
    ],
    [
      'with two in two folders',
      gzipSync(
        Buffer.concat([entry('package/package.json', MANIFEST), entry('other/package.json', '{}'), END]),
      ),
      /holds more than one package\.json/,
    ],
    ...[
      'package/./package.json',
      'package//package.json',
      'package/Package.JSON',
      'package\\package.json',
    ].map(
      (path) =>
        [
          `with a second one that some systems call the same: ${path}`,
          gzipSync(Buffer.concat([entry('package/package.json', MANIFEST), entry(path, '{}'), END])),
          /holds more than one package\.json/,
        ] as const,
    ),
    [
      'whose package.json is a link',
      gzipSync(
        Buffer.concat([
          entry('package/package.json', '', { type: 'SymbolicLink', linkpath: '/etc/passwd' }),
          END,
        ]),
      ),
      /too large, or no file/,
    ],
    [
      'whose package.json is huge',
      packTarball({ 'package.json': ' '.repeat(2_000_000) }),
      /too large, or no file/,
    ],
    [
      'with a wrong checksum',
      gzipSync(Buffer.concat([entry('package/package.json', MANIFEST).fill('7', 148, 154), END])),
      /cannot be read \(TAR_/,
    ],
    [
      'with more behind its end',
      gzipSync(
        Buffer.concat([
          entry('package/package.json', MANIFEST),
          Buffer.alloc(100_000),
          entry('package/package.json', '{}'),
          END,
        ]),
      ),
      /has something behind its end/,
    ],
    ['that is a bomb of nothing', gzipSync(bomb), /cannot be read|holds no package\.json/],
  ];
  for (const [what, bytes, said] of refused) {
    it(`${what} is refused`, async () => {
      await assert.rejects(readTarball(written(bytes)), { code: 'ARTIFACT_UNREADABLE', message: said });
    });
  }

  it('that is not there, or a folder, is refused', async () => {
    const dir = aTempDirectory('tarball');
    mkdirSync(join(dir, 'folder'));
    await assert.rejects(readTarball(join(dir, 'none.tgz')), { message: /cannot be read \(ENOENT\)/ });
    await assert.rejects(readTarball(join(dir, 'folder')), { message: /cannot be read \(EISDIR\)/ });
  });
});

describe('a package.json', () => {
  it('says what is published, and how', () => {
    const text = JSON.stringify({
      name: '@acme/lib',
      version: 'v1.0.0',
      private: true,
      publishConfig: {
        access: 'restricted',
        registry: 'https://a.example',
        '@acme:registry': 'https://b.example',
        'provenance-file': 'x.json',
      },
    });
    assert.deepEqual(parseManifest(text, 'here'), {
      id: { name: '@acme/lib', version: '1.0.0' },
      isPrivate: true,
      access: 'restricted',
      registry: 'https://b.example',
      provenanceFile: 'x.json',
    });
  });

  const refused: readonly (readonly [string, string, RegExp])[] = [
    ['that is no JSON', '{', /has no name or no version/],
    ['that is a list', '[]', /has no name or no version/],
    ['without a version', '{"name":"lib"}', /has no name or no version/],
    [
      'whose name is a path',
      '{"name":"../lib","version":"1.0.0"}',
      /names no package a registry could hold: \.\.\/lib@1\.0\.0/,
    ],
    ['whose name is hostile', '{"name":"a\\u001b[31m","version":"1.0.0"}', /a\\u\{1b\}\[31m@1\.0\.0/],
    ['whose version is none', '{"name":"lib","version":"latest"}', /names no package/],
    ['whose version is hostile', '{"name":"lib","version":"1.0.0\\n::error::x"}', /names no package/],
    [
      'whose name is __proto__',
      '{"__proto__":{"name":"lib","version":"1.0.0"}}',
      /has no name or no version/,
    ],
  ];
  for (const [what, text, said] of refused) {
    it(`${what} is refused`, () => {
      assert.throws(() => parseManifest(text, 'here'), { code: 'ARTIFACT_UNREADABLE', message: said });
    });
  }
});
