/** Where pnpm gets a package from follows from its resolution, and what is not an honest entry is refused. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PackageSource } from '../../lib/model/package.ts';
import { anIntegrity } from '../support/builders.ts';
import { treeError } from './lockfile.ts';
import { type PnpmParts, parsedPnpm, pnpmText, RESOLUTION } from './pnpm-lock.ts';

const HASH = `integrity: ${anIntegrity('lib').text}`;
const COMMIT = '0123456789abcdef0123456789abcdef01234567';

function sourceOf(key: string, fields: readonly string[], parts: PnpmParts = {}): PackageSource | undefined {
  return parsedPnpm(pnpmText({ packages: { [key]: fields }, wants: {}, ...parts })).get(key)?.source;
}

describe('the resolution of an entry', () => {
  const cases: readonly (readonly [what: string, key: string, resolution: string, source: PackageSource])[] =
    [
      ['a hash alone is a registry’s', 'lib@1.0.0', `{${HASH}}`, { kind: 'registry' }],
      [
        'a tarball beside a version is a registry’s, wherever it lies: it stands against what the registry lists',
        'lib@1.0.0',
        `{${HASH}, tarball: https://evil.example/lib.tgz}`,
        { kind: 'registry', resolved: 'https://evil.example/lib.tgz' },
      ],
      [
        'a tarball beside an address is a remote one',
        'lib@https://files.example/lib.tgz',
        `{${HASH}, tarball: https://files.example/lib.tgz}`,
        { kind: 'remote', resolved: 'https://files.example/lib.tgz' },
      ],
      [
        'an archive of a commit is git’s',
        `lib@https://codeload.github.com/acme/lib/tar.gz/${COMMIT}`,
        `{tarball: https://codeload.github.com/acme/lib/tar.gz/${COMMIT}}`,
        { kind: 'git', resolved: `https://codeload.github.com/acme/lib/tar.gz/${COMMIT}` },
      ],
      [
        'what pnpm would prepare like a repository is git’s, whatever its key says',
        'lib@1.0.0',
        '{gitHosted: true, tarball: https://evil.example/lib.tgz}',
        { kind: 'git', resolved: 'https://evil.example/lib.tgz' },
      ],
      [
        'a repository is git’s, whatever its key says',
        'lib@1.0.0',
        `{type: git, repo: https://git.example/lib.git, commit: ${COMMIT}, path: /packages/lib}`,
        { kind: 'git', resolved: `https://git.example/lib.git#${COMMIT}&path:/packages/lib` },
      ],
      [
        'a file is a file',
        'lib@file:vendor/lib.tgz',
        `{${HASH}, tarball: file:vendor/lib.tgz}`,
        { kind: 'file', resolved: 'file:vendor/lib.tgz' },
      ],
      [
        'a file in the key is what pnpm opens, also without a tarball',
        'lib@file:vendor/lib.tgz',
        `{${HASH}}`,
        { kind: 'file', resolved: 'file:vendor/lib.tgz' },
      ],
      [
        'a folder is the project’s own, whatever its key says',
        'lib@1.0.0',
        '{type: directory, directory: vendor/lib}',
        { kind: 'link', path: 'vendor/lib' },
      ],
      [
        'a binary is a remote one',
        'node@runtime:24.0.0',
        `{type: binary, url: https://files.example/node.tgz, ${HASH}}`,
        { kind: 'remote', resolved: 'https://files.example/node.tgz' },
      ],
      [
        'a registry that only pnpm’s settings know is a place of its own',
        'lib@work:1.0.0',
        `{${HASH}}`,
        { kind: 'remote', resolved: 'work:1.0.0' },
      ],
    ];
  for (const [what, key, resolution, source] of cases) {
    it(`says: ${what}`, () => assert.deepEqual(sourceOf(key, [`resolution: ${resolution}`]), source));
  }

  it('says: a folder that is a workspace is one, also where pnpm copies it', () => {
    const importers = ['packages/lib:', '  dependencies: {}'];
    const resolution = ['resolution: {type: directory, directory: packages/lib}'];
    assert.deepEqual(sourceOf('lib@file:packages/lib', resolution, { importers }), {
      kind: 'workspace',
      path: 'packages/lib',
    });
  });

  it('may be left out for a folder, and for nothing else', () => {
    const text = (key: string) => pnpmText({ wants: {}, packages: {}, snapshots: { [key]: [] } });
    assert.deepEqual(parsedPnpm(text('lib@file:vendor/lib')).get('lib@file:vendor/lib')?.source, {
      kind: 'link',
      path: 'vendor/lib',
    });
    for (const key of ['lib@1.0.0', 'lib@file:vendor/lib.tgz', 'lib@https://files.example/lib.tgz'])
      assert.throws(() => parsedPnpm(text(key)), treeError('LOCKFILE_MALFORMED', /has no resolution/));
  });

  it('of several archives, one for each system, says so where a hash would stand', () => {
    const text = pnpmText({
      wants: {},
      packages: { 'node@runtime:24.0.0': ['resolution: {type: variations, variants: []}'] },
    });
    const found = parsedPnpm(text).get('node@runtime:24.0.0');
    assert.match(found?.integrityGap ?? '', /one archive for each platform/);
    assert.equal(found?.source.kind, 'remote');
  });

  const refused: readonly (readonly [
    what: string,
    key: string,
    fields: readonly string[],
    message: RegExp,
  ])[] = [
    ['of an unknown type', 'lib@1.0.0', ["resolution: {type: 'custom:evil'}"], /unknown type custom:evil/],
    [
      'with an unknown field',
      'lib@1.0.0',
      [`resolution: {${HASH}, revision: 2}`],
      /unknown field "revision"/,
    ],
    ['that is a text', 'lib@1.0.0', ['resolution: lib'], /resolution that is not an object/],
    ['whose hash is a list', 'lib@1.0.0', ['resolution: {integrity: [a]}'], /integrity that is not a text/],
    [
      'without a commit',
      'lib@1.0.0',
      ['resolution: {type: git, repo: https://git.example/x}'],
      /without commit/,
    ],
    [
      'with neither version nor tarball',
      'lib@https://files.example/lib.tgz',
      [RESOLUTION],
      /neither a version nor a tarball/,
    ],
    ['of a tag', 'lib@latest', [RESOLUTION], /neither a version nor a tarball/],
    ['of a version with a v', 'lib@v1.0.0', [RESOLUTION], /neither a version nor a tarball/],
    ['of a name that is a path', '../../evil@1.0.0', [RESOLUTION], /no registry can hold/],
    ['of a name that is an address', 'https://evil.example/x@1.0.0', [RESOLUTION], /no registry can hold/],
    [
      'with another version, which pnpm would ask for',
      'lib@1.0.0',
      [RESOLUTION, 'version: 6.6.6'],
      /version of its own/,
    ],
    ['with another name', 'lib@1.0.0', [RESOLUTION, 'name: evil'], /name of its own/],
    ['with another identity', 'lib@1.0.0', [RESOLUTION, 'id: evil@6.6.6'], /id besides its key/],
    ['with a field pnpm does not write', 'lib@1.0.0', [RESOLUTION, 'scripts: {}'], /unknown field "scripts"/],
    [
      'with dependencies in the wrong place, which pnpm would obey',
      'lib@1.0.0',
      [RESOLUTION, 'dependencies: {evil: 6.6.6}'],
      /unknown field "dependencies"/,
    ],
    [
      'with a hidden character',
      'lib@1.0.0',
      ['resolution: {integrity: "sha512-\\u202e"}'],
      /control or invisible/,
    ],
  ];
  for (const [what, key, fields, message] of refused) {
    it(`is refused ${what}, with its line`, () => {
      const text = pnpmText({ wants: {}, packages: { [key]: fields } });
      assert.throws(() => parsedPnpm(text), treeError('LOCKFILE_MALFORMED', message));
      assert.throws(() => parsedPnpm(text), /pnpm-lock\.yaml:\d+: ".*" has/);
    });
  }

  it('in a snapshot is refused: pnpm would lay it under the package', () => {
    const snapshots = { 'lib@1.0.0': ['resolution: {type: directory, directory: evil}'] };
    assert.throws(
      () => parsedPnpm(pnpmText({ snapshots })),
      treeError('LOCKFILE_MALFORMED', /unknown field "resolution"/),
    );
  });
});

describe('an entry', () => {
  it('is told from others by its peers and its patch, and is still the package of its name', () => {
    const keys = ['lib@1.0.0', 'lib@1.0.0(host@2.0.0)', 'lib@1.0.0(patch_hash=abc)(host@2.0.0(a@1.0.0))'];
    const snapshots = Object.fromEntries(keys.map((key) => [key, []]));
    const found = parsedPnpm(pnpmText({ wants: {}, packages: { 'lib@1.0.0': [RESOLUTION] }, snapshots }));
    assert.deepEqual([...found.keys()], keys);
    for (const { id } of found.values()) assert.deepEqual(id, { name: 'lib', version: '1.0.0' });
    assert.deepEqual(
      [...found.values()].map(({ patched }) => patched),
      [undefined, undefined, 'patch abc'],
    );
  });

  it('that nothing installs is judged all the same', () => {
    const packages = { 'lib@1.0.0': [RESOLUTION], 'unused@1.0.0': [RESOLUTION] };
    assert.deepEqual(
      [...parsedPnpm(pnpmText({ packages, snapshots: { 'lib@1.0.0': [] } })).keys()],
      ['lib@1.0.0', 'unused@1.0.0'],
    );
  });

  it('named __proto__ or constructor is an entry like any other', () => {
    const packages = { 'constructor@1.0.0': [RESOLUTION], '@acme/__proto__@1.0.0': [RESOLUTION] };
    assert.deepEqual([...parsedPnpm(pnpmText({ wants: {}, packages })).keys()], Object.keys(packages));
    assert.throws(
      () => parsedPnpm(pnpmText({ wants: {}, packages: { '__proto__@1.0.0': [RESOLUTION] } })),
      treeError('LOCKFILE_MALFORMED', /__proto__, which no registry can hold/),
    );
  });
});

describe('another package under a dependency’s name', () => {
  const evil = { packages: { 'evil@6.6.6': [RESOLUTION] } };
  const accepted: readonly (readonly [what: string, parts: PnpmParts])[] = [
    ['its specifier', { wants: { lib: ['npm:evil@^6.0.0', 'evil@6.6.6'] } }],
    ['an override', { wants: { lib: ['^1.0.0', 'evil@6.6.6'] }, top: ['overrides:', '  lib: npm:evil@^6'] }],
    [
      'its catalog',
      {
        wants: { lib: ['catalog:', 'evil@6.6.6'] },
        top: ['catalogs: {default: {lib: {specifier: npm:evil@^6, version: 6.6.6}}}'],
      },
    ],
    ['a workspace’s alias', { wants: { lib: ['workspace:evil@*', 'evil@6.6.6'] } }],
  ];
  for (const [what, parts] of accepted) {
    it(`is an alias when ${what} asks for it`, () => {
      const found = parsedPnpm(pnpmText({ ...evil, ...parts })).get('evil@6.6.6');
      assert.deepEqual([found?.id.name, found?.alias], ['evil', 'lib']);
    });
  }

  const refused: readonly (readonly [what: string, parts: PnpmParts])[] = [
    ['its specifier asks for a version', { wants: { lib: ['^1.0.0', 'evil@6.6.6'] } }],
    ['its specifier asks for a third', { wants: { lib: ['npm:evi@^6.0.0', 'evil@6.6.6'] } }],
    [
      'only a comment asks for it',
      { wants: { lib: ['^1.0.0', 'evil@6.6.6'] }, top: ['# overrides: {lib: npm:evil@^6}'] },
    ],
    [
      'another catalog does',
      {
        wants: { lib: ['catalog:b', 'evil@6.6.6'] },
        top: ['catalogs: {a: {lib: {specifier: npm:evil@^6, version: 6.6.6}}}'],
      },
    ],
    ['the workspace does not', { wants: { lib: ['workspace:*', 'evil@6.6.6'] } }],
  ];
  for (const [what, parts] of refused) {
    it(`is a swap when ${what}, which pnpm itself would install`, () => {
      assert.throws(
        () => parsedPnpm(pnpmText({ ...evil, ...parts })),
        treeError('LOCKFILE_MALFORMED', /evil in the place of "lib: .*", which does not ask for it/),
      );
    });
  }

  it('is refused when the name is a path', () => {
    assert.throws(
      () => parsedPnpm(pnpmText({ wants: { '../../lib': ['^1.0.0', '1.0.0'] } })),
      treeError('LOCKFILE_MALFORMED', /dependency of the name "\.\.\/\.\.\/lib"/),
    );
  });
});

describe('a lockfile of version 6', () => {
  const text = (more = '') => `lockfileVersion: '6.0'
dependencies:
  lib:
    specifier: ^1.0.0
    version: 1.0.0(host@2.0.0)
  stand:
    specifier: npm:lib@^1.0.0
    version: /lib@1.0.0(host@2.0.0)
packages:
  /lib@1.0.0(host@2.0.0):
    ${RESOLUTION}
    dependencies: {host: 2.0.0}
    dev: false
  /host@2.0.0:
    ${RESOLUTION}
    requiresBuild: true${more}
`;

  it('has the project’s own dependencies at its top where there are no workspaces', () => {
    const found = parsedPnpm(text());
    assert.deepEqual([...found.keys()], ['/lib@1.0.0(host@2.0.0)', '/host@2.0.0']);
    assert.deepEqual(found.get('/lib@1.0.0(host@2.0.0)')?.dependents, ['', '']);
    assert.deepEqual(found.get('/host@2.0.0')?.dependents, ['/lib@1.0.0(host@2.0.0)']);
    assert.equal(found.get('/host@2.0.0')?.hasInstallScript, true);
  });

  it('has names of their own for what comes from no registry, and for nothing else', () => {
    const remote =
      '\n  "@files.example/x.tgz":\n    name: x\n    version: 1.0.0\n    resolution: {tarball: https://files.example/x.tgz}';
    assert.deepEqual(parsedPnpm(text(remote)).get('@files.example/x.tgz')?.id, {
      name: 'x',
      version: '1.0.0',
    });
    for (const [more, message] of [
      ['\n    name: evil', /name of its own/],
      [remote.replace('    name: x\n', ''), /no registry can hold/],
      [remote.replace('tarball: https://files.example/x.tgz', HASH), /neither a version nor a tarball/],
    ] as const)
      assert.throws(() => parsedPnpm(text(more)), treeError('LOCKFILE_MALFORMED', message));
  });
});

describe('the version of the format', () => {
  for (const [version, accepted] of [
    ["'9.0'", true],
    ["'6.1'", true],
    ["'9.1'", false],
    ['5.4', false],
    ["'10.0'", false],
    ['[9.0]', undefined],
  ] as const) {
    it(`${version} is ${accepted === true ? 'read' : 'refused by name'}`, () => {
      const text = `lockfileVersion: ${version}\n`;
      if (accepted === true) assert.deepEqual([...parsedPnpm(text)], []);
      else if (accepted === false)
        assert.throws(() => parsedPnpm(text), treeError('LOCKFILE_VERSION', /reads 6\.0, 6\.1 and 9\.0/));
      else assert.throws(() => parsedPnpm(text), treeError('LOCKFILE_MALFORMED', /not a text/));
    });
  }

  it('is asked of both documents', () => {
    const one = pnpmText({ wants: {} });
    assert.deepEqual([...parsedPnpm(`---\n${one}\n---\n${one}`).keys()], ['env:lib@1.0.0', 'lib@1.0.0']);
    assert.deepEqual(
      [...parsedPnpm(`---\r\n${one}\r\n---\r\n${one}`).keys()],
      ['env:lib@1.0.0', 'lib@1.0.0'],
    );
    assert.deepEqual([...parsedPnpm(`---\n${one}`).keys()], ['env:lib@1.0.0']);
    assert.throws(
      () => parsedPnpm(`---\n${one}\n---\nx: y\n`),
      treeError('LOCKFILE_VERSION', /no lockfileVersion/),
    );
    for (const text of [
      `---\n${one}\n---\n${one}\n---\n${one}`,
      `--- \n${one}`,
      `%YAML 1.2\n---\n${one}`,
      `${one}\n---\n${one}`,
    ])
      assert.throws(() => parsedPnpm(text), treeError('LOCKFILE_MALFORMED', /document/));
  });
});
