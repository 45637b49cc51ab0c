/** bun's lockfile: what bun would install is judged, by the name the project knows it by unless somebody asked for another. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PackageSource } from '../../lib/model/package.ts';
import { bun } from '../../lib/tree/bun.ts';
import type { ParsedPackage } from '../../lib/tree/reader.ts';
import { anIntegrity } from '../support/builders.ts';
import { treeError } from './lockfile.ts';

const HASH = anIntegrity('lib').text;
const COMMIT = '0123456789abcdef0123456789abcdef01234567';

type Lock = Readonly<Record<string, unknown>>;

function entry(id: string, info: Lock = {}): readonly unknown[] {
  return [id, '', info, HASH];
}

function textOf(packages: Lock, more: Lock = {}): string {
  const workspaces = { '': { name: 'app', dependencies: { lib: '^1.0.0' } } };
  return JSON.stringify({ lockfileVersion: 1, workspaces, ...more, packages }, null, 2);
}

function parsed(packages: Lock, more: Lock = {}): ReadonlyMap<string, ParsedPackage> {
  return parsedText(textOf(packages, more));
}

function parsedText(text: string): ReadonlyMap<string, ParsedPackage> {
  const packages = bun.parse({ text, file: 'bun.lock', manifest: undefined });
  return new Map(packages.map((pkg) => [pkg.key, pkg]));
}

describe('an entry of bun’s', () => {
  const cases: readonly (readonly [what: string, value: readonly unknown[], source: PackageSource])[] = [
    ['the default registry’s', entry('lib@1.0.0'), { kind: 'registry' }],
    [
      'a registry’s, wherever its tarball lies',
      ['lib@1.0.0', 'https://evil.example/x.tgz', {}, HASH],
      { kind: 'registry', resolved: 'https://evil.example/x.tgz' },
    ],
    [
      'remote',
      ['lib@https://files.example/x.tgz', {}, HASH],
      { kind: 'remote', resolved: 'https://files.example/x.tgz' },
    ],
    ['a file', ['lib@vendor/lib.tgz', {}, HASH], { kind: 'file', resolved: 'file:vendor/lib.tgz' }],
    ['a folder', ['lib@file:vendor/lib', {}], { kind: 'link', path: 'vendor/lib' }],
    ['a link', ['lib@link:../lib', {}], { kind: 'link', path: '../lib' }],
    ['the project itself', ['lib@root:', {}], { kind: 'link', path: '.' }],
    ['a workspace', ['lib@workspace:packages/lib'], { kind: 'workspace', path: 'packages/lib' }],
    [
      'a workspace of an older bun',
      ['lib@workspace:packages/lib', {}],
      { kind: 'workspace', path: 'packages/lib' },
    ],
    [
      'git’s',
      [`lib@git+https://git.example/lib.git#${COMMIT}`, {}, COMMIT],
      { kind: 'git', resolved: `git+https://git.example/lib.git#${COMMIT}` },
    ],
    [
      'a git host’s',
      ['lib@github:acme/lib#0123456', {}, 'acme-lib-0123456'],
      { kind: 'git', resolved: 'github:acme/lib#0123456' },
    ],
  ];
  for (const [what, value, source] of cases) {
    it(`is ${what}`, () => assert.deepEqual(parsed({ lib: value }).get('lib')?.source, source));
  }

  it('has the hash bun checks; an empty one bun does not check', () => {
    const hash = (value: readonly unknown[]) => parsed({ lib: value }).get('lib')?.integrity?.text;
    assert.equal(hash(entry('lib@1.0.0')), HASH);
    assert.equal(hash(['lib@1.0.0', '', {}, '']), undefined);
    assert.equal(hash(['lib@1.0.0', '', {}, 'anything']), 'anything');
    assert.equal(hash(['lib@https://files.example/x.tgz', {}, HASH]), HASH);
    assert.equal(hash(['lib@https://files.example/x.tgz', {}]), undefined);
  });

  it('has commands and scripts as far as its version tells them', () => {
    const found = (info: Lock, lockfileVersion: number) => {
      const pkg = parsed({ lib: entry('lib@1.0.0', info) }, { lockfileVersion }).get('lib');
      return [pkg?.bins, pkg?.hasInstallScript];
    };
    assert.deepEqual(found({}, 1), [[], undefined]);
    assert.deepEqual(found({}, 2), [[], false]);
    assert.deepEqual(found({ bin: { node: 'x.js' }, hasInstallScript: true }, 2), [['node'], true]);
    assert.deepEqual(found({ bin: 'x.js' }, 2), [['lib'], false]);
    assert.deepEqual(found({ binDir: 'bin' }, 2), [['*'], false]);
  });

  const refused: readonly (readonly [what: string, key: string, value: unknown, message: RegExp])[] = [
    ['it is an object', 'lib', {}, /not a list/],
    ['it is empty', 'lib', [], /without name and version/],
    ['its hash is missing', 'lib', ['lib@1.0.0', '', {}], /registry, facts and hash/],
    ['its facts are missing', 'lib', ['lib@1.0.0', '', HASH], /registry, facts and hash/],
    ['there is more than that', 'lib', [...entry('lib@1.0.0'), 'x'], /registry, facts and hash/],
    ['its hash is a number', 'lib', ['lib@1.0.0', '', {}, 7], /registry, facts and hash/],
    ['its name is missing', 'lib', entry('1.0.0'), /which has no name/],
    ['its name is a path', 'lib', entry('../../evil@1.0.0'), /which has no name/],
    ['its version is a range', 'lib', entry('lib@^1.0.0'), /facts and hash|unknown kind/],
    ['its version is a tag', 'lib', ['lib@latest', {}], /unknown kind: latest/],
    ['its kind is unknown', 'lib', ['lib@ftp://evil.example/x', {}], /unknown kind: ftp:/],
    ['its key is a path', '../lib', entry('lib@1.0.0'), /no path of package names/],
    ['its key is empty', '', entry('lib@1.0.0'), /no path of package names/],
    ['its key is a scope', '@acme', entry('@acme/lib@1.0.0'), /no path of package names/],
    [
      'its key is deeper than any',
      Array.from({ length: 65 }, () => 'a').join('/'),
      entry('lib@1.0.0'),
      /no path of package names/,
    ],
    ['its key has a hidden character', 'li\u200bb', entry('lib@1.0.0'), /control or invisible/],
    ['its bin is a number', 'lib', entry('lib@1.0.0', { bin: 7 }), /bin that is neither/],
    [
      'its dependencies are a list',
      'lib',
      entry('lib@1.0.0', { dependencies: [] }),
      /dependencies that are not an object/,
    ],
  ];
  for (const [what, key, value, message] of refused) {
    it(`is refused when ${what}, with its line`, () => {
      assert.throws(
        () => parsed({ other: entry('other@1.0.0'), [key]: value }),
        treeError('LOCKFILE_MALFORMED', message),
      );
      assert.throws(() => parsed({ other: entry('other@1.0.0'), [key]: value }), /bun\.lock:18: /);
    });
  }
});

describe('the nesting of keys', () => {
  it('says who gets what, as node finds it', () => {
    const found = parsed({
      lib: entry('lib@1.0.0', { dependencies: { '@acme/x': '1', tiny: '1' } }),
      '@acme/x': entry('@acme/x@1.0.0', { dependencies: { tiny: '1' } }),
      tiny: entry('tiny@1.0.0'),
      '@acme/x/tiny': entry('tiny@2.0.0'),
    });
    assert.deepEqual(found.get('tiny')?.dependents, ['lib']);
    assert.deepEqual(found.get('@acme/x/tiny')?.dependents, ['@acme/x']);
  });

  it('of a workspace begins with its name', () => {
    const workspaces = {
      '': {},
      'packages/web': { name: 'web', version: '0.1.0', devDependencies: { tiny: '1' } },
    };
    const found = parsed(
      { web: ['web@workspace:packages/web'], tiny: entry('tiny@1.0.0'), 'web/tiny': entry('tiny@2.0.0') },
      { workspaces },
    );
    assert.deepEqual(found.get('web')?.id, { name: 'web', version: '0.1.0' });
    assert.deepEqual(
      [found.get('web/tiny')?.dependents, found.get('web/tiny')?.use],
      [['web'], 'development'],
    );
    assert.deepEqual(found.get('web')?.dependents, ['']);
  });
});

describe('a bundled package', () => {
  const inner = entry('inner@1.0.0', { bundled: true });
  const kinds = (around: readonly unknown[], value = inner) =>
    parsed({ lib: around, 'lib/inner': value, inner: value }).get('lib/inner')?.source;

  it('lies in the archive around it', () => {
    assert.deepEqual(kinds(entry('lib@1.0.0')), { kind: 'bundled', inside: 'lib' });
    assert.equal(
      parsed({ lib: entry('lib@1.0.0'), 'lib/inner': inner }).get('lib/inner')?.integrity,
      undefined,
    );
  });

  it('is fetched, and judged, where there is no archive around it', () => {
    for (const around of [
      ['lib@workspace:packages/lib'],
      ['lib@file:vendor/lib', {}],
      ['lib@link:../lib', {}],
    ])
      assert.deepEqual(kinds(around), { kind: 'registry' });
    assert.deepEqual(parsed({ lib: entry('lib@1.0.0'), inner }).get('inner')?.source, { kind: 'registry' });
    assert.deepEqual(kinds(entry('lib@1.0.0'), entry('inner@1.0.0')), { kind: 'registry' });
  });
});

describe('another package under a name', () => {
  const swap = { lib: entry('evil@6.6.6') };
  const found = (more: Lock) => {
    const pkg = parsed(swap, more).get('lib');
    return [pkg?.id.name, pkg?.alias];
  };

  it('is an alias when somebody asks for it', () => {
    const asking = (spec: string) => ({ workspaces: { '': { dependencies: { lib: spec } } } });
    assert.deepEqual(found(asking('npm:evil@^6')), ['evil', 'lib']);
    assert.deepEqual(found({ overrides: { lib: 'npm:evil@^6' } }), ['evil', 'lib']);
    assert.deepEqual(found({ ...asking('catalog:'), catalog: { lib: 'npm:evil@^6' } }), ['evil', 'lib']);
    assert.deepEqual(found({ ...asking('catalog:a'), catalogs: { a: { lib: 'npm:evil@^6' } } }), [
      'evil',
      'lib',
    ]);
  });

  it('is otherwise a swap, and judged as what was asked for', () => {
    const asking = (spec: string) => ({ workspaces: { '': { dependencies: { lib: spec } } } });
    for (const more of [
      {},
      asking('npm:evi@^6'),
      { ...asking('catalog:b'), catalogs: { a: { lib: 'npm:evil@^6' } } },
      { ...asking('catalog:__proto__'), catalogs: {} },
      { catalog: { lib: 'npm:evil@^6' } },
    ])
      assert.deepEqual(found(more), ['lib', undefined]);
  });
});

describe('the text of bun.lock', () => {
  it('may have commas before closing brackets, and knows the line of each key', () => {
    const text =
      '{\n  "lockfileVersion": 1,\n  "workspaces": {},\n  "packages": {\n    "lib": ["lib@1.0.0", "", {}, ",]}\\"",\n ],\n\n    "b": ["b@1.0.0", "", {}, "", ],\n  },\n}\n';
    assert.deepEqual(
      [...parsedText(text)].map(([key, { line }]) => [key, line]),
      [
        ['lib', 5],
        ['b', 8],
      ],
    );
    assert.equal(parsedText(text).get('lib')?.integrity?.text, ',]}"');
    assert.equal(parsedText(`\ufeff${text.replaceAll('\n', '\r\n')}`).size, 2);
  });

  const refused: readonly (readonly [what: string, text: string, message: RegExp])[] = [
    ['a comment', textOf({}).replace('{', '{ // x\n'), /not JSON/],
    ['single quotes', textOf({}).replaceAll('"', "'"), /not JSON/],
    ['two commas', textOf({ lib: entry('lib@1.0.0') }).replace('"",', '"",,'), /not JSON/],
    ['a comma alone', '{,}', /not JSON/],
    ['half a file', textOf({}).slice(0, -2), /not JSON/],
    ['a list', '[]', /not a JSON object/],
    ['no packages', '{"lockfileVersion": 1, "workspaces": {}}', /no packages object/],
    ['no workspaces', '{"lockfileVersion": 1, "packages": {}}', /no workspaces object/],
    [
      'a key twice',
      '{"lockfileVersion": 1, "workspaces": {},\n"packages": {"a": [],\n"a": []}}',
      /bun\.lock:3 has the key "a" twice/,
    ],
    [
      'a key twice, further in',
      textOf({}).replace('"name": "app"', '"name": "app", "name": "b"'),
      /has the key "name" twice/,
    ],
  ];
  for (const [what, text, message] of refused) {
    it(`may not have ${what}`, () =>
      assert.throws(() => parsedText(text), treeError('LOCKFILE_MALFORMED', message)));
  }

  for (const version of ['3', '"1"', '-1', 'null'])
    it(`of version ${version} is refused by name`, () =>
      assert.throws(
        () => parsedText(textOf({}).replace(': 1', `: ${version}`)),
        treeError('LOCKFILE_VERSION', /reads 0, 1 and 2/),
      ));

  it('named __proto__ is refused, and constructor is a name like any other', () => {
    const text = (key: string) => textOf({ x: entry(`${key}@1.0.0`) }).replace('"x"', `"${key}"`);
    assert.deepEqual([...parsedText(text('constructor')).keys()], ['constructor']);
    assert.throws(
      () => parsedText(text('__proto__')),
      treeError('LOCKFILE_MALFORMED', /no path of package names/),
    );
  });
});
