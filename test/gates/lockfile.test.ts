/** The lockfile that was judged is all that is installed: what it lacks is fetched under no manager. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Project } from '../support/project.ts';
import { type Contestant, contestantOf, TITLES } from './contestants.ts';
import { aWorld, bytesOf, type World } from './world.ts';

const skip = process.platform === 'win32' ? 'the managers here are started by a POSIX shell' : false;

describe('a judged lockfile', { skip }, () => {
  let world: World;
  before(async () => {
    world = await aWorld();
  });
  after(() => world.close());

  for (const title of TITLES) {
    it(`that lost the entry of a dependency lets ${title} fetch none of it`, async () => {
      const contestant = await contestantOf(title);
      const project = await world.project(contestant, { dependencies: [world.carrier] });
      rewrite(project, contestant, withoutEvil);
      const { code, stderr, ranScripts, tarballs } = await world.enter(contestant, project, { args: ['ci'] });
      assert.match(
        stderr,
        title === 'yarn 4' ? /WARN/ : /PASS/,
        'nothing in the lockfile violates the policy',
      );
      assert.notEqual(code, 0);
      assert.deepEqual([ranScripts, tarballs.filter((name) => name === 'evil')], [[], []]);
    });
  }

  describe('of yarn 1', () => {
    const workspaces = { private: true, workspaces: ['packages/*'] };
    const member = (dependencies: object) => ({ name: 'member', version: '1.0.0', dependencies });

    it('is all there is for workspaces too, which yarn itself does not look at', async () => {
      const contestant = await contestantOf('yarn 1');
      const request = {
        dependencies: [world.good],
        packageJson: workspaces,
        files: { 'packages/member/package.json': member({ good: '1.0.0' }) },
      };
      const inStep = await world.project(contestant, request);
      assert.equal((await world.enter(contestant, inStep, { args: ['ci'] })).code, 0);

      const ahead = await world.project(contestant, request);
      ahead.write('packages/member/package.json', member({ good: '1.0.0', evil: '1.0.0' }));
      const { code, stderr, ranScripts, tarballs } = await world.enter(contestant, ahead, { args: ['ci'] });
      assert.deepEqual([code, ranScripts, tarballs], [2, [], []]);
      assert.match(stderr, /yarn\.lock has no entry for evil@1\.0\.0/);
      assert.ok(
        (await world.enterUnguarded(contestant, ahead)).includes('evil preinstall'),
        'yarn is not fooled',
      );
    });

    it('is obeyed whatever .yarnrc says', async () => {
      const contestant = await contestantOf('yarn 1');
      const project = await world.project(contestant, { dependencies: [world.good] });
      project.write('.yarnrc', '--install.no-lockfile true\n');
      const { code, stderr, tarballs } = await world.enter(contestant, project, { args: ['ci'] });
      assert.deepEqual([code, tarballs], [2, []]);
      assert.match(stderr, /\.yarnrc has settings that may keep yarn from its lockfile/);
    });
  });

  it('that changes while it is judged is not installed', async () => {
    const contestant = await contestantOf('bun');
    const project = await world.project(contestant, { dependencies: [world.good] });
    world.registry.misbehave({ on: 'manifest' }, { kind: 'late', ms: 1500 });
    const running = world.enter(contestant, project, { args: ['ci'] });
    while (!world.registry.requests.some(({ route }) => route.kind === 'manifest')) await sleep(20);
    rewrite(project, contestant, (text) => `${text}\n`);
    const { code, stderr, tarballs } = await running;
    world.registry.behave();
    assert.deepEqual([code, tarballs], [3, []]);
    assert.match(stderr, /bun\.lock changed while it was being judged: nothing is installed/);
  });

  it('is the one of the manager the project names, or nothing is installed', async () => {
    const contestant = await contestantOf('bun');
    const project = await world.project(contestant, {
      dependencies: [world.good],
      packageJson: { packageManager: 'pnpm@10.0.0' },
    });
    const untouched = bytesOf(project);
    const { code, stderr } = await world.enter(contestant, project, { args: ['ci'] });
    assert.equal(code, 2);
    assert.match(stderr, /package\.json names pnpm \(packageManager\), and the lockfile is bun\.lock/);
    assert.deepEqual(bytesOf(project), untouched);
  });
});

function rewrite(
  { file, write }: Project,
  { lockfile }: Contestant,
  change: (text: string, name: string) => string,
): void {
  const text = readFileSync(file(lockfile), 'utf8');
  const changed = change(text, lockfile);
  assert.notEqual(changed, text);
  write(lockfile, changed);
}

/** As an attacker would have it: the entry is gone, and what depends on it still does. */
function withoutEvil(text: string, name: string): string {
  switch (name) {
    case 'package-lock.json': {
      const lock = JSON.parse(text);
      delete lock.packages['node_modules/evil'];
      return JSON.stringify(lock, null, 2);
    }
    case 'pnpm-lock.yaml':
      return text.replace(/\n {2}evil@1\.0\.0:(?: \{\})?\n(?: {4}.*\n)*/g, '\n');
    case 'yarn.lock':
      return text.replace(/\n"?evil@[\s\S]*?\n(?=\n|$)/, '');
    default:
      return text.replace(/\n *"evil": \[.*\],\n/, '\n');
  }
}
