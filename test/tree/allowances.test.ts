/** Reviewed install scripts are taken from the project's own files; what is unclear allows nothing. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { parseYaml } from '../../lib/text/yaml.ts';
import { allowancesOf } from '../../lib/tree/allowances.ts';
import { readAllowances } from '../../lib/tree/index.ts';
import { aHost } from '../support/host.ts';
import { aTempDirectory } from '../support/temp.ts';

type Given = { readonly manifest?: unknown; readonly npmrc?: string; readonly pnpmWorkspace?: string };

function specs({ manifest, npmrc, pnpmWorkspace }: Given): readonly [readonly string[], readonly string[]] {
  const { allowed, denied } = allowancesOf({ manifest, npmrc, pnpmWorkspace: parsed(pnpmWorkspace) });
  return [allowed.map(({ spec }) => spec), denied.map(({ spec }) => spec)];
}

function parsed(workspace: string | undefined): unknown {
  return workspace === undefined ? undefined : parseYaml(workspace, 'pnpm-workspace.yaml').value;
}

describe('allowancesOf', () => {
  const cases: readonly (readonly [string, Given, readonly string[], readonly string[]])[] = [
    [
      'reads npm’s allowScripts',
      { manifest: { allowScripts: { a: true, '@b/c@1.2.3': true, d: false } } },
      ['a', '@b/c@1.2.3'],
      ['d'],
    ],
    [
      'splits exact versions joined by ||',
      { manifest: { allowScripts: { 'a@1.0.0 || 2.0.0-rc.1': true } } },
      ['a@1.0.0', 'a@2.0.0-rc.1'],
      [],
    ],
    ['takes a star for the name alone', { manifest: { allowScripts: { 'a@*': true } } }, ['a'], []],
    [
      'ignores ranges, tags, aliases and addresses, as npm does',
      {
        manifest: {
          allowScripts: {
            'a@^1': true,
            'b@latest': true,
            'c@1.0.0 || ^2': true,
            'd@npm:e@1.0.0': true,
            'github:f/g': true,
            'https://h.example/i.tgz': true,
            'j@1.x': true,
            '*': true,
          },
        },
      },
      [],
      [],
    ],
    [
      'ignores what is neither true nor false',
      { manifest: { allowScripts: { a: 'true', b: 1, c: null, d: {} } } },
      [],
      [],
    ],
    ['ignores a list', { manifest: { allowScripts: ['a'] } }, [], []],
    [
      'reads .npmrc where package.json says nothing',
      { npmrc: '; note\nallow-scripts=a, b@1.0.0\nallow-scripts[] = "c" # why\n' },
      ['a', 'b@1.0.0', 'c'],
      [],
    ],
    [
      'reads .npmrc where package.json has no entry',
      { manifest: { allowScripts: {} }, npmrc: 'allow-scripts=a' },
      ['a'],
      [],
    ],
    [
      'does not read .npmrc where package.json has an entry',
      { manifest: { allowScripts: { x: false } }, npmrc: 'allow-scripts=a' },
      [],
      ['x'],
    ],
    [
      'does not fill in .npmrc from the environment',
      { npmrc: ['allow-scripts=$', '{NAMES}'].join('') },
      [],
      [],
    ],
    [
      'does not read other settings, nor sections, of .npmrc',
      { npmrc: 'my-allow-scripts=a\nallow-scripts-x=b\n[section]\nallow-scripts=c' },
      [],
      [],
    ],
    [
      'reads pnpm’s lists and switches',
      {
        manifest: {
          pnpm: {
            onlyBuiltDependencies: ['a', 'b@1.0.0'],
            neverBuiltDependencies: ['c'],
            ignoredBuiltDependencies: ['d'],
            allowBuilds: { e: true, f: false },
          },
        },
      },
      ['a', 'b@1.0.0', 'e'],
      ['c', 'd', 'f'],
    ],
    [
      'reads pnpm-workspace.yaml',
      { pnpmWorkspace: 'onlyBuiltDependencies:\n  - a\nallowBuilds:\n  b: true\n  c: false\n' },
      ['a', 'b'],
      ['c'],
    ],
    ['allows nothing from a pnpm-workspace.yaml of another shape', { pnpmWorkspace: '- a' }, [], []],
    [
      'ignores globs and what is no text',
      { manifest: { pnpm: { onlyBuiltDependencies: ['@a/*', '*', 7, null, ''] } } },
      [],
      [],
    ],
    [
      'reads bun’s trustedDependencies',
      { manifest: { trustedDependencies: ['a', '@b/c'] } },
      ['a', '@b/c'],
      [],
    ],
    [
      'reads LavaMoat’s allowScripts, but no paths through the tree',
      { manifest: { lavamoat: { allowScripts: { a: true, 'a>b': true, c: false } } } },
      ['a'],
      ['c'],
    ],
    ['allows nothing where there is nothing', {}, [], []],
    ['allows nothing from a package.json of another shape', { manifest: ['allowScripts'] }, [], []],
    [
      'treats __proto__ as any other name, and refuses it',
      { manifest: JSON.parse('{"allowScripts": {"__proto__": true, "a": true}}') },
      ['a'],
      [],
    ],
  ];
  for (const [name, given, allowed, denied] of cases) {
    it(name, () => assert.deepEqual(specs(given), [allowed, denied]));
  }

  it('says where each was read', () => {
    const { allowed, denied } = allowancesOf({
      manifest: {
        allowScripts: { a: true },
        trustedDependencies: ['b'],
        pnpm: { allowBuilds: { c: false } },
      },
      npmrc: undefined,
      pnpmWorkspace: undefined,
    });
    assert.deepEqual(allowed, [
      { spec: 'a', from: 'package.json#allowScripts' },
      { spec: 'b', from: 'package.json#trustedDependencies' },
    ]);
    assert.deepEqual(denied, [{ spec: 'c', from: 'package.json#pnpm.allowBuilds' }]);
  });
});

describe('readAllowances', () => {
  it('reads the files of the folder it is given', async () => {
    const dir = aTempDirectory('allowances');
    writeFileSync(path.join(dir, 'package.json'), '\u{feff}{"trustedDependencies": ["a"]}');
    writeFileSync(path.join(dir, '.npmrc'), 'allow-scripts=b\r\n');
    writeFileSync(path.join(dir, 'pnpm-workspace.yaml'), 'allowBuilds: { c: true }');
    const { allowed } = await readAllowances(aHost({ cwd: aTempDirectory() }), dir);
    assert.deepEqual(
      allowed.map(({ spec }) => spec),
      ['b', 'c', 'a'],
    );
  });

  it('allows nothing in an empty folder, and nothing from a package.json that is not JSON', async () => {
    const dir = aTempDirectory('allowances');
    assert.deepEqual(await readAllowances(aHost(), dir), { allowed: [], denied: [] });
    writeFileSync(path.join(dir, 'package.json'), '{"trustedDependencies": ["a"]');
    assert.deepEqual(await readAllowances(aHost(), dir), { allowed: [], denied: [] });
  });

  it('allows nothing from a pnpm-workspace.yaml that is not YAML', async () => {
    const dir = aTempDirectory('allowances');
    writeFileSync(path.join(dir, 'pnpm-workspace.yaml'), 'onlyBuiltDependencies: [a');
    assert.deepEqual(await readAllowances(aHost({ cwd: dir }), dir), { allowed: [], denied: [] });
  });
});
