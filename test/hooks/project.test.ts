/** Tests of which project a lifecycle script belongs to. */
import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { projectOf } from '../../hooks/project.ts';

const cwd = resolve('project');
const elsewhere = resolve('elsewhere');
const NPM = 'npm/12.0.0 node/v24.0.0 linux x64 workspaces/false';
const PNPM = 'pnpm/11.0.0 npm/? node/v24.0.0 linux x64';

describe('the project of a lifecycle script', () => {
  const cases = [
    ["is npm's own root", { npm_config_user_agent: NPM, npm_config_local_prefix: elsewhere }, elsewhere],
    ['is where the script runs when npm names none', { npm_config_user_agent: NPM }, cwd],
    ['is not a relative path', { npm_config_user_agent: NPM, npm_config_local_prefix: '.' }, cwd],
    [
      'is not what an outer npm left behind',
      { npm_config_user_agent: PNPM, npm_config_local_prefix: elsewhere },
      cwd,
    ],
    ['is not what an unnamed caller left behind', { npm_config_local_prefix: elsewhere }, cwd],
    [
      'is not the workspace a person stood in',
      { npm_config_user_agent: NPM, INIT_CWD: join(cwd, 'packages/a') },
      cwd,
    ],
  ] as const;
  for (const [name, env, expected] of cases) {
    it(name, () => assert.equal(projectOf({ cwd, env }), expected));
  }
});
