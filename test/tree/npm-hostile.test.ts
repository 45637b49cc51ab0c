/** A lockfile made to mislead is refused with the line; the same one step away is read. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { anEntry, type Fields, parsed, treeError } from './lockfile.ts';

const LIB = 'node_modules/lib';

describe('the key of an entry', () => {
  const accepted = [
    'node_modules/lib',
    'node_modules/@acme/lib',
    'node_modules/lib/node_modules/@acme/lib',
    'packages/web/node_modules/lib',
    '../shared',
    '../../shared/node_modules/lib',
    '..',
    '__proto__',
    'constructor',
    'node_modules/Lib',
    'packages/ünïcode folder',
  ];
  for (const key of accepted) {
    it(`may be ${key}, and the entry is not lost`, () =>
      assert.deepEqual([...parsed({ [key]: anEntry('lib') }).keys()], [key]));
  }

  const refused: readonly (readonly [string, RegExp])[] = [
    ['./node_modules/lib', /not a plain path/],
    ['node_modules/x/../lib', /not a plain path/],
    ['node_modules/../../lib', /not a plain path/],
    ['node_modules/lib/', /not a plain path/],
    ['node_modules//lib', /not a plain path/],
    ['node_modules/.', /not a plain path/],
    ['../..x/..', /not a plain path/],
    ['/node_modules/lib', /absolute path/],
    ['C:/node_modules/lib', /absolute path/],
    ['node_modules\\lib', /backslash/],
    ['node_modules/lib\n::error', /control or invisible/],
    ['node_modules/l\u202eib', /control or invisible/],
    ['node_modules/lib\u0000', /control or invisible/],
    ['node_modules', /names no package/],
    ['node_modules/@acme', /names no package/],
    [`node_modules/${'a/node_modules/'.repeat(400)}b`, /longer than any path/],
  ];
  for (const [key, message] of refused) {
    it(`may not be ${JSON.stringify(key).slice(0, 60)}: npm would take it for another folder`, () => {
      assert.throws(
        () => parsed({ [LIB]: anEntry('lib'), [key]: anEntry('evil') }),
        treeError('LOCKFILE_MALFORMED', message),
      );
    });
  }
});

describe('a field of an entry', () => {
  const refused: readonly (readonly [string, Fields | unknown, RegExp])[] = [
    ['the entry is a list', [], /not an object/],
    ['the entry is null', null, /not an object/],
    ['the version is a number', anEntry('lib', { version: 1 }), /version that is not a text/],
    ['resolved is a number', anEntry('lib', { resolved: 7 }), /resolved that is not a text/],
    ['the integrity is a list', anEntry('lib', { integrity: ['sha512-x'] }), /integrity that is not a text/],
    ['the integrity is null', anEntry('lib', { integrity: null }), /integrity that is not a text/],
    ['the name is an object', anEntry('lib', { name: {} }), /name that is not a text/],
    ['link is a text', { link: 'no', resolved: 'x' }, /link that is neither/],
    ['inBundle is a number', anEntry('lib', { inBundle: 1 }), /inBundle that is neither/],
    [
      'hasInstallScript is a text',
      anEntry('lib', { hasInstallScript: 'false' }),
      /hasInstallScript that is neither/,
    ],
    ['dependencies are a text', anEntry('lib', { dependencies: 'x' }), /dependencies that are not an object/],
    [
      'a dependency is a number',
      anEntry('lib', { dependencies: { x: 1 } }),
      /dependencies where x is not a text/,
    ],
    ['bundleDependencies are a text', anEntry('lib', { bundleDependencies: 'x' }), /not a list of names/],
    ['bin is a number', anEntry('lib', { bin: 1 }), /neither a text nor an object/],
    [
      'resolved has a line break',
      anEntry('lib', { resolved: 'https://registry.example/\n' }),
      /control or invisible/,
    ],
    ['a link names no folder', { link: true }, /link without a resolved folder/],
    [
      'a link leads to a folder without an entry',
      { link: true, resolved: 'packages/web' },
      /which has no entry/,
    ],
    [
      'a link leads to a spelling of the folder that npm does not write',
      { link: true, resolved: './node_modules/x' },
      /which has no entry/,
    ],
  ];
  for (const [name, entry, message] of refused) {
    it(`is refused when ${name}`, () => {
      const entries = { 'node_modules/x': anEntry('x'), [LIB]: entry };
      assert.throws(() => parsed(entries), treeError('LOCKFILE_MALFORMED', message));
      assert.throws(() => parsed(entries), /package-lock\.json:\d+: "node_modules\/lib" has/);
    });
  }
});

describe('what npm would ask a registry for', () => {
  const versions = ['1.0.0', '0.0.0', '1.2.3-rc.1', '1.0.0+build.5', '10.20.30-alpha-1.x+meta'];
  for (const version of versions) {
    it(`may be version ${version}`, () =>
      assert.equal(parsed({ [LIB]: { version } }).get(LIB)?.id.version, version));
  }

  const refused: readonly (readonly [string, Fields, RegExp])[] = [
    ['a range', { version: '^1.0.0' }, /not a semantic version/],
    ['a tag', { version: 'latest' }, /not a semantic version/],
    ['a version with a v', { version: 'v1.0.0' }, /not a semantic version/],
    ['a version with a blank', { version: '1.0.0 ' }, /not a semantic version/],
    ['an alias instead of a version', { version: 'npm:evil@6.6.6' }, /not a semantic version/],
    ['nothing at all', {}, /no version/],
    ['nothing but flags', { optional: true }, /no version/],
    ['a tarball without a version', { resolved: 'https://registry.example/lib.tgz' }, /no version/],
    ['an alias instead of a URL', { version: '1.0.0', resolved: 'npm:evil@6.6.6' }, /npm does not write/],
    ['name and version instead of a URL', { version: '1.0.0', resolved: 'evil@6.6.6' }, /npm does not write/],
    ['a repository without a scheme', { version: '1.0.0', resolved: 'acme/lib' }, /npm does not write/],
    [
      'a URL of another scheme',
      { version: '1.0.0', resolved: 'data:application/gzip;base64,AA' },
      /npm does not write/,
    ],
    [
      'a URL for a name',
      { version: '1.0.0', name: 'https://files.example/evil.tgz' },
      /no registry can hold/,
    ],
  ];
  for (const [name, entry, message] of refused) {
    it(`may not be ${name}`, () => {
      const root = { dependencies: { lib: `npm:${String(entry['name'] ?? 'lib')}@*` } };
      assert.throws(() => parsed({ [LIB]: entry }, root), treeError('LOCKFILE_MALFORMED', message));
    });
  }

  it('is none of this for what is not fetched from a registry', () => {
    const entries = {
      [LIB]: { resolved: 'git+ssh://git@git.example/lib.git#0123' },
      'node_modules/web': { resolved: 'web', link: true },
      web: {},
    };
    assert.deepEqual(
      [...parsed(entries).values()].map(({ id }) => id.version),
      ['', '', ''],
    );
  });
});
