/** The gate in pnpm's own hooks, in real pnpm: a violating dependency's scripts would leave a mark. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type PnpmMajor, pnpmOf } from '../support/managers.ts';
import type { Project } from '../support/project.ts';
import { aHookedWorld, type Contestant, type HookedWorld } from './hooked-project.ts';

const MAJORS = [10, 11, 12] as const;
const NOTHING = { ranScripts: [], tarballs: [], installed: [] };

/** Ways to have a package fetched. None of them changes the project when it is refused, so they share one. */
const WAYS = [
  ['install', '--frozen-lockfile'],
  ['install', '--ignore-scripts'],
  ['install', '--prod'],
  ['add', 'fine'],
  ['update'],
  ['fetch'],
];

describe('the gate in pnpm', () => {
  let world: HookedWorld;
  const made = new Map<PnpmMajor, Made>();
  before(async () => {
    world = await aHookedWorld();
    for (const major of MAJORS) made.set(major, await madeFor(major));
  });
  after(() => world.close());

  async function madeFor(major: PnpmMajor): Promise<Made> {
    const pnpm = await contestantOf(major);
    const [good, evil] = [await world.project(pnpm, ['good']), await world.project(pnpm, ['good', 'evil'])];
    return { pnpm, good, evil };
  }

  for (const major of MAJORS) {
    const of = (): Made => made.get(major) ?? assert.fail();

    for (const args of WAYS) {
      it(`stops pnpm ${major} ${args.join(' ')} before anything is fetched`, async () => {
        const { pnpm, evil } = of();
        const { code, stdout, stderr, ...left } = await world.run(pnpm, evil, args);
        assert.notEqual(code, 0);
        assert.match(stdout + stderr, /npmsign stops this/);
        assert.deepEqual(left, NOTHING);
      });
    }

    it(`stops pnpm ${major} add evil, which no judged lockfile holds`, async () => {
      const { pnpm, good } = of();
      const { code, stdout, stderr, ...left } = await world.run(pnpm, good, ['add', 'evil']);
      assert.notEqual(code, 0);
      assert.match(
        (stdout + stderr).replaceAll(/\s+/g, ' '),
        /evil@1\.0\.0 is not in the lockfile that was judged/,
      );
      // pnpm 10 has no hook in front of the tarball: it may be on its way while the manifest is judged.
      assert.deepEqual(left, major === 10 ? { ...NOTHING, tarballs: left.tarballs } : NOTHING);
    });

    it(`lets pnpm ${major} install what meets the policy, and leaves stdout to pnpm`, async () => {
      const { pnpm, good } = of();
      const { code, stdout, stderr, installed } = await world.run(pnpm, good, [
        'install',
        '--frozen-lockfile',
      ]);
      assert.equal(code, 0, stdout + stderr);
      assert.deepEqual(installed, ['good']);
      assert.doesNotMatch(stdout, /Signatures/);
      assert.match(stderr, /Signatures/);
    });

    it(`keeps out of pnpm ${major} while npmsign itself has it resolve`, async () => {
      const { pnpm, good } = of();
      const env = { NPMSIGN_RESOLVES_ONLY: '1' };
      const run = await world.run(pnpm, good, ['add', 'evil', '--lockfile-only'], env);
      assert.equal(run.code, 0, run.stdout + run.stderr);
      assert.deepEqual([run.ranScripts, run.tarballs], [[], []]);
    });
  }
});

type Made = { readonly pnpm: Contestant; readonly good: Project; readonly evil: Project };

async function contestantOf(major: PnpmMajor): Promise<Contestant> {
  const allowed = major === 10 ? 'onlyBuiltDependencies: [evil]' : 'allowBuilds:\n  evil: true';
  return {
    kind: 'pnpm',
    manager: await pnpmOf(major),
    resolve: ['install', '--lockfile-only'],
    files: { 'pnpm-workspace.yaml': `minimumReleaseAge: 0\n${allowed}\n` },
  };
}
