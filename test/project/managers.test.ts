/** Wherever a manager is started, the project it installs is the one npmsign judges from there. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { findRoot } from '../../lib/tree/index.ts';
import { aHost } from '../support/host.ts';
import { bun, type Manager, type Npm, npmOf, pnpmOf, yarn1, yarn4 } from '../support/managers.ts';
import { aProject } from '../support/project.ts';

/** Each manager, and the lockfile it writes without asking a registry anything. */
const MANAGERS: readonly (readonly [string, () => Promise<Manager | Npm>, string])[] = [
  ['npm 10', () => npmOf(10), 'package-lock.json'],
  ['npm 12', () => npmOf(12), 'package-lock.json'],
  ['pnpm 10', () => pnpmOf(10), 'pnpm-lock.yaml'],
  ['pnpm 12', () => pnpmOf(12), 'pnpm-lock.yaml'],
  ['yarn 1', yarn1, 'yarn.lock'],
  ['yarn 4', yarn4, 'yarn.lock'],
  ['bun', bun, 'bun.lock'],
];

describe('the project that is judged', () => {
  for (const [title, manager, lockfile] of MANAGERS) {
    it(`is the one ${title} installs from a folder inside it`, async () => {
      const { run } = await manager();
      const files = {
        'own/package.json': { name: 'own', version: '1.0.0' },
        'src/deep/x.js': '',
        '.yarnrc.yml': 'nodeLinker: node-modules\n',
        // yarn 4 takes the outermost folder it can for the project, unless one nearer has a lockfile.
        ...(title === 'yarn 4' && { 'yarn.lock': '' }),
      };
      const project = aProject({ packageJson: { dependencies: { own: 'file:./own' } }, files });
      const cwd = project.file('src/deep');
      const root = await findRoot(aHost({ cwd }));
      assert.equal(root, project.dir);
      const { code, stdout, stderr } = await run(['install'], { cwd });
      assert.equal(code, 0, `${stdout}${stderr}`);
      assert.ok(project.has(path.relative(project.dir, path.join(root, lockfile))));
      assert.deepEqual(project.installed(), ['own']);
      assert.ok(!project.has(`src/deep/${lockfile}`) && !project.has('src/deep/node_modules'));
    });
  }
});
