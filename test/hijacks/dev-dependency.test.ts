/** A devDependency whose own install script is the gate: it races, it is skipped, it is blocked. npmsign ships no such script. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Contestant, contestantOf } from '../gates/contestants.ts';
import { projectRoot } from '../support/corpus.ts';
import { publishCanary } from '../support/project.ts';
import type { Published } from '../support/registry/index.ts';
import { type Arena, anArena, assertFell, assertHeld, ourScript } from './arena.ts';

const skip = process.platform === 'win32' ? 'the scripts here are written for a POSIX shell' : false;

/** Judges the project it is installed into. */
const HOOK = `const { readFileSync } = require('node:fs');
if (readFileSync(process.env.npm_config_local_prefix + '/package-lock.json', 'utf8').includes('node_modules/evil')) {
  process.stderr.write('naive: evil may not be installed here\\n');
  process.exit(1);
}
`;

describe('a devDependency whose preinstall is the gate', { skip }, () => {
  let arena: Arena;
  let npm11: Contestant;
  let npm12: Contestant;
  let early: Published;
  before(async () => {
    arena = await anArena();
    [npm11, npm12] = [await contestantOf('npm 11'), await contestantOf('npm 12')];
    arena.registry.publish({
      ...{ name: 'hookpkg', version: '1.0.0', attest: {}, scripts: { preinstall: 'node hook.js' } },
      files: { 'hook.js': HOOK },
    });
    early = publishCanary(arena.registry, { name: 'evil', version: '2.0.0' });
  });
  after(() => arena.close());

  const ROWS: readonly {
    readonly title: string;
    readonly npm: () => Contestant;
    readonly kind: 'devDependencies' | 'optionalDependencies';
    readonly args: readonly string[];
  }[] = [
    {
      title: 'is blocked, with exit code 0, by npm 12',
      npm: () => npm12,
      kind: 'devDependencies',
      args: ['ci'],
    },
    {
      title: 'is not installed for production',
      npm: () => npm11,
      kind: 'devDependencies',
      args: ['ci', '--omit=dev'],
    },
    {
      title: 'may fail, and is removed without a word, where it is optional',
      npm: () => npm11,
      kind: 'optionalDependencies',
      args: ['ci'],
    },
  ];

  for (const { title, npm, kind, args } of ROWS) {
    it(title, async () => {
      const packageJson = { [kind]: { hookpkg: '1.0.0' } };
      const naive = await arena.project(npm(), { dependencies: [arena.evil], packageJson });
      assertFell(await arena.loose(npm(), naive, { args }));
      const strong = await arena.project(npm(), { dependencies: [arena.evil], packageJson });
      assertHeld(await arena.enter(npm(), strong, { args }));
      const scripts = ourScript('preinstall');
      const vendored = await arena.project(npm12, {
        dependencies: [arena.evil],
        packageJson: { ...packageJson, scripts },
        files: arena.vendored,
      });
      assertHeld(await arena.loose(npm12, vendored, { args }));
    });
  }

  it('comes after every package that sorts before it, and does not run again for a package that is added', async () => {
    const packageJson = { devDependencies: { hookpkg: '1.0.0' } };
    const first = await arena.project(npm11, { dependencies: [early], packageJson });
    const raced = await arena.loose(npm11, first, { args: ['ci', '--foreground-scripts'] });
    assert.equal(raced.code, 1);
    assert.deepEqual(raced.ranScripts, ['evil preinstall']);

    const settled = await arena.project(npm11, { dependencies: [arena.good], packageJson });
    assert.equal((await arena.loose(npm11, settled, { args: ['ci'] })).code, 0);
    assertFell(await arena.loose(npm11, settled, { args: ['install', 'evil@1.0.0'] }));
    const ours = await arena.project(npm11, { dependencies: [arena.good], packageJson });
    assertHeld(await arena.enter(npm11, ours, { args: ['install', 'evil@1.0.0'] }));
  });

  it('is what npmsign is not', () => {
    const { scripts } = JSON.parse(readFileSync(path.join(projectRoot, 'package.json'), 'utf8'));
    const names = ['preinstall', 'install', 'postinstall', 'prepare'];
    assert.deepEqual(
      Object.keys(scripts).filter((name) => names.includes(name)),
      [],
    );
  });
});
