/** The strong gate in front of every package manager: what it lets through, what it stops, and what is left behind. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { contestantOf, TITLES } from './contestants.ts';
import { differences, lyingIn } from './leftovers.ts';
import { aWorld, bytesOf, type Entered, type World } from './world.ts';

const skip = process.platform === 'win32' ? 'the managers here are started by a POSIX shell' : false;

describe('the strong gate', { skip }, () => {
  let world: World;
  before(async () => {
    world = await aWorld();
  });
  after(() => world.close());

  for (const title of TITLES) {
    const canResolve = title !== 'yarn 1';

    it(`lets ${title} install what is locked, and stops ci before anything is fetched where the policy is violated`, async () => {
      const contestant = await contestantOf(title);
      const project = await world.project(contestant, { dependencies: [world.good] });
      const locked = bytesOf(project).get(contestant.lockfile);
      const passed = await world.enter(contestant, project, { args: ['ci'] });
      assert.equal(passed.code, 0, passed.stderr);
      assert.deepEqual([project.installed(), passed.tarballs], [['good'], ['good']]);
      assert.equal(bytesOf(project).get(contestant.lockfile), locked);
      assert.match(passed.stderr, /^npmsign: \S+ (ci|install --)/m);

      const other = await world.project(contestant, { dependencies: [world.good, world.evil] });
      const untouched = bytesOf(other);
      const refused = await world.enter(contestant, other, { args: ['ci'] });
      assertRefused(refused, 1);
      assert.match(refused.stderr, /FAIL[\s\S]*evil/);
      assert.deepEqual(bytesOf(other), untouched);
    });

    it(`is all that keeps evil's scripts from running under ${title}`, async () => {
      const contestant = await contestantOf(title);
      const project = await world.project(contestant, { dependencies: [world.evil] });
      assert.deepEqual(await world.enterUnguarded(contestant, project), [
        'evil install',
        'evil postinstall',
        'evil preinstall',
      ]);
    });

    it(`leaves every byte of an installed project as it was when ${title} is asked to install evil`, async () => {
      const contestant = await contestantOf(title);
      const project = await world.project(contestant, { dependencies: [world.good] });
      const home = world.home();
      assert.equal((await world.enter(contestant, project, { args: ['ci'], home })).code, 0);
      const installed = lyingIn(project.dir);
      const args = ['install', 'evil', contestant.asDevelopment];
      const refused = await world.enter(contestant, project, { args, home });
      assertRefused(refused, canResolve ? 1 : 2);
      assert.ok(installed.has('node_modules/good'));
      assert.deepEqual(differences(installed, lyingIn(project.dir)), []);
      assert.match(refused.stderr, canResolve ? /FAIL[\s\S]*evil/ : /yarn 1 cannot add a package/);
    });

    it(`lets ${title} add what meets the policy, with the manager's own arguments`, async () => {
      const contestant = await contestantOf(title);
      const project = await world.project(contestant, { dependencies: [world.good] });
      const args = canResolve ? ['install', 'fine', contestant.asDevelopment] : ['install'];
      const { code, stdout, stderr, ranScripts } = await world.enter(contestant, project, { args });
      assert.equal(code, 0, stderr);
      assert.deepEqual(ranScripts, []);
      assert.deepEqual(project.installed(), canResolve ? ['fine', 'good'] : ['good']);
      assert.doesNotMatch(stdout, /PASS|Signatures/);
      if (canResolve) assert.ok(developmentDependencies(project.file('package.json')).includes('fine'));
    });
  }
});

function assertRefused({ code, stdout, stderr, tarballs, ranScripts }: Entered, expected: number): void {
  assert.equal(code, expected, stderr);
  assert.deepEqual({ stdout, tarballs, ranScripts }, { stdout: '', tarballs: [], ranScripts: [] });
}

function developmentDependencies(file: string): readonly string[] {
  return Object.keys(JSON.parse(readFileSync(file, 'utf8')).devDependencies ?? {});
}
