/** A dependency that puts itself where the gate is looked for: under its name, in its file, or among the packages as npmsign itself. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { type Contestant, contestantOf } from '../gates/contestants.ts';
import { type Arena, anArena, assertFell, assertHeld, assertNaiveStops, ourScript } from './arena.ts';

const skip = process.platform === 'win32' ? 'the scripts here are written for a POSIX shell' : false;
const BY_NODE = '"$npm_node_execpath"';

/** Sings, and leaves nothing of the gates in the project it is installed into. */
const PAINT = `const { existsSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const gates = ['naive-gate.cjs', '.npmsign/gate.mjs'].map((gate) => join(process.env.INIT_CWD, gate));
for (const gate of gates.filter((gate) => existsSync(gate))) writeFileSync(gate, '');
writeFileSync(join(process.env.NPMSIGN_CANARY, Buffer.from('evil preinstall').toString('hex')), '');
`;

describe('the place of the gate', { skip }, () => {
  let arena: Arena;
  let npm11: Contestant;
  let npm12: Contestant;
  before(async () => {
    arena = await anArena();
    [npm11, npm12] = [await contestantOf('npm 11'), await contestantOf('npm 12')];
  });
  after(() => arena.close());

  it('is not node_modules/npmsign, which a package under that name fills', async () => {
    const judging = arena.registry.publish({
      ...{ name: 'npmsign', version: '0.0.1', attest: {} },
      files: { 'gate.cjs': arena.naive['naive-gate.cjs'] ?? '' },
    });
    arena.registry.publish({
      name: 'false-npmsign',
      version: '1.0.0',
      attest: {},
      files: { 'gate.cjs': '' },
    });
    const scripts = { dependencies: `${BY_NODE} node_modules/npmsign/gate.cjs` };
    const plain = await arena.project(npm11, {
      dependencies: [arena.evil, judging],
      packageJson: { scripts },
    });
    assertNaiveStops(await arena.loose(npm11, plain, { args: ['ci'] }));
    const dependencies = { evil: '1.0.0', npmsign: 'npm:false-npmsign@1.0.0' };
    const naive = await arena.project(npm11, { dependencies: [], packageJson: { dependencies, scripts } });
    assertFell(await arena.loose(npm11, naive, { args: ['ci'] }));

    for (const [npm, name] of [
      [npm11, 'dependencies'],
      [npm12, 'preinstall'],
    ] as const) {
      const packageJson = { dependencies, scripts: ourScript(name) };
      const ours = await arena.project(npm, { dependencies: [], packageJson, files: arena.vendored });
      const { code, stderr } = await arena.loose(npm, ours, { args: ['ci'] });
      assert.equal(code, 1, stderr);
      assert.match(stderr, /FAIL[\s\S]*evil/);
    }
    const strong = await arena.project(npm11, { dependencies: [], packageJson: { dependencies } });
    assertHeld(await arena.enter(npm11, strong, { args: ['ci'] }));
  });

  it('is overwritten by a script that runs before a late gate; a gate in time, the strong one, and verify are not deceived', async () => {
    const painter = arena.registry.publish({
      ...{ name: 'evil', version: '2.0.0', scripts: { preinstall: 'node paint.js' } },
      files: { 'paint.js': PAINT },
    });
    const naiveScripts = { preinstall: `${BY_NODE} naive-gate.cjs` };
    const plain = await arena.project(npm11, {
      ...{ dependencies: [arena.evil], packageJson: { scripts: naiveScripts }, files: arena.naive },
    });
    assertNaiveStops(await arena.loose(npm11, plain, { args: ['ci'] }));
    const naive = await arena.project(npm11, {
      ...{ dependencies: [painter], packageJson: { scripts: naiveScripts }, files: arena.naive },
    });
    assertFell(await arena.loose(npm11, naive, { args: ['ci'] }));

    const request = {
      ...{
        dependencies: [painter],
        packageJson: { scripts: ourScript('preinstall') },
        files: arena.vendored,
      },
    };
    const inTime = await arena.project(npm12, request);
    assertHeld(await arena.loose(npm12, inTime, { args: ['ci'] }));
    const strong = await arena.project(npm11, request);
    assertHeld(await arena.enter(npm11, strong, { args: ['ci'] }));

    // Late, ours is painted over as well: whoever runs code in a project can write in it. It does not go unnoticed.
    const late = await arena.project(npm11, request);
    assert.equal((await arena.loose(npm11, late, { args: ['ci'] })).code, 0);
    assert.equal(readFileSync(late.file('.npmsign/gate.mjs'), 'utf8'), '');
    const { code, stdout } = await arena.enter(npm11, late, { args: ['verify', '--require-gate'] });
    assert.equal(code, 1);
    assert.match(stdout, /GATE_/);
  });
});
