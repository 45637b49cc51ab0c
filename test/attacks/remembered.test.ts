/** A remembered verdict, and remembered proofs, that somebody forged, replayed, copied or kept too long (ATTACKS.md, T16; SPEC 4.7). */
import assert from 'node:assert/strict';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { main } from '../../lib/cli/main.ts';
import { aHost } from '../support/host.ts';
import { aPackageLock, publishCanary } from '../support/project.ts';
import { createSigstore } from '../support/sigstore/index.ts';
import { createTufRepository } from '../support/sigstore/tuf.ts';
import { sigstoreTargets, startTufServer } from '../support/sigstore/tuf-server.ts';
import { aTempDirectory } from '../support/temp.ts';
import { harmlessAndOld } from './poison.ts';
import { record } from './rows.ts';
import { aCase, aWorld, type Case, homeEnvironment, type World } from './world.ts';

/** A project with a malicious package; a home that was lied to about it and remembers that all is well, and one that was not. */
type Scene = { readonly found: Case; readonly victim: string; readonly attacker: string };

type Forgery = { readonly what: string; readonly apply: (scene: Scene) => void };

const forgeries: readonly Forgery[] = [
  {
    what: "copied whole from the attacker's home, without the key that seals it",
    apply({ victim, attacker }) {
      for (const file of recordsIn(attacker)) {
        cpSync(file, path.join(victim, path.relative(attacker, file)));
      }
    },
  },
  {
    what: "replaced by the attacker's, under the name of the user's own",
    apply({ victim, attacker }) {
      for (const file of recordsIn(victim)) {
        writeFileSync(file, readFileSync(lieBeside(file, attacker)), { mode: 0o600 });
      }
    },
  },
  {
    what: "forged: the user's own seal on what the attacker's says",
    apply({ victim, attacker }) {
      for (const file of recordsIn(victim)) {
        const end = SEALS[path.extname(file)];
        const lie = readFileSync(lieBeside(file, attacker));
        const sealed = Buffer.concat([readFileSync(file).subarray(0, end), lie.subarray(end)]);
        writeFileSync(file, sealed, { mode: 0o600 });
      }
    },
  },
  {
    what: "forged: what the attacker's proofs say, behind the user's own",
    apply({ victim, attacker }) {
      for (const file of recordsIn(victim)) {
        if (file.endsWith('.proofs')) appendFileSync(file, readFileSync(lieBeside(file, attacker)));
      }
    },
  },
  { what: "replayed: the user's own, about the lockfile from before", apply: () => undefined },
];

/** The seal, in hex, stands before what it seals; in front of a piece of proofs there is its length too. */
const SEALS: Readonly<Record<string, number>> = { '.json': 64, '.proofs': 72 };
const HOUR = 3_600_000;

