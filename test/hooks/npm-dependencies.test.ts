/** The after-check in real npm: it fails every command that brought a violating package in. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Npm, type NpmMajor, npmOf } from '../support/managers.ts';
import { aGatedWorld, type Calls, GATE, type World } from './gated-project.ts';

const skip = process.platform === 'win32' ? 'the scripts here are written for a POSIX shell' : false;
const CALLS = { dependencies: GATE.dependencies };
const HIJACKABLE = { dependencies: 'node .npmsign/gate.mjs dependencies' };

describe('the root dependencies gate', { skip }, () => {
  let world: World;
  const npms = new Map<NpmMajor, Npm>();
  before(async () => {
    world = await aGatedWorld();
    for (const major of [10, 11, 12] as const) npms.set(major, await npmOf(major));
  });
  after(() => world.close());

  async function run(major: NpmMajor, args: readonly string[], { dir }: { readonly dir: string }) {
    const npm = npms.get(major);
    assert.ok(npm);
    return npm.run(args, { cwd: dir, registry: world.registry.url, env: world.cage().env });
  }

  async function ciWithHijack(major: NpmMajor, calls: Calls) {
    const project = world.project([world.evil, world.hijack], calls);
    const { code } = await run(major, ['ci'], project);
    assert.deepEqual(project.installed(), ['evil', 'hijack']);
    return code;
  }

  for (const major of [10, 11, 12] as const) {
    it(`lets npm install good of npm ${major} pass`, async () => {
      const project = world.project([], CALLS);
      world.registry.forgetRequests();
      const { code, stdout, stderr } = await run(major, ['install', 'good'], project);
      assert.equal(code, 0, stderr);
      assert.doesNotMatch(stdout, /PASS/);
      // npm shows nothing of a check that passed. Only the gate asks for one version's manifest.
      assert.ok(world.registry.requests.some(({ route }) => route.kind === 'manifest'));
    });

    it(`fails npm install evil of npm ${major}, and says that the change is made`, async () => {
      const project = world.project([world.good], CALLS);
      const { code, stderr } = await run(major, ['install', 'evil'], project);
      assert.equal(code, 1);
      assert.match(stderr, /FAIL[\s\S]*evil/);
      assert.match(stderr, /after the change, so it was too late to prevent/);
      // This is what the message admits.
      assert.deepEqual(project.installed(), ['evil', 'good']);
    });

    it(`is not fooled under npm ${major} by a dependency that ships a command named node`, async () => {
      assert.equal(await ciWithHijack(major, CALLS), 1);
      assert.equal(
        await ciWithHijack(major, HIJACKABLE),
        0,
        'the hijack is no longer real: this test proves nothing',
      );
    });
  }
});
