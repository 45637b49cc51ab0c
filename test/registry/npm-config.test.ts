/** npm's own configuration decides whom we ask, and reading it leaves no trace. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { RegistryError } from '../../lib/errors.ts';
import { ANONYMOUS } from '../../lib/registry/credentials.ts';
import { readNpmConfig } from '../../lib/registry/npm-config.ts';
import { publicRegistry } from '../support/public-registry.ts';
import { aProject } from './world.ts';

const authorization = async (lines: readonly string[], url: string) =>
  (await readNpmConfig(aProject(lines))).credentialsFor(new URL(url)).authorization;

describe('readNpmConfig', () => {
  it('knows the public registry, whatever is configured', async () => {
    const config = await readNpmConfig(aProject(['registry=https://mirror.example/npm']));
    assert.deepEqual(
      [config.publicRegistry, config.registry],
      [publicRegistry(), 'https://mirror.example/npm/'],
    );
  });

  it('defaults to the public registry and a cache at home', async () => {
    const host = aProject([]);
    const config = await readNpmConfig(host);
    assert.equal(config.registry, publicRegistry());
    assert.equal(config.scopeRegistry('@acme/lib'), undefined);
    if (process.platform !== 'win32') assert.equal(config.cache, path.join(host.env['HOME'] ?? '', '.npm'));
  });

  it('lets the command line replace the default registry, not a scope’s', async () => {
    const config = await readNpmConfig(
      aProject(['@acme:registry=https://npm.acme.example']),
      'https://other.example/a',
    );
    assert.equal(config.registry, 'https://other.example/a/');
    assert.equal(config.scopeRegistry('@acme/lib'), 'https://npm.acme.example/');
    assert.equal(config.scopeRegistry('acme'), undefined);
  });

  it('reads the user’s .npmrc, the environment, and variables in values', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how .npmrc names a variable.
    const host = aProject(['//npm.acme.example/:_authToken=${ACME}'], { env: { ACME: 'secret' } });
    writeFileSync(path.join(host.env['HOME'] ?? '', '.npmrc'), '@acme:registry=https://npm.acme.example/');
    const config = await readNpmConfig({ ...host, env: { ...host.env, npm_config_fetch_retries: '5' } });
    assert.equal(config.scopeRegistry('@acme/lib'), 'https://npm.acme.example/');
    assert.equal(config.credentialsFor(new URL('https://npm.acme.example/x')).authorization, 'Bearer secret');
    assert.equal(config.patience.retries, 5);
  });

  it('reads the project that npm says it works on', async () => {
    const [project, elsewhere] = [aProject(['registry=https://project.example/']), aProject([])];
    const env = { ...elsewhere.env, npm_config_local_prefix: project.cwd };
    assert.equal((await readNpmConfig({ ...elsewhere, env })).registry, 'https://project.example/');
  });

  it('lets nothing yarn 1 tells its scripts outweigh .npmrc, and what npm or a person says outweigh it', async () => {
    const host = aProject(['registry=https://project.example/']);
    const registryIn = async (agent: string) => {
      const env = { ...host.env, npm_config_user_agent: agent, npm_config_registry: 'https://told.example' };
      return (await readNpmConfig({ ...host, env })).registry;
    };
    assert.equal(await registryIn('yarn/1.22.22 npm/? node/v24.21.0 linux x64'), 'https://project.example/');
    for (const agent of ['npm/11.19.1 node/v24.21.0', 'yarn/4.9.1 npm/? node/v24.21.0', ''])
      assert.equal(await registryIn(agent), 'https://told.example/');
  });

  it('changes neither the environment it was given nor that of the process', async () => {
    const host = aProject(['registry=https://mirror.example/']);
    const [given, own] = [JSON.stringify(host.env), JSON.stringify(process.env)];
    await readNpmConfig(host);
    assert.deepEqual([JSON.stringify(host.env), JSON.stringify(process.env)], [given, own]);
  });

  for (const value of ['ftp://mirror.example/', 'file:///etc/', 'mirror']) {
    it(`refuses ${value} as a registry`, async () => {
      await assert.rejects(readNpmConfig(aProject([]), value), (error: unknown) => {
        assert.ok(error instanceof RegistryError);
        assert.match(error.message, /^--registry is .*: not an http or https URL\.$/);
        return true;
      });
    });
  }

  const places: readonly (readonly [string, string, string | undefined])[] = [
    ['below its path', 'https://npm.acme.example/team/lib/1.0.0', 'Bearer t'],
    ['at its path without the slash', 'https://npm.acme.example/team', undefined],
    ['beside its path', 'https://npm.acme.example/other/lib', undefined],
    ['at a path that only begins alike', 'https://npm.acme.example/teams/lib', undefined],
    ['on another port', 'https://npm.acme.example:8443/team/lib', undefined],
    ['on a longer host', 'https://npm.acme.example.evil.example/team/lib', undefined],
    ['on a host inside the path', 'https://evil.example//npm.acme.example/team/lib', undefined],
  ];
  for (const [where, url, expected] of places) {
    it(`${expected === undefined ? 'has no' : 'has the'} token ${where}`, async () => {
      assert.equal(await authorization(['//npm.acme.example/team/:_authToken=t'], url), expected);
    });
  }

  it('lets a project take away a token the user has', async () => {
    const host = aProject(['//npm.acme.example/:_authToken=']);
    writeFileSync(path.join(host.env['HOME'] ?? '', '.npmrc'), '//npm.acme.example/:_authToken=t');
    assert.equal((await readNpmConfig(host)).credentialsFor(new URL('https://npm.acme.example/')), ANONYMOUS);
  });

  it('says when an .npmrc cannot be read, and goes on without it, as npm does', async () => {
    const host = aProject([]);
    rmSync(path.join(host.cwd, '.npmrc'), { force: true });
    mkdirSync(path.join(host.cwd, '.npmrc'));
    writeFileSync(path.join(host.cwd, 'package.json'), '{}');
    const { notices } = await readNpmConfig(host);
    assert.deepEqual(
      notices.map(({ code }) => code),
      ['NPMRC_UNREADABLE'],
    );
    assert.match(notices[0]?.message ?? '', /\.npmrc cannot be read \(EISDIR\)/);
    assert.deepEqual((await readNpmConfig(aProject([]))).notices, []);
  });

  it('says when the cafile cannot be read', async () => {
    const { notices } = await readNpmConfig(aProject(['cafile=/nowhere/ca.pem']));
    assert.deepEqual(
      notices.map(({ code }) => code),
      ['CAFILE_UNREADABLE'],
    );
  });
});
