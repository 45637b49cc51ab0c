/** Every entry of an npm lockfile becomes one package, of the kind npm would treat it as. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PackageSource } from '../../lib/model/package.ts';
import { anIntegrity } from '../support/builders.ts';
import { anEntry, type Fields, parsed } from './lockfile.ts';

const LIB = 'node_modules/lib';
const URL_OF_LIB = 'https://registry.example/lib/-/lib-1.0.0.tgz';

function sourceOf(
  key: string,
  entries: Fields,
  root: Fields = {},
  manifest?: unknown,
): PackageSource | undefined {
  return parsed(entries, root, manifest).get(key)?.source;
}

describe('an entry with an http URL', () => {
  const TARBALL = 'https://files.example/lib.tgz';
  const cases: readonly (readonly [string, Fields, PackageSource['kind']])[] = [
    ['is a registry package for a range', { lib: '^1.0.0' }, 'registry'],
    ['is a registry package for a tag', { lib: 'latest' }, 'registry'],
    ['is a registry package for an empty spec', { lib: '' }, 'registry'],
    ['is a remote package for a URL', { lib: TARBALL }, 'remote'],
    ['is a registry package when nobody asks for it', {}, 'registry'],
  ];
  for (const [name, dependencies, kind] of cases) {
    it(name, () => {
      assert.deepEqual(sourceOf(LIB, { [LIB]: anEntry('lib', { resolved: TARBALL }) }, { dependencies }), {
        kind,
        resolved: TARBALL,
      });
    });
  }

  it('is a registry package when one of two dependents asks for a range', () => {
    const other = {
      'node_modules/other': anEntry('other', { dependencies: { lib: '1.x' } }),
      [LIB]: anEntry('lib', { resolved: TARBALL }),
    };
    assert.equal(sourceOf(LIB, other, { dependencies: { lib: TARBALL, other: '*' } })?.kind, 'registry');
  });

  it('is a registry package when package.json asks for a range and only the lockfile for a URL', () => {
    const entries = { [LIB]: anEntry('lib', { resolved: TARBALL }) };
    assert.equal(
      sourceOf(LIB, entries, { dependencies: { lib: TARBALL } }, { dependencies: { lib: TARBALL } })?.kind,
      'remote',
    );
    assert.equal(
      sourceOf(LIB, entries, { dependencies: { lib: TARBALL } }, { dependencies: { lib: '^1.0.0' } })?.kind,
      'registry',
    );
  });

  it('is a git package when the URL names a repository that npm clones', () => {
    const resolved = 'https://github.com/acme/lib.git';
    assert.equal(
      sourceOf(LIB, { [LIB]: anEntry('lib', { resolved }) }, { dependencies: { lib: resolved } })?.kind,
      'git',
    );
  });
});

describe('an entry with another text', () => {
  const cases: readonly (readonly [string, PackageSource['kind']])[] = [
    ['git+ssh://git@github.com/acme/lib.git#0123456789abcdef0123456789abcdef01234567', 'git'],
    ['git+https://git.example/acme/lib.git#v1', 'git'],
    ['git://git.example/acme/lib.git', 'git'],
    ['GIT+SSH://git@git.example/acme/lib.git', 'git'],
    ['github:acme/lib#semver:^1', 'git'],
    ['file:vendor/lib-1.0.0.tgz', 'file'],
    ['file:../lib', 'file'],
    ['FILE:vendor/lib-1.0.0.tgz', 'file'],
  ];
  for (const [resolved, kind] of cases) {
    it(`is a ${kind} package for ${resolved}, whatever its dependents ask for`, () => {
      assert.deepEqual(sourceOf(LIB, { [LIB]: { version: '1.0.0', resolved } }), { kind, resolved });
    });
  }

  it('is a registry package without any: npm asks the registry for name and version', () => {
    assert.deepEqual(sourceOf(LIB, { [LIB]: { version: '1.0.0' } }), { kind: 'registry' });
    assert.deepEqual(sourceOf(LIB, { [LIB]: { version: '1.0.0', resolved: '' } }), { kind: 'registry' });
  });
});

describe('a link', () => {
  const folder = {
    version: '2.0.0',
    name: '@acme/web',
    bin: { web: 'x.js' },
    hasInstallScript: true,
    dev: true,
  };
  const entries = {
    'node_modules/@acme/web': { resolved: 'packages/web', link: true },
    'packages/web': folder,
  };

  it('to one of the workspaces is that workspace, and so is the folder', () => {
    const packages = parsed(entries, { workspaces: ['packages/*'] });
    for (const key of Object.keys(entries)) {
      const pkg = packages.get(key);
      assert.deepEqual(pkg?.source, { kind: 'workspace', path: 'packages/web' });
      assert.deepEqual(pkg?.id, { name: '@acme/web', version: '2.0.0' });
      assert.deepEqual([pkg?.bins, pkg?.hasInstallScript, pkg?.use], [['web'], true, 'development']);
    }
  });

  it('to any other folder is a link, inside the project or outside', () => {
    assert.equal(sourceOf('node_modules/@acme/web', entries)?.kind, 'link');
    assert.equal(sourceOf('packages/web', entries)?.kind, 'link');
    const outside = {
      'node_modules/lib': { resolved: '../lib', link: true },
      '../lib': { version: '1.0.0' },
    };
    assert.deepEqual(sourceOf(LIB, outside, { workspaces: ['**'] }), { kind: 'link', path: '../lib' });
  });

  it('to the project itself, or to the folder around it, is a link', () => {
    assert.deepEqual(sourceOf(LIB, { [LIB]: { resolved: '', link: true } }), { kind: 'link', path: '.' });
    assert.deepEqual(
      sourceOf(LIB, { [LIB]: { resolved: '..', link: true }, '..': { name: 'lib', version: '1.0.0' } }),
      { kind: 'link', path: '..' },
    );
  });

  it('leads to a package that is judged by itself when the folder is one npm installs', () => {
    const aliased = { 'node_modules/a': { resolved: LIB, link: true }, [LIB]: anEntry('lib') };
    assert.equal(sourceOf('node_modules/a', aliased)?.kind, 'link');
    assert.equal(sourceOf(LIB, aliased)?.kind, 'registry');
  });

  it('under which packages lie does not hide them', () => {
    const below = {
      ...entries,
      'packages/web/node_modules/evil': anEntry('evil'),
      'node_modules/@acme/web/node_modules/evil': anEntry('evil'),
    };
    const packages = parsed(below, { workspaces: ['packages/*'] });
    assert.equal(packages.get('packages/web/node_modules/evil')?.source.kind, 'registry');
    assert.equal(packages.get('node_modules/@acme/web/node_modules/evil')?.source.kind, 'registry');
  });
});

describe('a folder inside an installed package', () => {
  it('came with the tarball', () => {
    assert.deepEqual(
      sourceOf(`${LIB}/vendor/x`, { [LIB]: anEntry('lib'), [`${LIB}/vendor/x`]: { version: '1.0.0' } }),
      {
        kind: 'bundled',
        inside: LIB,
      },
    );
  });

  it('does not make a package below it part of the tarball', () => {
    const below = `${LIB}/vendor/x/node_modules/evil`;
    assert.equal(
      sourceOf(below, {
        [LIB]: anEntry('lib'),
        [`${LIB}/vendor/x`]: {},
        [below]: { version: '1.0.0', inBundle: true },
      })?.kind,
      'registry',
    );
  });
});

describe('what an entry says about itself', () => {
  it('is carried over: scripts, commands, use, line, a shrinkwrap of its own', () => {
    const pkg = parsed({
      [LIB]: anEntry('lib', {
        hasInstallScript: true,
        hasShrinkwrap: true,
        optional: true,
        bin: { a: 'a.js', '../../b/node': 'c' },
      }),
    }).get(LIB);
    assert.deepEqual(
      [pkg?.hasInstallScript, pkg?.ownShrinkwrap, pkg?.use, pkg?.bins, pkg?.line],
      [true, true, 'optional', ['a', 'node'], 13],
    );
    assert.deepEqual(pkg?.source, { kind: 'registry', resolved: URL_OF_LIB });
  });

  it('has defaults that say no', () => {
    const pkg = parsed({ [LIB]: anEntry('lib') }).get(LIB);
    assert.deepEqual(
      [pkg?.hasInstallScript, pkg?.ownShrinkwrap, pkg?.use, pkg?.bins],
      [false, undefined, 'production', []],
    );
  });

  const uses: readonly (readonly [Fields, string])[] = [
    [{}, 'production'],
    [{ dev: true }, 'development'],
    [{ dev: true, optional: true }, 'development'],
    [{ optional: true }, 'optional'],
    [{ devOptional: true }, 'optional'],
    [{ peer: true }, 'peer'],
    [{ extraneous: true }, 'production'],
  ];
  for (const [flags, use] of uses) {
    it(`is for ${use} with ${JSON.stringify(flags)}`, () => {
      assert.equal(parsed({ [LIB]: anEntry('lib', flags) }).get(LIB)?.use, use);
    });
  }

  it('names one command after the package when bin is a text', () => {
    assert.deepEqual(
      parsed({ 'node_modules/@acme/tool': anEntry('@acme/tool', { bin: 'x.js' }) }).get(
        'node_modules/@acme/tool',
      )?.bins,
      ['tool'],
    );
  });

  it('keeps an integrity that is no hash visible as one without hashes', () => {
    const integrityOf = (integrity: string) =>
      parsed({ [LIB]: anEntry('lib', { integrity }) }).get(LIB)?.integrity;
    assert.deepEqual(integrityOf('garbage'), { text: 'garbage', hashes: [] });
    assert.equal(integrityOf(anIntegrity().text)?.hashes.length, 1);
    assert.equal(integrityOf(''), undefined);
  });
});
