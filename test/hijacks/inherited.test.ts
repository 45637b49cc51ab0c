/** What a run inherits from its surroundings: another manager's name, a PATH that begins in the project, options of the node it starts. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Contestant, contestantOf } from '../gates/contestants.ts';
import { run } from '../support/managers.ts';
import { aCanaryCage, type Project } from '../support/project.ts';
import {
  type Arena,
  type Attempt,
  anArena,
  assertFell,
  assertHeld,
  assertNaiveStops,
  ourScript,
} from './arena.ts';

const skip = process.platform === 'win32' ? 'the scripts here are written for a POSIX shell' : false;

/** Judges the lockfile of the manager that is said to run, then has npm install. */
const NAIVE_CI = `#!/bin/sh
case "$npm_config_user_agent" in pnpm/*) lock=pnpm-lock.yaml ;; *) lock=package-lock.json ;; esac
node -e 'process.exitCode = /evil/.test(fs.readFileSync(process.argv[1], "utf8")) ? 1 : 0' "$lock" || {
  echo "naive: evil may not be installed here" >&2
  exit 1
}
exec npm ci
`;

describe('the environment a gate inherits', { skip }, () => {
  let arena: Arena;
  let npm11: Contestant;
  let npm12: Contestant;
  before(async () => {
    arena = await anArena();
    [npm11, npm12] = [await contestantOf('npm 11'), await contestantOf('npm 12')];
  });
  after(() => arena.close());

  async function naiveCi({ dir }: Project, env: Readonly<Record<string, string>> = {}): Promise<Attempt> {
    const cage = aCanaryCage();
    const surroundings = { ...arena.environment(npm11), ...cage.env, ...env };
    const result = await run('/bin/sh', ['naive-ci.sh'], { cwd: dir, env: surroundings });
    return { ...result, ranScripts: cage.ranScripts(), tarballs: [] };
  }

  it('names another manager, and so another lockfile than is installed', async () => {
    const files = { 'naive-ci.sh': NAIVE_CI };
    const env = { npm_config_user_agent: 'pnpm/10.0.0 npm/? node/v24.0.0 linux x64' };
    const project = await arena.project(npm11, { dependencies: [arena.evil], files });
    assertNaiveStops(await naiveCi(project));
    project.write('pnpm-lock.yaml', "lockfileVersion: '9.0'\nimporters:\n  .: {}\n");
    assertFell(await naiveCi(project, env));

    const alone = await arena.project(npm11, { dependencies: [arena.evil] });
    assertHeld(await arena.enter(npm11, alone, { args: ['ci'], env }));
    const two = await arena.project(npm11, { dependencies: [arena.evil] });
    two.write('pnpm-lock.yaml', "lockfileVersion: '9.0'\nimporters:\n  .: {}\n");
    const { code, stderr, tarballs } = await arena.enter(npm11, two, { args: ['ci'], env });
    assert.deepEqual([code, tarballs], [2, []]);
    assert.match(stderr, /LOCKFILE_AMBIGUOUS/);
  });

  it('begins its PATH in node_modules/.bin, where a dependency put a node and an npm', async () => {
    const files = { 'naive-ci.sh': NAIVE_CI };
    const project = await arena.project(npm11, { dependencies: [arena.evil], files });
    const bin = project.file('node_modules/.bin');
    mkdirSync(bin, { recursive: true });
    for (const [name, text] of [
      ['node', '#!/bin/sh\n[ "$1" = -e ] && exit 0\nexec "$npm_node_execpath" "$@"\n'],
      ['npm', `#!/bin/sh\ntouch "$NPMSIGN_CANARY/${Buffer.from('false npm').toString('hex')}"\n`],
    ] as const) {
      project.write(`node_modules/.bin/${name}`, text);
      chmodSync(path.join(bin, name), 0o755);
    }
    const env = { PATH: [bin, arena.environment(npm11)['PATH']].join(path.delimiter) };
    assertNaiveStops(await naiveCi(project));
    assertFell(await naiveCi(project, env));
    assertHeld(await arena.enter(npm11, project, { args: ['ci'], env }));
  });

  it('has node options of .npmrc, with which npm starts every node but itself', async () => {
    // Its commands are let in; evil itself has no scripts to trip over the option.
    const preloaded = arena.registry.publish({
      ...{ name: 'preloaded', version: '1.0.0', attest: {} },
      files: { 'pre.cjs': "if (/gate\\.[cm]js$/.test(process.argv[1] ?? '')) process.exit(0);\n" },
    });
    const files = {
      '.npmrc': [
        `registry=${arena.registry.url}`,
        'node-options=--require=$'.concat('{PWD}/node_modules/preloaded/pre.cjs\n'),
      ].join('\n'),
    };
    const request = { dependencies: [arena.evil, preloaded] };
    const loose = (npm: Contestant, project: Project) =>
      arena.loose(npm, project, { args: ['ci'], env: { PWD: project.dir } });
    const scripts = { dependencies: '"$npm_node_execpath" naive-gate.cjs' };
    const plain = await arena.project(npm11, { ...request, packageJson: { scripts }, files: arena.naive });
    assertNaiveStops(await loose(npm11, plain));
    const naive = { ...request, packageJson: { scripts }, files: { ...arena.naive, ...files } };
    assertFell(await loose(npm11, await arena.project(npm11, naive)));

    // In time there is nothing yet to be preloaded. Late, ours is preloaded too: such an option is the project's own word.
    const vendored = { ...request, packageJson: { scripts: ourScript('preinstall') } };
    const inTime = { ...vendored, files: { ...arena.vendored, ...files } };
    const { code, ranScripts, tarballs, stderr } = await loose(npm12, await arena.project(npm12, inTime));
    assert.deepEqual({ code, ranScripts, tarballs }, { code: 1, ranScripts: [], tarballs: [] }, stderr);
    const strong = await arena.project(npm11, { ...request, files });
    assertHeld(await arena.enter(npm11, strong, { args: ['ci'], env: { PWD: strong.dir } }));
  });

  it('says where a person stood, which is no word about which project is installed', async () => {
    const scripts = { dependencies: '"$npm_node_execpath" "$INIT_CWD/naive-gate.cjs"' };
    const plain = await arena.project(npm11, {
      ...{ dependencies: [arena.evil], packageJson: { scripts }, files: arena.naive },
    });
    assertNaiveStops(await arena.loose(npm11, plain, { args: ['ci'] }));
    // A workspace folder that has a gate of its own, which permits all.
    const files = {
      ...{ ...arena.naive, ...arena.vendored },
      'packages/inner/package.json': { name: 'inner', version: '1.0.0', dependencies: { evil: '1.0.0' } },
      'packages/inner/naive-gate.cjs': '',
      'packages/inner/.npmsign/gate.mjs': '',
      'packages/inner/.npmsignrc': { extends: 'observe' },
    };
    for (const [calls, falls] of [
      [scripts, true],
      [ourScript('dependencies'), false],
    ] as const) {
      const project = await arena.project(npm11, {
        ...{ dependencies: [], packageJson: { scripts: calls, workspaces: ['packages/*'] }, files },
      });
      const inner = { ...project, dir: project.file('packages/inner') };
      const attempt = await arena.loose(npm11, inner, { args: ['ci'] });
      if (falls) assertFell(attempt);
      else assert.match(attempt.stderr, /FAIL[\s\S]*evil/);
    }
    const { 'packages/inner/.npmsignrc': _, ...withoutPolicy } = files;
    const strong = await arena.project(npm11, {
      ...{ dependencies: [], packageJson: { workspaces: ['packages/*'] }, files: withoutPolicy },
    });
    assertHeld(await arena.enter(npm11, strong, { args: ['ci'], folder: 'packages/inner' }));
  });
});
