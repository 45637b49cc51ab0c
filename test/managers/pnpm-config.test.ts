/** What pnpm would fetch and load before anything else keeps npmsign from running it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  assertConfigDependenciesLocked,
  assertNoConfigDependencies,
} from '../../lib/managers/pnpm-config.ts';
import { aProject } from '../support/project.ts';

const NAMED = 'configDependencies:\n  pnpm-plugin-x: 1.0.0+sha512-AAAA\n';

describe('config dependencies of pnpm', () => {
  const named = [
    ['in pnpm-workspace.yaml', { files: { 'pnpm-workspace.yaml': NAMED } }],
    ['behind an escape', { files: { 'pnpm-workspace.yaml': '"config\\u0044ependencies":\n  x: 1.0.0\n' } }],
    ['in package.json', { packageJson: { pnpm: { configDependencies: { x: '1.0.0' } } } }],
  ] as const;
  for (const [where, request] of named) {
    it(`${where} keep pnpm from resolving, and pnpm 10 from installing`, async () => {
      const { dir } = aProject(request);
      await assert.rejects(assertNoConfigDependencies(dir), /fetches and loads them before it resolves/);
      await assert.rejects(assertConfigDependenciesLocked(dir, '10.34.9'), /they could not be judged/);
      await assertConfigDependenciesLocked(dir, '11.0.0');
    });
  }

  const unnamed = [
    ['nothing', {}],
    ['a comment', { files: { 'pnpm-workspace.yaml': `packages: []\n# ${NAMED.split('\n')[0]}\n` } }],
    ['a description', { packageJson: { description: 'configDependencies' } }],
  ] as const;
  for (const [what, request] of unnamed) {
    it(`are not named by ${what}`, async () => {
      const { dir } = aProject(request);
      await assertNoConfigDependencies(dir);
      await assertConfigDependenciesLocked(dir, '10.34.9');
    });
  }
});
