import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { loadPolicy } from '../../lib/policy/index.ts';
import { aHost } from '../support/host.ts';
import { aProject, refusalOf } from './a-project.ts';

const YAML = 'extends: strict\n';
const JSON_TEXT = '{ "extends": "strict" }';

async function levelIn(cwd: string, file?: string): Promise<unknown> {
  return (await loadPolicy(aHost({ cwd }), file)).settings['declared-repository'].level;
}

describe('a policy is found', () => {
  const places: readonly (readonly [string, string])[] = [
    ['.npmsignrc', YAML],
    ['.npmsignrc', JSON_TEXT],
    ['.npmsignrc.json', JSON_TEXT],
    ['.npmsignrc.yaml', YAML],
    ['.npmsignrc.yml', YAML],
    ['.config/npmsignrc', YAML],
    ['.config/npmsignrc.json', JSON_TEXT],
    ['.config/npmsignrc.yaml', YAML],
    ['.config/npmsignrc.yml', YAML],
    ['package.json', `{ "npmsign": ${JSON_TEXT} }`],
  ];
  for (const [place, text] of places) {
    it(`in ${place} that starts with ${text.slice(0, 1)}`, async () => {
      const cwd = aProject({ [place]: text });
      const policy = await loadPolicy(aHost({ cwd }));
      assert.equal(policy.path, path.join(cwd, place));
      assert.equal(policy.settings['declared-repository'].level, 'error');
    });
  }

  it('nowhere: then it is recommended, and has no path', async () => {
    const policy = await loadPolicy(aHost({ cwd: aProject({ 'package.json': '{}' }) }));
    assert.equal(policy.path, undefined);
    assert.equal(policy.settings['declared-repository'].level, 'warn');
    assert.match(policy.digest, /^sha256:[0-9a-f]{64}$/);
  });

  it('by name, relative to the working directory, whatever else lies there', async () => {
    const cwd = aProject({
      '.npmsignrc': 'extends: observe',
      'ci/gate.yaml': YAML,
      '.config/config.js': 'throw 1',
    });
    assert.equal(await levelIn(cwd, 'ci/gate.yaml'), 'error');
    assert.equal(await levelIn(cwd, path.join(cwd, 'ci/gate.yaml')), 'error');
  });
});

describe('a policy is refused, never passed over', () => {
  const cases: readonly (readonly [string, Parameters<typeof aProject>[0], string, RegExp])[] = [
    [
      'two files in one place',
      { '.npmsignrc': YAML, '.npmsignrc.json': JSON_TEXT },
      'POLICY_INVALID',
      /\.npmsignrc and \.npmsignrc\.json/,
    ],
    [
      'a file and package.json',
      { '.npmsignrc': YAML, 'package.json': '{"npmsign":{}}' },
      'POLICY_INVALID',
      /package\.json and \.npmsignrc/,
    ],
    [
      'a file and one in .config',
      { '.npmsignrc': YAML, '.config/npmsignrc.yml': YAML },
      'POLICY_INVALID',
      /\.npmsignrc and \.config\/npmsignrc\.yml/,
    ],
    [
      'a script',
      { '.npmsignrc.js': 'module.exports = {}' },
      'POLICY_INVALID',
      /\.npmsignrc\.js is a program/,
    ],
    [
      'a script beside a file',
      { '.npmsignrc': YAML, 'npmsign.config.mjs': '' },
      'POLICY_INVALID',
      /npmsign\.config\.mjs is a program/,
    ],
    ['an empty file', { '.npmsignrc': '' }, 'POLICY_INVALID', /\.npmsignrc: is empty/],
    ['nothing but comments', { '.npmsignrc': '# later\n' }, 'POLICY_INVALID', /\.npmsignrc: is empty/],
    [
      'an empty key in package.json',
      { 'package.json': '{"npmsign":null}' },
      'POLICY_INVALID',
      /package\.json: is empty/,
    ],
    ['a folder', { '.npmsignrc/': '' }, 'POLICY_UNREADABLE', /\.npmsignrc is no regular file/],
    [
      'UTF-16',
      { '.npmsignrc': Buffer.from(`\ufeff${YAML}`, 'utf16le') },
      'POLICY_UNREADABLE',
      /is not UTF-8/,
    ],
    [
      'a very large file',
      { '.npmsignrc': 'x'.repeat(1_048_577) },
      'POLICY_UNREADABLE',
      /is larger than 1048576 bytes/,
    ],
    [
      'a broken package.json',
      { 'package.json': '{' },
      'POLICY_UNREADABLE',
      /package\.json is not valid JSON/,
    ],
    [
      'duplicate keys in package.json',
      { 'package.json': '{"npmsign":{},\n"npmsign":{}}' },
      'POLICY_INVALID',
      /package\.json:2: has the key "npmsign" twice/,
    ],
    ['a list', { '.npmsignrc': '- extends' }, 'POLICY_INVALID', /wants a map; found a list/],
  ];
  for (const [title, files, code, message] of cases) {
    it(title, async () => {
      const error = await refusalOf(aHost({ cwd: aProject(files) }));
      assert.equal(error.code, code);
      assert.match(error.message, message);
      assert.equal(error.exitCode, 2);
    });
  }

  it('a link to nowhere', async (t) => {
    if (process.platform === 'win32') return t.skip('links need rights here');
    const cwd = aProject({});
    symlinkSync('gone', path.join(cwd, '.npmsignrc'));
    assert.equal((await refusalOf(aHost({ cwd }))).code, 'POLICY_MISSING');
  });

  it('a file that may not be opened', async (t) => {
    if (process.platform === 'win32' || process.getuid?.() === 0)
      return t.skip('this user may open everything');
    const cwd = aProject({ '.npmsignrc': YAML });
    chmodSync(path.join(cwd, '.npmsignrc'), 0);
    assert.equal((await refusalOf(aHost({ cwd }))).code, 'POLICY_UNREADABLE');
  });

  it('a pipe, which would never end', async (t) => {
    if (process.platform === 'win32') return t.skip('no pipes in folders here');
    const cwd = aProject({});
    execFileSync('mkfifo', [path.join(cwd, '.npmsignrc')]);
    assert.equal((await refusalOf(aHost({ cwd }))).code, 'POLICY_UNREADABLE');
  });

  it('one that is named and is not there, or is a program', async () => {
    const cwd = aProject({ 'gate.js': '', 'package.json': '{}' });
    assert.equal((await refusalOf(aHost({ cwd }), 'gone.yaml')).code, 'POLICY_MISSING');
    assert.match((await refusalOf(aHost({ cwd }), 'gate.js')).message, /is a program/);
    assert.equal((await refusalOf(aHost({ cwd }), 'package.json')).code, 'POLICY_MISSING');
  });
});

