/** `npmsign init` from end to end in an old project of each manager: shown, written, written again, noticed when altered, and taken back to the byte. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { buildGateInto } from '../../scripts/build.ts';
import { type Contestant, contestantOf } from '../gates/contestants.ts';
import { aWorld, bytesOf, type World } from '../gates/world.ts';
import type { Project } from '../support/project.ts';

const skip = process.platform === 'win32' ? 'the managers here are started by a POSIX shell' : false;
const GATE = '.npmsign/gate.mjs';

/** What has grown in a project: comments, Windows line ends, settings and scripts of its own. */
const GROWN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'npm 11': {},
  'npm 12': {},
  'pnpm 11': {
    'pnpm-workspace.yaml': '# ours\npackages: # here\n  - packages/*\nallowBuilds:\n  evil: true\n',
    '.pnpmfile.cjs': 'module.exports = { hooks: { readPackage: (found) => found } };\n',
  },
  'yarn 1': {},
  'yarn 4': { '.yarnrc.yml': '# kept\nnodeLinker: node-modules # why\nenableScripts: true\n' },
  bun: { 'bunfig.toml': '# mine\r\n[install]\r\nexact = true # yes\r\n' },
};

describe('npmsign init', { skip }, () => {
  let world: World;
  before(async () => {
    world = await aWorld();
    // As they are shipped: side by side.
    await buildGateInto(path.dirname(world.npmsign));
  });
  after(() => world.close());

  async function anOldProject(contestant: Contestant): Promise<Project> {
    const project = await world.project(contestant, {
      dependencies: [world.good],
      packageJson: { workspaces: ['packages/*'], scripts: { preinstall: 'echo one && echo two', test: 'x' } },
      files: {
        'packages/inner/package.json': { name: 'inner', version: '1.0.0' },
        ...GROWN[contestant.title],
      },
    });
    project.write(
      'package.json',
      readFileSync(project.file('package.json'), 'utf8').replaceAll('\n', '\r\n'),
    );
    project.write('.npmrc', `; a comment\r\nregistry=${world.registry.url}\r\n`);
    return project;
  }

  for (const title of Object.keys(GROWN)) {
    it(`sets an old project of ${title} up once, and takes all of it back`, async () => {
      const contestant = await contestantOf(title);
      const project = await anOldProject(contestant);
      const npmsign = (...args: readonly string[]) => world.enter(contestant, project, { args });
      const untouched = bytesOf(project);
      assert.equal((await npmsign('init', '--dry-run')).code, 0);
      assert.deepEqual(bytesOf(project), untouched);
      const { code, stderr } = await npmsign('init', '--yes');
      assert.equal(code, 0, stderr);
      const written = bytesOf(project);
      assert.notDeepEqual(written, untouched);

      for (const again of [['--yes'], ['--vendor', '--yes']]) {
        assert.match((await npmsign('init', ...again)).stdout, /nothing to do/);
        assert.deepEqual(bytesOf(project), written);
      }
      const frozen = await contestant.manager.run(contestant.frozen, {
        cwd: project.dir,
        env: world.environment(contestant),
      });
      assert.equal(frozen.code, 0, frozen.stdout + frozen.stderr);

      project.write(GATE, `${written.get(GATE)} `);
      const altered = await npmsign('verify');
      assert.match(altered.stdout, /gate\.mjs is not the file npmsign \S+ ships[\s\S]*GATE_ALTERED/);
      assert.equal((await npmsign('init', '--vendor', '--yes')).code, 0);
      assert.equal(readFileSync(project.file(GATE), 'latin1'), written.get(GATE));
      assert.doesNotMatch((await npmsign('verify')).stdout, /GATE_/);

      assert.equal((await npmsign('init', '--remove', '--yes')).code, 0);
      const left = bytesOf(project);
      for (const [file, bytes] of untouched) assert.equal(left.get(file), bytes, file);
      assert.deepEqual(
        [...left.keys()].filter((file) => file.startsWith('.npmsign/')),
        [],
      );
    });
  }
});
