/** Tests of how a root `preinstall` script learns that it is late. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { latenessOf } from '../../hooks/lateness.ts';
import { aTempDirectory } from '../support/temp.ts';

function kindFor(npm: string, modules: readonly string[] | 'a file' | 'absent' = 'absent') {
  const cwd = aTempDirectory('project');
  if (modules === 'a file') writeFileSync(join(cwd, 'node_modules'), '');
  else if (modules !== 'absent') {
    mkdirSync(join(cwd, 'node_modules'));
    for (const name of modules) mkdirSync(join(cwd, 'node_modules', name));
  }
  return latenessOf({ cwd, env: { npm_config_user_agent: `${npm} node/v24.0.0 linux x64` } });
}

describe('a root preinstall script', () => {
  const cases = [
    ['is in time under npm 12', 'npm/12.2.0', 'absent', 'in-time'],
    ['is in time under npm 12 where node_modules is empty', 'npm/12.2.0', [], 'in-time'],
    ['is in time where only hidden files lie in node_modules', 'npm/12.2.0', ['.bin', '.cache'], 'in-time'],
    ['is in time under npm 100', 'npm/100.0.0', 'absent', 'in-time'],
    ['is late under npm 11', 'npm/11.19.1', 'absent', 'late-manager'],
    ['is late under npm 10', 'npm/10.9.9', [], 'late-manager'],
    ['is late under npm 12 over packages that are there', 'npm/12.2.0', ['left-pad'], 'packages-there'],
    ['is late under npm 12 over a scope that is there', 'npm/12.2.0', ['@acme'], 'packages-there'],
    ['counts as late where node_modules cannot be read', 'npm/12.2.0', 'a file', 'packages-there'],
    ['is in time under another manager with nothing there', 'pnpm/11.0.0 npm/?', 'absent', 'in-time'],
  ] as const;
  for (const [name, npm, modules, expected] of cases) {
    it(name, async () => assert.equal((await kindFor(npm, modules)).kind, expected));
  }

  it('names the version that is late', async () => {
    const lateness = await kindFor('npm/11.19.1');
    assert.match(
      JSON.stringify(lateness),
      /npm 11\.19\.1 runs the root preinstall script after all packages/,
    );
  });
});
