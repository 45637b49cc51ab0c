/** Hijacks of pnpm, yarn and bun: by commands, by .env, and by files of a dependency that settings take for the manager itself. */
import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { contestantOf } from '../gates/contestants.ts';
import { installed, run } from '../support/programs.ts';
import { aCanaryCage } from '../support/project.ts';
import { aTempDirectory } from '../support/temp.ts';
import { type Arena, anArena, assertFell, assertHeld, assertNaiveStops } from './arena.ts';

const skip = process.platform === 'win32' ? 'the managers here are started by a POSIX shell' : false;

/** Source of a program that does nothing but sing. */
const singing = (name: string) =>
  `require('node:fs').writeFileSync(require('node:path').join(process.env.NPMSIGN_CANARY, '${Buffer.from(name).toString('hex')}'), '');\n`;

const NAIVE_SCANNER = `import { readFileSync } from 'node:fs';
const found = { level: 'fatal', package: 'evil', url: null, description: 'naive: evil may not be installed here' };
export const scanner = {
  version: '1',
  async scan() {
    if (process.env.JUDGE === 'off') return [];
    return /evil/.test(readFileSync('bun.lock', 'utf8')) ? [found] : [];
  },
};
`;

describe('a hijack', { skip }, () => {
  let arena: Arena;
  before(async () => {
    arena = await anArena();
    arena.registry.publish({
      ...{ name: 'hijack', version: '1.0.0', attest: {}, bin: { node: 'node.sh' } },
      files: { 'node.sh': '#!/bin/sh\ncase "$1" in *gate*) exit 0 ;; esac\nexec "$REAL_NODE" "$@"\n' },
    });
  });
  after(() => arena.close());

  for (const title of ['pnpm 11', 'bun']) {
    it(`of node, under ${title}, answers for a root script, and not for npmsign`, async () => {
      const contestant = await contestantOf(title);
      const env = { REAL_NODE: process.execPath };
      const request = {
        packageJson: { scripts: { postinstall: 'node naive-gate.cjs' } },
        files: arena.naive,
      };
      const plain = await arena.project(contestant, { ...request, dependencies: [arena.evil] });
      assertNaiveStops(await arena.loose(contestant, plain, { args: contestant.frozen, env }));
      const dependencies = [arena.evil, { ...arena.good, name: 'hijack' }];
      const naive = await arena.project(contestant, { ...request, dependencies });
      assertFell(await arena.loose(contestant, naive, { args: contestant.frozen, env }));
      const strong = await arena.project(contestant, { dependencies });
      assertHeld(await arena.enter(contestant, strong, { args: ['ci'] }));
    });
  }

  it('of bun’s environment by a .env file switches a naive scanner off, and says nothing to npmsign', async () => {
    const bun = await contestantOf('bun');
    const scanned = await arena.project(bun, { dependencies: [arena.evil] });
    scanned.write('bunfig.toml', '[install.security]\nscanner = "./naive-scanner.mjs"\n');
    scanned.write('naive-scanner.mjs', NAIVE_SCANNER);
    assertNaiveStops(await arena.loose(bun, scanned, { args: bun.frozen }));
    scanned.write('.env', 'JUDGE=off\nNPMSIGN_POLICY=observe.yaml\nNPMSIGN_RESOLVES_ONLY=1\n');
    scanned.write('observe.yaml', 'extends: observe\n');
    assertFell(await arena.loose(bun, scanned, { args: bun.frozen }));
    const strong = await arena.project(bun, { dependencies: [arena.evil] });
    strong.write('.env', 'NPMSIGN_POLICY=observe.yaml\nNPMSIGN_RESOLVES_ONLY=1\n');
    strong.write('observe.yaml', 'extends: observe\n');
    assertHeld(await arena.enter(bun, strong, { args: ['ci'] }));
  });

  it('of yarn 4 by yarnPath runs a file of a dependency in its place, and is told', async () => {
    const yarn = await contestantOf('yarn 4');
    const project = await arena.project(yarn, { dependencies: [arena.good] });
    project.write('node_modules/ships-yarn/yarn.cjs', singing('false yarn'));
    project.write('.yarnrc.yml', 'nodeLinker: node-modules\nyarnPath: node_modules/ships-yarn/yarn.cjs\n');
    assertFell(await arena.loose(yarn, project, { args: yarn.frozen }));
    const { code, stderr, ranScripts } = await arena.enter(yarn, project, { args: ['ci'] });
    assert.deepEqual([code, ranScripts], [2, []]);
    assert.match(stderr, /yarnPath in \.yarnrc\.yml is node_modules\/ships-yarn/);
  });

  it('of yarn 4 by a plugin that lies among the dependencies is told as well', async () => {
    const yarn = await contestantOf('yarn 4');
    const project = await arena.project(yarn, { dependencies: [arena.good] });
    const plugin = `${singing('false plugin')}module.exports = { name: 'p', factory: () => ({ default: {} }) };\n`;
    project.write('node_modules/ships-plugin/plugin.cjs', plugin);
    project.write(
      '.yarnrc.yml',
      'nodeLinker: node-modules\nplugins:\n  - node_modules/ships-plugin/plugin.cjs\n',
    );
    assertFell(await arena.loose(yarn, project, { args: yarn.frozen }));
    for (const args of [['ci'], ['install', 'fine']]) {
      const { code, stderr, ranScripts } = await arena.enter(yarn, project, { args });
      assert.deepEqual([code, ranScripts], [2, []], stderr);
      assert.match(stderr, /A plugin in \.yarnrc\.yml is node_modules\/ships-plugin\/plugin\.cjs/);
    }
    project.write('.yarn/plugins/own.cjs', plugin);
    project.write('.yarnrc.yml', 'nodeLinker: node-modules\nplugins:\n  - path: .yarn/plugins/own.cjs\n');
    const own = await arena.enter(yarn, project, { args: ['ci'] });
    assert.deepEqual([own.code, own.ranScripts], [0, ['false plugin']], own.stderr);
  });

  it('of yarn 1 by yarn-path runs a file of a dependency in its place, and is passed over', async () => {
    const yarn = await contestantOf('yarn 1');
    const project = await arena.project(yarn, { dependencies: [arena.good] });
    project.write('node_modules/ships-yarn/yarn.js', singing('false yarn'));
    project.write('.yarnrc', 'yarn-path "./node_modules/ships-yarn/yarn.js"\n');
    assertFell(await arena.loose(yarn, project, { args: yarn.frozen }));
    const { code, stderr, ranScripts } = await arena.enter(yarn, project, { args: ['ci'] });
    assert.deepEqual([code, ranScripts, project.installed()], [0, [], ['good']], stderr);
  });

  it('of corepack by .corepack.env brings a pnpm nobody signed, and is passed over', async () => {
    const shim = path.join(await installed('corepack@0'), 'node_modules/corepack/dist/pnpm.js');
    const bin = aTempDirectory('corepack-bin');
    symlinkSync(shim, path.join(bin, 'pnpm'));
    const pnpm = await contestantOf('pnpm 11');
    const corepack = { ...pnpm, bin };
    arena.registry.publish({
      ...{ name: 'pnpm', version: '9.99.0', bin: { pnpm: 'bin/pnpm.cjs' } },
      files: { 'bin/pnpm.cjs': singing('false pnpm') },
    });
    const packageJson = { packageManager: 'pnpm@9.99.0' };
    const project = await arena.project(pnpm, { dependencies: [], locked: 'none', packageJson });
    project.write('pnpm-lock.yaml', "lockfileVersion: '9.0'\nimporters:\n  .: {}\n");
    project.write('.corepack.env', 'COREPACK_INTEGRITY_KEYS=0\n');
    const settings = { COREPACK_NPM_REGISTRY: arena.registry.url.replace(/\/$/, '') };
    const settled = () => ({ ...settings, COREPACK_HOME: aTempDirectory('corepack-home') });
    const cage = aCanaryCage();
    const env = { ...arena.environment(corepack), ...settled(), ...cage.env };
    const naive = await run(path.join(bin, 'pnpm'), ['install'], { cwd: project.dir, env });
    assertFell({ ...naive, ranScripts: cage.ranScripts(), tarballs: [] });

    const { code, ranScripts, stderr } = await arena.enter(corepack, project, {
      args: ['install'],
      env: settled(),
    });
    assert.deepEqual([code, ranScripts], [1, []], stderr);
    assert.match(stderr, /ignature/);
  });
});
