import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { loadPolicy } from '../../lib/policy/index.ts';
import { aHost } from '../support/host.ts';
import { aProject, refusalOf } from './a-project.ts';

const POLICY = { '.npmsignrc': 'extends: strict\n' };
const MARK = "require('node:fs').writeFileSync('marker', ''); module.exports = {};";

describe("cosmiconfig's own settings cannot lead the search", () => {
  const refused: readonly (readonly [string, string, string])[] = [
    ['a script is there', '.config/config.js', MARK],
    ['a TypeScript is there', '.config/config.ts', ''],
    ['a CommonJS script is there', '.config/config.cjs', MARK],
    ['a module is there', '.config/config.mjs', ''],
    ['package.json moves the search', 'package.json', '{"cosmiconfig":{"searchPlaces":["evil.json"]}}'],
    [
      'package.json moves it, spelt with escapes',
      'package.json',
      '{"cosmi\\u0063onfig":{"searchPlaces":["evil.json"]}}',
    ],
    ['package.yaml moves the search', 'package.yaml', 'cosmiconfig:\n  searchPlaces: [evil.json]\n'],
    ['config.json moves the search', '.config/config.json', '{"cosmiconfig":{"searchPlaces":["evil.json"]}}'],
    ['config.json imports a program', '.config/config.json', '{"$import":"../evil.js"}'],
    ['config.json holds a policy', '.config/config.json', '{"npmsign":{"extends":[]}}'],
    ['config.yaml moves the search', '.config/config.yaml', 'cosmiconfig: {}'],
    ['config.yml imports a program', '.config/config.yml', '"\\x24import": ../evil.js'],
    ['config.yaml merges keys', '.config/config.yaml', 'a: &a {cosmiconfig: {}}\n<<: *a'],
    ['config.yaml cannot be read strictly', '.config/config.yaml', 'a: !include b'],
    ['config.json cannot be read', '.config/config.json', '{'],
  ];
  for (const [title, file, text] of refused) {
    it(`refused when ${title}`, async () => {
      const error = await refusalOf(aHost({ cwd: aProject({ ...POLICY, [file]: text }) }));
      assert.equal(error.code, 'POLICY_REDIRECTED');
      assert.ok(error.message.startsWith(file), error.message);
    });
  }

  const accepted: readonly (readonly [string, string, string])[] = [
    ["another tool's config.json", '.config/config.json', '{"port":1}'],
    ["another tool's config.yaml", '.config/config.yaml', 'port: 1'],
    ['an empty config.json', '.config/config.json', ''],
    ['a package.json that speaks of cosmiconfig', 'package.json', '{"dependencies":{"cosmiconfig":"*"}}'],
    ['a package.json with a key twice', 'package.json', '{"a":1,"a":2}'],
  ];
  for (const [title, file, text] of accepted) {
    it(`accepted beside ${title}`, async () => {
      const policy = await loadPolicy(aHost({ cwd: aProject({ ...POLICY, [file]: text }) }));
      assert.equal(policy.settings.provenance.options.required, true);
    });
  }

  it('refused in a folder above the working directory, too', async () => {
    const root = aProject({ '.config/config.js': MARK, '.git/': '', 'a/package.json': '{}' });
    assert.equal((await refusalOf(aHost({ cwd: path.join(root, 'a') }))).code, 'POLICY_REDIRECTED');
  });
});

describe('a planted script is never run', () => {
  const files = { ...POLICY, '.config/config.js': MARK, 'package.json': '{}' };
  const run = (cwd: string, program: string) =>
    execFileSync(process.execPath, ['--import', TSX, '--input-type=module', '-e', program], {
      cwd,
      encoding: 'utf8',
    });

  it('cosmiconfig alone would run it', () => {
    const cwd = aProject(files);
    run(cwd, `import { cosmiconfig } from ${url('cosmiconfig')}; await cosmiconfig('npmsign').search();`);
    assert.ok(existsSync(path.join(cwd, 'marker')));
  });

  it('npmsign refuses, and there is no marker', () => {
    const cwd = aProject(files);
    const index = JSON.stringify(new URL('../../lib/policy/index.ts', import.meta.url).href);
    const printed = run(
      cwd,
      `import { loadPolicy } from ${index};
       const host = { cwd: process.cwd(), env: {} };
       await loadPolicy(host).catch((error) => console.log(error.code));`,
    );
    assert.equal(printed.trim(), 'POLICY_REDIRECTED');
    assert.ok(!existsSync(path.join(cwd, 'marker')));
  });

  it('nor by $import in the policy itself', async () => {
    const cwd = aProject({ '.npmsignrc': '$import: ./evil.js\n', 'evil.js': 'globalThis.npmsignEvil = 1;' });
    assert.match((await refusalOf(aHost({ cwd }))).message, /unknown name "\$import"/);
    assert.equal(Reflect.get(globalThis, 'npmsignEvil'), undefined);
  });
});

const require = createRequire(import.meta.url);
const TSX = pathToFileURL(require.resolve('tsx')).href;

function url(name: string): string {
  return JSON.stringify(pathToFileURL(require.resolve(name)).href);
}
