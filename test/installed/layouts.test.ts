/** Honest layouts of node_modules pass: links, copies of own folders, aliases, stores. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { main } from '../../lib/cli/main.ts';
import { aHost } from '../support/host.ts';
import { bun, npmOf, pnpmOf, type RunOptions, type RunResult, yarn1 } from '../support/managers.ts';
import { aProject } from '../support/project.ts';
import { type LoopbackRegistry, startRegistry } from '../support/registry/index.ts';
import { aTempDirectory } from '../support/temp.ts';

type Manager = { readonly run: (args: readonly string[], options: RunOptions) => Promise<RunResult> };

const FILE = { local: 'file:./local' };
const ALIAS = { two: 'npm:inner@2.0.0', three: 'npm:inner@2.0.0' };
const LAYOUTS: readonly (readonly [string, () => Promise<Manager>, readonly string[], object])[] = [
  ['npm 11 with links to its store', () => npmOf(11), ['install', '--install-strategy=linked'], {}],
  ['npm 12 with a folder of the project', () => npmOf(12), ['install'], FILE],
  ['npm 12 with aliases', () => npmOf(12), ['install'], ALIAS],
  ['pnpm with a folder of the project', () => pnpmOf(11), ['install'], FILE],
  ['pnpm with a link', () => pnpmOf(11), ['install'], { local: 'link:./local' }],
  ['pnpm with aliases', () => pnpmOf(11), ['install'], ALIAS],
  ['pnpm without its store', () => pnpmOf(11), ['install', '--node-linker=hoisted'], {}],
  ['yarn 1 with a folder of the project', yarn1, ['install'], FILE],
  ['yarn 1 with a link', yarn1, ['install'], { local: 'link:./local' }],
  ['bun with a folder of the project', bun, ['install'], FILE],
  ['bun with a store', bun, ['install', '--linker=isolated'], FILE],
  ['bun with aliases', bun, ['install'], ALIAS],
];

describe('npmsign verify --installed passes', () => {
  let registry: LoopbackRegistry;
  before(async () => {
    registry = await startRegistry();
    const files = { 'cli.js': '#!/usr/bin/env node\n' };
    registry.publish({
      name: 'good',
      version: '1.0.0',
      dependencies: { inner: '1.0.0' },
      files,
      bin: { good: 'cli.js' },
    });
    registry.publish({ name: 'inner', version: '1.0.0', files: { 'index.js': 'inner' } });
    registry.publish({ name: 'inner', version: '2.0.0', files: { 'index.js': 'outer' } });
  });
  after(() => registry.close());

  for (const [layout, manager, args, dependencies] of LAYOUTS) {
    it(layout, async () => {
      const project = aProject({
        packageJson: { private: true, dependencies: { good: '1.0.0', ...dependencies } },
        npmrc: [`registry=${registry.url}`],
        files: {
          '.npmsignrc': 'extends: observe\n',
          'local/package.json': { name: 'local', version: '1.0.0', bin: { local: 'l.js' } },
          'local/l.js': '#!/usr/bin/env node\n',
          'pnpm-workspace.yaml': 'minimumReleaseAge: 0\npackages: []\n',
        },
      });
      const { run } = await manager();
      const { code, stdout, stderr } = await run(args, { cwd: project.dir, registry: registry.url });
      assert.equal(code, 0, stdout + stderr);
      const home = aTempDirectory('home');
      const host = aHost({
        cwd: project.dir,
        env: { HOME: home, npm_config_cache: path.join(home, 'cache') },
      });
      assert.equal(await main(['verify', '--installed', '--format', 'json'], host), 0, host.stdout());
      assert.deepEqual(JSON.parse(host.stdout()).installed.findings, []);
    });
  }
});
