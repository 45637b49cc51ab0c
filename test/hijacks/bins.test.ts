/** A dependency that ships a command named like a tool: what calls that tool by name asks the dependency. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Contestant, contestantOf } from '../gates/contestants.ts';
import type { Published } from '../support/registry/index.ts';
import { type Arena, anArena, assertFell, assertHeld, assertNaiveStops, ourScript } from './arena.ts';

const skip = process.platform === 'win32' ? 'the scripts here are written for a POSIX shell' : false;

/** Ways to call a gate by name, in npm's root `dependencies`, and how a false tool of that name would have to end. */
const CALLED_BY_NAME = [
  { tool: 'npm', script: 'npm run --silent judge', ends: 0 },
  { tool: 'npx', script: 'npx -c \'"$npm_node_execpath" naive-gate.cjs\'', ends: 0 },
  {
    tool: 'git',
    script: '! git grep --no-index -q evil package-lock.json || npm run --silent judge',
    ends: 1,
  },
  { tool: 'npmsign', script: 'npmsign verify', ends: 0 },
  { tool: 'sh', script: 'sh judge.sh', ends: 0 },
] as const;

describe('a dependency that ships a command', { skip }, () => {
  let arena: Arena;
  let npm: Contestant;
  let npm12: Contestant;
  const shipped = new Map<string, Published>();
  before(async () => {
    arena = await anArena();
    npm = await contestantOf('npm 11');
    npm12 = await contestantOf('npm 12');
    arena.registry.publish({
      ...{ name: 'npmsign', version: '0.0.1', attest: {}, bin: { npmsign: 'cli.js' } },
      files: { 'cli.js': `#!/usr/bin/env node\n${arena.naive['naive-gate.cjs']}` },
    });
    for (const { tool, ends } of CALLED_BY_NAME) shipped.set(tool, shipping(tool, ends));
  });
  after(() => arena.close());

  /** Sorts before every other package: of two commands of one name npm keeps the first. */
  function shipping(tool: string, ends: number): Published {
    return arena.registry.publish({
      ...{ name: `a-${tool}`, version: '1.0.0', attest: {} },
      bin: { [tool]: 'tool.sh' },
      files: { 'tool.sh': `#!/bin/sh\nexit ${ends}\n` },
    });
  }

  function evilWith(tool: string): readonly Published[] {
    const found = shipped.get(tool);
    assert.ok(found);
    return [arena.evil, found];
  }

  /** A project whose scripts call the naive gate by a name. */
  function naive(dependencies: readonly Published[], script: string) {
    return arena.project(npm, {
      dependencies,
      packageJson: {
        devDependencies: { npmsign: '0.0.1' },
        scripts: { dependencies: script, judge: '"$npm_node_execpath" naive-gate.cjs' },
      },
      files: { ...arena.naive, 'judge.sh': '"$npm_node_execpath" naive-gate.cjs\n' },
    });
  }

  function ours(
    contestant: Contestant,
    dependencies: readonly Published[],
    name: 'preinstall' | 'dependencies',
  ) {
    return arena.project(contestant, {
      dependencies,
      packageJson: { scripts: ourScript(name) },
      files: arena.vendored,
    });
  }

  for (const { tool, script } of CALLED_BY_NAME) {
    it(`named ${tool} answers for a gate that is called by that name, and not for npmsign's`, async () => {
      assertNaiveStops(await arena.loose(npm, await naive([arena.evil], script), { args: ['ci'] }));
      assertFell(await arena.loose(npm, await naive(evilWith(tool), script), { args: ['ci'] }));
      const strong = await arena.project(npm, { dependencies: evilWith(tool) });
      assertHeld(await arena.enter(npm, strong, { args: ['ci'] }));
      if (tool === 'sh') return;
      const after = await ours(npm, evilWith(tool), 'dependencies');
      const { code, stderr } = await arena.loose(npm, after, { args: ['ci'] });
      assert.equal(code, 1, stderr);
      assert.match(stderr, /FAIL[\s\S]*evil/);
    });
  }

  it('named sh answers for every root script of npm that is called when it lies there: what comes before still holds', async () => {
    // npm runs scripts by a shell it looks for in node_modules/.bin first. No script can be called without it.
    const after = await ours(npm, evilWith('sh'), 'dependencies');
    const home = arena.home();
    assert.equal((await arena.loose(npm, after, { args: ['ci'] })).code, 0, 'SECURITY.md tells of this hole');
    const required = await arena.enter(npm, after, { args: ['verify', '--require-gate'], home });
    assert.equal(required.code, 1);
    assert.match(required.stdout, /no gate/i);
    const ahead = await ours(npm12, evilWith('sh'), 'preinstall');
    assertHeld(await arena.loose(npm12, ahead, { args: ['ci'] }));
  });
});
