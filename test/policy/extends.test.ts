import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { Policy } from '../../lib/model/policy.ts';
import { loadPolicy } from '../../lib/policy/index.ts';
import { aHost } from '../support/host.ts';
import { aProject, policyOf, refusalOf } from './a-project.ts';

async function load(files: Readonly<Record<string, string>>): Promise<Policy> {
  return await loadPolicy(aHost({ cwd: aProject(files) }));
}

async function refusal(files: Readonly<Record<string, string>>) {
  return await refusalOf(aHost({ cwd: aProject(files) }));
}

describe('a policy stands on', () => {
  it('recommended, when neither it nor what it extends names a preset', async () => {
    for (const files of [
      { '.npmsignrc': 'registries: {}' },
      { '.npmsignrc': 'extends: ./more.yaml', 'more.yaml': 'exemptions: []' },
    ]) {
      assert.equal((await load(files)).settings['lockfile-integrity'].level, 'error');
    }
  });
  it('nothing, when it says so', async () => {
    const { settings } = await policyOf('extends: []\nchecks: {minimum-age: error}');
    const asked = Object.entries(settings).filter(([, { level }]) => level !== 'off');
    assert.deepEqual(
      asked.map(([id]) => id),
      ['minimum-age'],
    );
  });
  it('the last of several, then its own word', async () => {
    const policy = await load({
      '.npmsignrc':
        'extends: [recommended, ./team.yaml, ./more/own.json]\nchecks: {minimum-age: [error, {days: 9}]}',
      'team.yaml': 'checks: {declared-repository: off, minimum-age: [warn, {days: 5}], build-runner: warn}',
      'more/own.json': '{"checks": {"declared-repository": "error"}}',
    });
    assert.equal(policy.settings['declared-repository'].level, 'error');
    assert.equal(policy.settings['build-runner'].level, 'warn');
    assert.deepEqual(policy.settings['minimum-age'], {
      level: 'error',
      options: { days: 9 },
      at: '.npmsignrc:2',
    });
  });
  it('files relative to the file that names them, with the places they were written in', async () => {
    const policy = await load({
      '.npmsignrc':
        'extends: ./policies/a.yaml\noverrides:\n  - packages: [b]\n    checks: {provenance: warn}',
      'policies/a.yaml':
        'extends: ../base.yaml\nregistries:\n  "https://npm.example": {keys: ./keys.json}\ntrust: {root: root.json}',
      'base.yaml':
        'overrides:\n  - packages: [a]\n    checks: {provenance: error}\nexemptions:\n  - {package: a, checks: [provenance], reason: r, expires: 2027-01-01}',
    });
    const folder = path.join(path.dirname(policy.path ?? ''), 'policies');
    assert.deepEqual(
      policy.overrides.map(({ packages, at }) => [packages[0], at]),
      [
        ['a', 'base.yaml:2'],
        ['b', '.npmsignrc:3'],
      ],
    );
    assert.equal(policy.exemptions[0]?.at, 'base.yaml:5');
    assert.deepEqual(policy.registries, [
      { url: 'https://npm.example/', keys: path.join(folder, 'keys.json') },
    ]);
    assert.deepEqual(policy.trust, {
      root: { kind: 'file', path: path.join(folder, 'root.json') },
      refresh: 'daily',
    });
  });
  it('a registry of its own instead of the one beneath', async () => {
    const policy = await load({
      '.npmsignrc': 'extends: ./a.yaml\nregistries: {"https://npm.example/": {evidence: npm}}',
      'a.yaml': 'registries: {"https://npm.example": {mirrorOf: npm}, "https://other.example": {}}',
    });
    assert.deepEqual(policy.registries, [
      { url: 'https://npm.example/', evidence: 'npm' },
      { url: 'https://other.example/' },
    ]);
  });
});