describe('a remembered verdict (T16)', () => {
  let world: World;
  before(async () => {
    world = await aWorld();
  });
  afterEach(() => world.registry.behave());
  after(() => world.close());

  for (const [index, { what, apply }] of forgeries.entries()) {
    it(`T16: never lets a malicious package pass when it is ${what}`, async () => {
      const scene = await prepared(`remembered-${index}`);
      apply(scene);
      await assertRefused(scene);
      record({ ...ROW, what: `a remembered verdict ${what}` });
    });
  }

  it('T16: never lets a malicious package pass a day after it was judged by a lie', async () => {
    const scene = await prepared('remembered-aged');
    const liedTo = { ...scene, victim: scene.attacker };
    const within = await verify(liedTo, 23 * HOUR);
    assert.deepEqual([within.code, within.isTold], [0, true], within.out);
    // Its answers, the lie among them, are gone by then: what is left is the verdict alone.
    rmSync(path.join(scene.attacker, 'npm-cache'), { recursive: true });
    await assertRefused(liedTo, 24 * HOUR);
    record({ ...ROW, what: 'a remembered verdict a day old, judged by a lie' });
  });

  it('T16: never lets what was proved under a trust root outlive that root where it can be kept nowhere', {
    skip: process.platform === 'win32',
  }, async (t) => {
    const { registry } = world;
    const tuf = await startTufServer(registry.sigstore);
    t.after(() => tuf.close());
    const [first, second] = ['rooted', 'rooted-too'].map((name) =>
      registry.publish({ name, version: '1.0.0', attest: {} }),
    );
    assert.ok(first && second);
    const found = aCase(world, {
      packages: [first],
      packageJson: { dependencies: {} },
      policy: { trust: { root: { tuf: tuf.url, root: './tuf-root.json' }, refresh: 'daily' } },
      files: { 'tuf-root.json': tuf.trustedRoot.toString('utf8') },
    });
    const victim = aTempDirectory('victim');
    mkdirSync(path.join(victim, 'npm-cache'));
    symlinkSync(found.dir, path.join(victim, 'npm-cache', '_npmsign'));
    const scene = { found, victim, attacker: victim };
    assert.equal((await verify(scene)).code, 0);
    found.write('package-lock.json', aPackageLock([first, second]));
    const another = sigstoreTargets(createSigstore('another'));
    tuf.serve(createTufRepository({ name: registry.sigstore.name, targets: another, version: 2 }));
    const { code, out } = await verify(scene);
    assert.deepEqual([code, /Packages +2 fail/.test(out)], [1, true], out);
  });

  /** The victim's home remembers a sound project in this folder; the attacker's, that the malicious one is sound. */
  async function prepared(name: string): Promise<Scene> {
    const { registry } = world;
    const evil = publishCanary(registry, { name, version: '1.0.0', at: world.hoursAgo(2) });
    const sound = registry.publish({ name: `${name}-sound`, version: '1.0.0' });
    const found = aCase(world, { packages: [sound], packageJson: { dependencies: {} } });
    const scene = { found, victim: aTempDirectory('victim'), attacker: aTempDirectory('attacker') };
    assert.deepEqual([(await verify(scene)).code, (await verify(scene)).isTold], [0, true]);
    const lock = aPackageLock([evil, sound]);
    for (const entry of Object.values(lock.packages)) delete entry['hasInstallScript'];
    found.write('package-lock.json', lock);
    registry.misbehave({ name }, harmlessAndOld(world.daysAgo(99)));
    const attacker = { ...scene, victim: scene.attacker };
    assert.deepEqual([(await verify(attacker)).code, (await verify(attacker)).isTold], [0, true]);
    registry.behave();
    return scene;
  }

  async function assertRefused(scene: Scene, passed = 0): Promise<void> {
    const { code, isTold, out } = await verify(scene, passed);
    assert.deepEqual([code, isTold], [1, false], out);
    assert.match(out, /install-script|runs code at install/);
  }

  async function verify({ found, victim }: Scene, passed = 0) {
    const now = new Date(world.now.getTime() + passed);
    const host = aHost({ cwd: found.dir, now, env: homeEnvironment(victim) });
    const code = await main(['verify'], host);
    return { code, out: host.stdout(), isTold: host.stderr().includes('unchanged since it was judged') };
  }
});

const ROW = {
  id: 'T16',
  column: 'recommended',
  effect: 'fail',
  decidedBy: 'install-script, minimum-age',
  canary: 'not installed',
} as const;

/** The verdict and the proofs. */
function recordsIn(home: string): readonly string[] {
  const names = readdirSync(home, { recursive: true, encoding: 'utf8' });
  const found = names.filter((name) => /verdicts.*\.(?:json|proofs)$/.test(name));
  if (found.length !== 2) throw new Error(`no verdict with its proofs is kept in ${home}`);
  return found.map((name) => path.join(home, name));
}

/** What the attacker's home holds of the same kind. */
function lieBeside(file: string, attacker: string): string {
  return recordsIn(attacker).find((lie) => path.extname(lie) === path.extname(file)) ?? '';
}