describe('the project ends at the nearest lockfile or .git', () => {
  it('a workspace finds the policy of its root', async () => {
    const root = aProject({ '.npmsignrc': YAML, 'package-lock.json': '{}', 'packages/a/package.json': '{}' });
    assert.equal(await levelIn(path.join(root, 'packages/a')), 'error');
  });
  it('the nearest policy wins', async () => {
    const root = aProject({ '.npmsignrc': YAML, '.git/': '', 'packages/a/.npmsignrc': 'extends: observe' });
    assert.equal(await levelIn(path.join(root, 'packages/a')), 'warn');
  });
  it('a policy planted above it does not apply', async () => {
    const root = aProject({ '.npmsignrc': 'extends: []', 'project/package-lock.json': '{}' });
    const policy = await loadPolicy(aHost({ cwd: path.join(root, 'project') }));
    assert.equal(policy.path, undefined);
    assert.equal(policy.settings['lockfile-integrity'].level, 'error');
  });
  it('without lockfile and .git the working directory stands alone', async () => {
    const root = aProject({ '.npmsignrc': 'extends: []', 'project/package.json': '{}' });
    assert.equal((await loadPolicy(aHost({ cwd: path.join(root, 'project') }))).path, undefined);
  });
  it('a policy in the home directory does not apply below it, even when home is a repository', async () => {
    const home = aProject({ '.npmsignrc': 'extends: []', '.git/': '', 'project/package.json': '{}' });
    for (const name of ['HOME', 'USERPROFILE']) {
      const host = aHost({ cwd: path.join(home, 'project'), env: { [name]: home } });
      assert.equal((await loadPolicy(host)).path, undefined);
    }
  });
  it("cosmiconfig's own folder in the home directory is never searched", async () => {
    const home = aProject({ '.config/npmsign/config.json': '{"extends":[]}', 'project/package.json': '{}' });
    const host = aHost({
      cwd: path.join(home, 'project'),
      env: { HOME: home, XDG_CONFIG_HOME: `${home}/.config` },
    });
    assert.equal((await loadPolicy(host)).path, undefined);
  });
  it('a policy of the same repository above the root is neither applied nor ignored in silence', async () => {
    const root = aProject({ '.npmsignrc': YAML, '.git/': '', 'services/a/package-lock.json': '{}' });
    const cwd = path.join(root, 'services/a');
    const error = await refusalOf(aHost({ cwd }));
    assert.equal(error.code, 'POLICY_MISSING');
    assert.match(error.message, /\.\.\/\.\.\/\.npmsignrc lies above its root/);
    assert.equal(await levelIn(cwd, '../../.npmsignrc'), 'error');
  });
});
