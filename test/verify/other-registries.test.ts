/** Registries that only yarn's, pnpm's or bun's own settings name are told of: they were not asked. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verify } from '../../lib/index.ts';
import { aHost } from '../support/host.ts';
import { aProject } from '../support/project.ts';
import { publicRegistry } from '../support/public-registry.ts';

const PRIVATE = 'https://npm.acme.example/';
const MANAGERS = [
  [
    'yarn 4',
    'yarn.lock',
    '__metadata:\n  version: 8\n',
    '.yarnrc.yml',
    (url: string) => `npmRegistryServer: "${url}"\n`,
  ],
  [
    'yarn 4, for a scope',
    'yarn.lock',
    '__metadata:\n  version: 8\n',
    '.yarnrc.yml',
    (url: string) => `npmScopes:\n  acme:\n    npmRegistryServer: ${url}\n`,
  ],
  ['yarn 1', 'yarn.lock', '# yarn lockfile v1\n', '.yarnrc', (url: string) => `registry "${url}"\n`],
  [
    'yarn 1, for a scope',
    'yarn.lock',
    '# yarn lockfile v1\n',
    '.yarnrc',
    (url: string) => `"@acme:registry" "${url}"\n`,
  ],
  [
    'pnpm',
    'pnpm-lock.yaml',
    "lockfileVersion: '9.0'\n",
    'pnpm-workspace.yaml',
    (url: string) => `registries:\n  default: ${url}\n`,
  ],
  [
    'bun',
    'bun.lock',
    '{ "lockfileVersion": 1, "workspaces": {}, "packages": {} }',
    'bunfig.toml',
    (url: string) => `[install]\nregistry = "${url}"\n`,
  ],
] as const;

describe('a registry in the settings of another manager than npm', () => {
  for (const [title, lockfile, text, settings, naming] of MANAGERS) {
    const told = async (url: string, npmrc: readonly string[]): Promise<readonly string[]> => {
      const files = {
        [lockfile]: text,
        [settings]: naming(url),
        '.npmsignrc': { trust: { refresh: 'never' } },
      };
      const { dir } = aProject({ npmrc, files });
      const env = { HOME: dir, npm_config_cache: `${dir}/cache` };
      const { notices } = await verify(aHost({ cwd: dir, env }), { offline: true });
      return notices.filter(({ code }) => code === 'REGISTRY_NOT_ASKED').map(({ message }) => message);
    };

    it(`is told of with ${title}, unless .npmrc names it too, or it is the public one`, async () => {
      const [message, ...more] = await told(PRIVATE, []);
      assert.deepEqual(more, []);
      assert.ok(message?.startsWith(`${settings} names npm.acme.example, and no .npmrc does`), message);
      assert.deepEqual(await told(PRIVATE, [`@acme:registry=${PRIVATE}`]), []);
      assert.deepEqual(await told(publicRegistry(), []), []);
    });
  }
});
