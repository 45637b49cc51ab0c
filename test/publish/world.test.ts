/** A test that fails before it could close what it had opened ends all the same. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { projectRoot } from '../support/corpus.ts';
import { cleanEnvironment, run } from '../support/managers.ts';
import { aTempDirectory } from '../support/temp.ts';

const here = (file: string): string => JSON.stringify(pathToFileURL(join(projectRoot, 'test', file)).href);

describe('a process that only starts', () => {
  for (const [what, lines] of [
    [
      'a team whose registry does not start',
      [
        `import { aTeam } from ${here('publish/world.ts')};`,
        'await aTeam(10, { npmsign: { rotateKeysAfterDays: 3 } }).catch(({ message }) => console.log(message));',
      ],
    ],
    [
      'a registry, and does not stop it',
      [
        `import { aSigningRegistry } from ${here('verdaccio/world.ts')};`,
        'const { get } = await aSigningRegistry();',
        "console.log((await get('-/ping')).status === 200 && 'did not start: it did');",
      ],
    ],
  ] as const) {
    it(`${what} ends by itself`, async () => {
      const script = join(aTempDirectory('script'), 'start.mts');
      writeFileSync(script, lines.join('\n'));
      const args = ['--import', 'tsx', script];
      const { code, stdout, stderr } = await run(process.execPath, args, {
        cwd: projectRoot,
        env: cleanEnvironment(),
      });
      assert.equal(code, 0, stderr);
      assert.match(stdout, /did not start/);
    });
  }
});
