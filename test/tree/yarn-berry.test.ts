/** The lockfile of yarn 3 and later: where a package comes from follows from its resolution, and a resolution nobody asked for is refused. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PackageSource } from '../../lib/model/package.ts';
import type { ParsedPackage } from '../../lib/tree/reader.ts';
import { yarnBerry } from '../../lib/tree/yarn-berry.ts';
import { treeError } from './lockfile.ts';

const HEAD = '__metadata:\n  version: 8\n  cacheKey: 10c0\n\n';
const COMMIT = '0123456789abcdef0123456789abcdef01234567';

type EntryRequest = {
  readonly key?: string;
  readonly resolution?: string;
  readonly version?: string;
  readonly more?: readonly string[];
};

function entry({
  key = 'lib@npm:^1.0.0',
  resolution = 'lib@npm:1.0.0',
  version = '1.0.0',
  more = [],
}: EntryRequest = {}): string {
  const lines = [
    `version: ${version}`,
    `resolution: "${resolution}"`,
    ...more,
    'languageName: node',
    'linkType: hard',
  ];
  return `"${key}":\n${lines.map((line) => `  ${line}\n`).join('')}\n`;
}

function parsed(text: string, manifest?: unknown): readonly ParsedPackage[] {
  return yarnBerry.parse({ text: HEAD + text, file: 'yarn.lock', manifest });
}

describe('the resolution of an entry', () => {
  const cases: readonly (readonly [what: string, key: string, resolution: string, source: PackageSource])[] =
    [
      ['a registry’s', 'lib@npm:^1.0.0', 'lib@npm:1.0.0', { kind: 'registry' }],
      [
        'a registry’s from an address of its own',
        'lib@npm:^1.0.0',
        'lib@npm:1.0.0::__archiveUrl=https%3A%2F%2Fevil.example%2Fx.tgz',
        { kind: 'registry', resolved: 'https://evil.example/x.tgz' },
      ],
      [
        'remote',
        'lib@https://files.example/lib.tgz',
        'lib@https://files.example/lib.tgz',
        { kind: 'remote', resolved: 'https://files.example/lib.tgz' },
      ],
      [
        'remote, whatever its fragment says: an archive has no commit',
        'lib@https://files.example/lib.tgz',
        `lib@https://files.example/lib.tgz#commit=${COMMIT}`,
        { kind: 'remote', resolved: `https://files.example/lib.tgz#commit=${COMMIT}` },
      ],
      [
        'git’s over https',
        'lib@acme/lib',
        `lib@https://github.com/acme/lib.git#commit=${COMMIT}`,
        { kind: 'git', resolved: `https://github.com/acme/lib.git#commit=${COMMIT}` },
      ],
      [
        'git’s over ssh',
        'lib@git@git.example:acme/lib.git',
        `lib@git@git.example:acme/lib.git#commit=${COMMIT}`,
        { kind: 'git', resolved: `git@git.example:acme/lib.git#commit=${COMMIT}` },
      ],
      [
        'a file',
        'lib@file:./vendor/lib.tgz::locator=app%40workspace%3A.',
        'lib@file:./vendor/lib.tgz#./vendor/lib.tgz::hash=1&locator=app%40workspace%3A.',
        { kind: 'file', resolved: 'file:./vendor/lib.tgz' },
      ],
      [
        'a folder',
        'lib@file:./vendor/lib::locator=app%40workspace%3A.',
        'lib@file:./vendor/lib#./vendor/lib::hash=1&locator=app%40workspace%3A.',
        { kind: 'link', path: './vendor/lib' },
      ],
      [
        'a portal',
        'lib@portal:../lib::locator=app',
        'lib@portal:../lib::locator=app',
        { kind: 'link', path: '../lib' },
      ],
      [
        'a workspace',
        'lib@workspace:packages/lib',
        'lib@workspace:packages/lib',
        { kind: 'workspace', path: 'packages/lib' },
      ],
      [
        'a script’s making',
        'lib@exec:./make.js::locator=app',
        'lib@exec:./make.js#./make.js::hash=1&locator=app',
        { kind: 'file', resolved: 'exec:./make.js' },
      ],
    ];
  for (const [what, key, resolution, source] of cases) {
    it(`is ${what}`, () => assert.deepEqual(parsed(entry({ key, resolution }))[0]?.source, source));
  }

  it('of a patch is what lies below it, however deep, and its version is held against that', () => {
    const builtin = 'lib@patch:lib@npm%3A1.0.0#optional!builtin<compat/lib>';
    const twice = `lib@patch:${encodeURIComponent(builtin)}#~/a.patch`;
    for (const [key, place] of [
      [builtin, 'optional!builtin<compat/lib>'],
      [twice, '~/a.patch'],
    ] as const) {
      const [found] = parsed(entry({ key, resolution: `${key}::version=1.0.0&hash=abc` }));
      assert.deepEqual(
        [found?.id, found?.source, found?.patched],
        [{ name: 'lib', version: '1.0.0' }, { kind: 'registry' }, place],
      );
      assert.throws(
        () => parsed(entry({ key, resolution: `${key}::version=1.0.0&hash=abc`, version: '6.6.6' })),
        treeError('LOCKFILE_MALFORMED', /version that is not the one in its resolution/),
      );
    }
  });

  it('depends, when it is a patch, on the entry the patch is laid upon', () => {
    const key = 'lib@patch:lib@npm%3A1.0.0#~/a.patch';
    const found = parsed(entry() + entry({ key, resolution: `${key}::version=1.0.0&hash=abc` }));
    assert.deepEqual(
      found.map(({ dependents }) => dependents),
      [[key], []],
    );
  });

  it('has a hash of yarn’s own archive or none, and says which', () => {
    const gap = (more: readonly string[]) => parsed(entry({ more }))[0]?.integrityGap;
    assert.match(gap(['checksum: 10c0/abc']) ?? '', /the hash of yarn's own archive/);
    assert.match(gap([]) ?? '', /no hash for it at all/);
    assert.equal(
      parsed(entry({ key: 'lib@portal:../lib', resolution: 'lib@portal:../lib' }))[0]?.integrityGap,
      undefined,
    );
  });

  const refused: readonly (readonly [what: string, request: EntryRequest, message: RegExp])[] = [
    ['of an unknown kind', { resolution: 'lib@ftp://evil.example/x' }, /unknown kind: ftp:/],
    [
      'of a repository without a commit',
      { resolution: 'lib@ssh://git@git.example/lib.git' },
      /unknown kind: ssh:/,
    ],
    ['that is a tag', { resolution: 'lib@npm:latest', version: 'latest' }, /not a semantic version/],
    ['that is a range', { resolution: 'lib@npm:^1.0.0', version: '^1.0.0' }, /not a semantic version/],
    ['of another version', { resolution: 'lib@npm:6.6.6' }, /version that is not the one in its resolution/],
    [
      'of another package',
      { resolution: 'evil@npm:1.0.0' },
      /resolution evil@npm:1\.0\.0, which "lib@npm:\^1\.0\.0" does not ask for/,
    ],
    [
      'of another package for one of its keys',
      { key: 'evil@npm:1, lib@npm:^1.0.0', resolution: 'evil@npm:1.0.0' },
      /which "lib@npm/,
    ],
    ['of a name that is a path', { key: '../x@npm:1', resolution: '../x@npm:1.0.0' }, /no name with a range/],
    ['without a name', { resolution: 'npm:1.0.0' }, /no name with a range/],
    [
      'with a broken escape',
      { key: 'lib@patch:lib@npm%3#x', resolution: 'lib@patch:lib@npm%3#x' },
      /broken escape/,
    ],
    ['with patches upon patches', { resolution: patches(12) }, /patches upon patches/],
    [
      'with what yarn 1 would read',
      { more: ['resolved: https://evil.example/x.tgz'] },
      /unknown field "resolved"/,
    ],
    ['with a hidden character', { version: '"1.0.0\\u200b"' }, /control or invisible/],
  ];
  for (const [what, request, message] of refused) {
    it(`is refused ${what}`, () =>
      assert.throws(() => parsed(entry(request)), treeError('LOCKFILE_MALFORMED', message)));
  }

  it('is refused when it is not there', () => {
    assert.throws(
      () => parsed('"lib@npm:1":\n  version: 1.0.0\n'),
      treeError('LOCKFILE_MALFORMED', /yarn\.lock:5: .* has no resolution/),
    );
    assert.throws(() => parsed('"lib@npm:1": x\n'), treeError('LOCKFILE_MALFORMED', /not an object/));
  });
});

function patches(depth: number): string {
  let text = 'lib@npm:1.0.0';
  for (let level = 0; level < depth; level++) text = `lib@patch:${encodeURIComponent(text)}#x`;
  return text;
}

describe('an alias', () => {
  it('is what a descriptor asks for by name', () => {
    const [found] = parsed(entry({ key: 'stand@npm:lib@^1.0.0', resolution: 'lib@npm:1.0.0' }));
    assert.deepEqual([found?.id.name, found?.alias], ['lib', 'stand']);
    const [both] = parsed(entry({ key: 'lib@npm:^1.0.0, stand@npm:lib@^1.0.0' }));
    assert.deepEqual([both?.id.name, both?.alias], ['lib', undefined]);
  });

  it('is none when the name only begins alike', () => {
    assert.throws(
      () => parsed(entry({ key: 'stand@npm:li@^1.0.0' })),
      treeError('LOCKFILE_MALFORMED', /which .* does not ask for/),
    );
  });
});

describe('entries', () => {
  it('may not say the same twice', () => {
    assert.throws(() => parsed(entry() + entry()), treeError('LOCKFILE_MALFORMED', /has the key .* twice/));
    assert.throws(
      () => parsed(entry() + entry({ key: 'lib@npm:^1.0.0, lib@npm:1' })),
      treeError('LOCKFILE_MALFORMED', /descriptor lib@npm:\^1\.0\.0" in two entries/),
    );
    assert.throws(
      () => parsed(entry() + entry({ key: 'lib@npm:1' })),
      treeError('LOCKFILE_MALFORMED', /resolution lib@npm:1\.0\.0" in two entries/),
    );
    const project = { key: 'a@workspace:.', resolution: 'a@workspace:.' };
    assert.deepEqual(parsed(entry(project)), []);
    assert.throws(
      () => parsed(entry(project) + entry({ key: 'b@workspace:.', resolution: 'b@workspace:.' })),
      treeError('LOCKFILE_MALFORMED', /the project itself" in two entries/),
    );
  });

  it('named __proto__ or constructor are entries like any other', () => {
    const keys = ['constructor@npm:1', '@acme/__proto__@npm:1'];
    const text = keys.map((key) => entry({ key, resolution: key.replace('npm:1', 'npm:1.0.0') })).join('');
    assert.deepEqual(
      parsed(text).map(({ key }) => key),
      keys,
    );
  });

  it('are reached by descriptors, by ranges without a protocol, and otherwise by name', () => {
    const dependencies = [
      'dependencies:',
      '  a: ^1.0.0',
      '  b: "npm:^1.0.0"',
      '  c: "catalog:"',
      '  d: ^9.0.0',
    ];
    const text =
      entry({
        key: 'app@workspace:.',
        resolution: 'app@workspace:.',
        more: [...dependencies, 'dependenciesMeta:', '  b:', '    optional: true'],
      }) +
      ['a', 'b', 'c', 'd']
        .map((name) => entry({ key: `${name}@npm:^1.0.0`, resolution: `${name}@npm:1.0.0` }))
        .join('');
    const manifest = { dependencies: { a: '1', b: '1', c: '1' }, devDependencies: { c: '1', d: '1' } };
    assert.deepEqual(
      parsed(text, manifest).map(({ dependents, use }) => [...dependents, use]),
      [
        ['', 'production'],
        ['', 'production'],
        ['', 'production'],
        ['', 'development'],
      ],
    );
  });
});

describe('the version of the format', () => {
  for (const version of ['6', '8', '10'])
    it(`${version} is read`, () =>
      assert.deepEqual(
        yarnBerry.parse({
          text: `__metadata:\n  version: ${version}\n`,
          file: 'yarn.lock',
          manifest: undefined,
        }),
        [],
      ));
  for (const text of [
    '__metadata:\n  version: 4\n',
    '__metadata:\n  version: 11\n',
    '__metadata: {}\n',
    '"a@npm:1": {}\n',
  ])
    it(`is refused: ${JSON.stringify(text)}`, () =>
      assert.throws(
        () => yarnBerry.parse({ text, file: 'yarn.lock', manifest: undefined }),
        treeError('LOCKFILE_VERSION', /reads 6 to 10, and 1 of yarn 1/),
      ));
});