describe('options merge', () => {
  it('one by one: a level alone keeps them, a list is replaced whole', async () => {
    const base =
      'checks: {minimum-age: [warn, {days: 7}], build-trigger: [error, {allow: [push], deny: [release]}]}';
    const { settings } = await load({
      '.npmsignrc':
        'extends: [strict, ./a.yaml]\nchecks: {minimum-age: error, build-trigger: [warn, {allow: [create]}]}',
      'a.yaml': base,
    });
    assert.deepEqual(settings['minimum-age'], { level: 'error', options: { days: 7 }, at: '.npmsignrc:2' });
    assert.deepEqual(settings['build-trigger'].options, { allow: ['create'], deny: ['release'] });
  });
  it('but naming a check means it is required, unless that place says otherwise', async () => {
    const { settings, overrides } = await policyOf(
      'checks:\n  provenance: error\n  registry-signature: [warn, {required: false}]\n  publish-attestation: off\n' +
        'overrides:\n  - packages: [a]\n    checks: {provenance: [warn, {publishedAfter: 2025-01-01}], registry-signature: error}',
    );
    assert.equal(settings.provenance.options.required, true);
    assert.equal(settings['registry-signature'].options.required, false);
    assert.equal(settings['publish-attestation'].options.required, false);
    const [override] = overrides;
    assert.deepEqual(override?.checks.provenance?.options, { required: true, publishedAfter: '2025-01-01' });
    assert.deepEqual(override?.checks['registry-signature']?.options, { required: true });
  });
});

describe('extends is refused', () => {
  const cases: readonly (readonly [string, Readonly<Record<string, string>>, string, RegExp])[] = [
    [
      'for a file that is not there',
      { '.npmsignrc': 'extends: ./gone.yaml' },
      'POLICY_MISSING',
      /There is no file gone\.yaml \(extends in \.npmsignrc\)\./,
    ],
    [
      'for a circle',
      { '.npmsignrc': 'extends: ./a.yaml', 'a.yaml': 'extends: ./.npmsignrc' },
      'POLICY_INVALID',
      /\.npmsignrc extends itself, by way of one other file\./,
    ],
    [
      'for itself',
      { '.npmsignrc': 'extends: ./.npmsignrc' },
      'POLICY_INVALID',
      /\.npmsignrc extends itself\./,
    ],
    [
      'for a program',
      { '.npmsignrc': 'extends: ./a.mjs', 'a.mjs': '' },
      'POLICY_INVALID',
      /a\.mjs is a program/,
    ],
    ['for a folder', { '.npmsignrc': 'extends: ./a', 'a/': '' }, 'POLICY_UNREADABLE', /a is no regular file/],
    [
      'for a mistake in the file it names',
      { '.npmsignrc': 'extends: ./a.yaml', 'a.yaml': 'x: 1' },
      'POLICY_INVALID',
      /^a\.yaml:1: x: unknown name/,
    ],
    ['beyond eight files deep', chain(9), 'POLICY_INVALID', /more than 8 files deep/],
    [
      'beyond 32 files',
      { '.npmsignrc': `extends: [${'./a.yaml, '.repeat(40)}]`, 'a.yaml': 'checks: {}' },
      'POLICY_INVALID',
      /More than 32 files/,
    ],
  ];
  for (const [title, files, code, message] of cases) {
    it(title, async () => {
      const error = await refusal(files);
      assert.equal(error.code, code);
      assert.match(error.message, message);
    });
  }

  it('but eight files deep is read', async () => assert.ok(await load(chain(8))));

  it('for a link that leads into node_modules', async (t) => {
    if (process.platform === 'win32') return t.skip('links need rights here');
    const cwd = aProject({
      '.npmsignrc': 'extends: ./team/a.yaml',
      'node_modules/team/a.yaml': 'extends: []',
    });
    symlinkSync('node_modules/team', path.join(cwd, 'team'));
    assert.match((await refusalOf(aHost({ cwd }))).message, /team\/a\.yaml lies in node_modules/);
  });
});

/** A policy of that many files, one on the other. */
function chain(files: number): Record<string, string> {
  const named = Array.from({ length: files - 1 }, (_, index) => [
    `${index}.yaml`,
    index === files - 2 ? 'extends: strict' : `extends: ./${index + 1}.yaml`,
  ]);
  return { '.npmsignrc': 'extends: ./0.yaml', ...Object.fromEntries(named) };
}
