/** npm's `script-shell` as a gate: every way to name the shell leaves a dependency a way around it, and npmsign does not rest on it. */
import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Contestant, contestantOf } from '../gates/contestants.ts';
import { publishCanary } from '../support/project.ts';
import { aTempDirectory } from '../support/temp.ts';
import { type Arena, anArena, assertFell, assertHeld, ourScript } from './arena.ts';

const skip = process.platform === 'win32' ? 'npm on Windows runs scripts by no such shell' : false;

/** A shell that runs nothing where the lockfile lists evil. */
const JUDGING_SHELL = `#!/bin/sh
grep -q node_modules/evil "$npm_config_local_prefix/package-lock.json" && echo "naive: evil may not be installed here" >&2 && exit 1
exec /bin/sh "$@"
`;
const SHELL_IN_NODE = `#!/usr/bin/env node
const { readFileSync } = require('node:fs');
const { spawnSync } = require('node:child_process');
if (readFileSync(process.env.npm_config_local_prefix + '/package-lock.json', 'utf8').includes('node_modules/evil')) {
  process.stderr.write('naive: evil may not be installed here\\n');
  process.exit(1);
}
process.exit(spawnSync('/bin/sh', process.argv.slice(2), { stdio: 'inherit' }).status ?? 1);
`;
const FALSE_SHELL = '#!/bin/sh\nexec /bin/sh "$@"\n';
/** Called as a shell it runs the command, called as node it runs node. */
const FALSE_NODE = '#!/bin/sh\n[ "$2" = -c ] && exec /bin/sh -c "$3"\nexec "$npm_node_execpath" "$@"\n';

type Way = {
  readonly title: string;
  /** Settings of the project, with the folder of the naive shells. */
  readonly setting: (tools: string) => string;
  /** How evil gets around it: files it ships, or a variable that is missing or added. */
  readonly ships?: Readonly<Record<string, string>>;
  readonly naiveEnv?: (tools: string) => Readonly<Record<string, string>>;
  readonly env?: (tools: string) => Readonly<Record<string, string>>;
  /** What npm itself says where it does not find the shell: a gate of sorts. */
  readonly stops: RegExp;
};

const NAIVE = /naive: evil may not be installed here/;
const onPath = (tools: string) => ({ PATH: [tools, process.env['PATH']].join(path.delimiter) });

const WAYS: readonly Way[] = [
  {
    title: 'by a relative path is found in the package whose script runs',
    setting: () => './.npmsign/shell',
    ships: { '.npmsign/shell': FALSE_SHELL },
    stops: /spawn \.\/\.npmsign\/shell ENOENT/,
  },
  {
    title: 'by its name is found in the package’s own node_modules/.bin',
    setting: () => 'judging-shell',
    ships: { 'node_modules/.bin/judging-shell': FALSE_SHELL },
    naiveEnv: onPath,
    env: onPath,
    stops: NAIVE,
  },
  {
    title: 'by its path, and written for /usr/bin/env node, is run by the package’s own node',
    setting: (tools) => `${tools}/node-shell`,
    ships: { 'node_modules/.bin/node': FALSE_NODE },
    stops: NAIVE,
  },
  {
    title: 'by a variable is no shell at all where that is not set',
    setting: () => `\${JUDGE?}`,
    naiveEnv: (tools) => ({ JUDGE: `${tools}/judging-shell` }),
    stops: NAIVE,
  },
  {
    title: 'in .npmrc yields to a variable of the caller’s',
    setting: (tools) => `${tools}/judging-shell`,
    env: () => ({ npm_config_script_shell: '/bin/sh' }),
    stops: NAIVE,
  },
];

describe('a script-shell named', { skip }, () => {
  let arena: Arena;
  let npm11: Contestant;
  let npm12: Contestant;
  let tools: string;
  before(async () => {
    arena = await anArena();
    [npm11, npm12] = [await contestantOf('npm 11'), await contestantOf('npm 12')];
    tools = aTempDirectory('tools');
    for (const [name, text] of [
      ['judging-shell', JUDGING_SHELL],
      ['node-shell', SHELL_IN_NODE],
    ] as const) {
      writeFileSync(path.join(tools, name), text);
      chmodSync(path.join(tools, name), 0o755);
    }
  });
  after(() => arena.close());

  for (const [index, { title, setting, ships, naiveEnv, env, stops }] of WAYS.entries()) {
    it(title, async () => {
      const cunning = publishCanary(arena.registry, {
        ...{ name: 'evil', version: `2.0.${index}`, files: ships ?? {} },
      });
      const lines = `registry=${arena.registry.url}\nscript-shell=${setting(tools)}\n`;
      const files = { '.npmrc': lines, '.npmsign/shell': JUDGING_SHELL };
      const plain = await arena.project(npm11, { dependencies: [arena.evil], files });
      const stopped = await arena.loose(npm11, plain, { args: ['ci'], env: naiveEnv?.(tools) ?? {} });
      assert.notEqual(stopped.code, 0);
      assert.match(stopped.stderr, stops);
      const dependencies = [cunning];
      const naive = await arena.project(npm11, { dependencies, files });
      assertFell(await arena.loose(npm11, naive, { args: ['ci'], env: env?.(tools) ?? {} }));

      const strong = await arena.project(npm11, { dependencies, files });
      assertHeld(await arena.enter(npm11, strong, { args: ['ci'] }));
      const vendored = await arena.project(npm12, {
        dependencies,
        packageJson: { scripts: ourScript('preinstall') },
        files: arena.vendored,
      });
      assertHeld(await arena.loose(npm12, vendored, { args: ['ci'], env: env?.(tools) ?? {} }));
    });
  }

  it('anyhow is asked nothing where no package has a script, and the lockfile is judged all the same', async () => {
    const silent = arena.registry.publish({ name: 'evil', version: '2.1.0' });
    const files = { '.npmrc': `registry=${arena.registry.url}\nscript-shell=${tools}/judging-shell\n` };
    const naive = await arena.project(npm11, { dependencies: [silent], files });
    assert.equal((await arena.loose(npm11, naive, { args: ['ci'] })).code, 0);
    assert.deepEqual(naive.installed(), ['evil']);
    const strong = await arena.project(npm11, { dependencies: [silent], files });
    assertHeld(await arena.enter(npm11, strong, { args: ['ci'] }));
  });
});
