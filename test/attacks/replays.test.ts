/** Replays of real attacks (ATTACKS.md, A): each malicious version is refused, by the check that is there for it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { Identity } from '../../lib/model/evidence.ts';
import { projectRoot } from '../support/corpus.ts';
import { type PackageLockJson, publishCanary } from '../support/project.ts';
import type { Published, PublishRequest } from '../support/registry/index.ts';
import { COLUMNS, type Column, IDENTITY_CHECKS, inColumn } from './columns.ts';
import { aGate, type Gate, leftBehind, NOTHING, noShell, VENDORED } from './gate.ts';
import { type Demand, provePasses, proveRefused } from './rows.ts';
import { aCase, aWorld, type World } from './world.ts';

/** One attack: an honest version, the malicious one after it, and what each column demands of the second. */
type Replay = {
  readonly id: string;
  readonly what: string;
  readonly malicious: (world: World, name: string) => Published;
  readonly before?: (world: World, name: string) => Partial<PublishRequest>;
  readonly lockfile?: (lock: PackageLockJson) => void;
  readonly demands: Readonly<Record<Column, Demanded>>;
};

type Demanded = Pick<Demand, 'also' | 'because'> & { readonly by: readonly string[] };

const HOURS = 3;

/** A release of the project's own workflow a few hours ago, but for what is said. */
function builtBy(
  world: World,
  name: string,
  identity: Partial<Identity> = {},
): Omit<PublishRequest, 'scripts'> {
  return { name, version: '1.0.1', at: world.hoursAgo(HOURS), attest: { identity } };
}

/** A release with a stolen token: logged by the registry, built by nobody knows whom. */
const byHand = { attest: { identity: 'none' } } as const;

const TOO_YOUNG: Demanded = { by: ['minimum-age'], because: /hours ago; the policy waits 1 day\b/ };
const NEW_SCRIPT = /and nobody has reviewed it; it ran nothing when its signer was locked/;
const FROM_GIT = ['payload install-script'];

const replays: readonly Replay[] = [
  {
    id: 'A01',
    what: 'rspack, nx, axios: stolen token, no provenance where earlier versions had it',
    malicious: ({ registry, daysAgo }, name) =>
      registry.publish({ name, version: '1.0.1', at: daysAgo(20), ...byHand }),
    demands: {
      recommended: { by: ['provenance-regression'], because: /1\.0\.0 was published with provenance/ },
      pinned: { by: ['provenance'], also: ['provenance-regression', ...IDENTITY_CHECKS] },
      locked: { by: ['locked-signer'], also: ['provenance-regression'], because: /locked with.*provenance/ },
    },
  },
  {
    id: 'A02',
    what: 'chalk, debug: stolen token, never any provenance, no scripts, hours old',
    before: () => byHand,
    malicious: ({ registry, hoursAgo }, name) =>
      registry.publish({ name, version: '1.0.1', at: hoursAgo(HOURS), ...byHand }),
    demands: {
      recommended: TOO_YOUNG,
      pinned: { by: ['provenance'], also: ['minimum-age', ...IDENTITY_CHECKS] },
      locked: TOO_YOUNG,
    },
  },
  {
    id: 'A03',
    what: 'Shai-Hulud: new preinstall script, hours old, no provenance',
    before: () => byHand,
    malicious: (world, name) =>
      publishCanary(world.registry, {
        name,
        version: '1.0.1',
        at: world.hoursAgo(HOURS),
        scripts: ['preinstall'],
        ...byHand,
      }),
    demands: {
      recommended: { by: ['minimum-age', 'install-script'] },
      pinned: { by: ['minimum-age', 'install-script'], also: ['provenance', ...IDENTITY_CHECKS] },
      locked: { by: ['minimum-age', 'install-script'] },
    },
  },
  {
    id: 'A04',
    what: 'TanStack: valid provenance from main, new git dependency, new install script',
    // The project has always released from main, so the lock sees nothing new in that.
    before: () => ({ attest: { identity: { ref: 'refs/heads/main' } } }),
    malicious: (world, name) =>
      publishCanary(world.registry, {
        ...builtBy(world, name, { ref: 'refs/heads/main' }),
        optionalDependencies: { payload: 'github:acme-evil/payload' },
      }),
    lockfile: ({ packages }) => {
      const resolved = `git+ssh://git@github.com/acme-evil/payload.git#${'7'.repeat(40)}`;
      packages['node_modules/payload'] = { version: '1.0.0', resolved, optional: true };
    },
    demands: {
      recommended: {
        by: ['minimum-age', 'payload package-source'],
        also: ['install-script', ...FROM_GIT],
      },
      pinned: {
        by: ['minimum-age', 'payload package-source', 'source-ref'],
        also: ['install-script', ...FROM_GIT],
      },
      locked: {
        by: ['install-script'],
        also: ['minimum-age', 'payload package-source', ...FROM_GIT],
        because: NEW_SCRIPT,
      },
    },
  },
  {
    id: 'A05',
    what: 'snapshot-branch worm, AsyncAPI: right repository and workflow, throwaway branch',
    malicious: (world, name) =>
      world.registry.publish(builtBy(world, name, { ref: 'refs/heads/snapshot-4f2a' })),
    demands: {
      recommended: TOO_YOUNG,
      pinned: { by: ['source-ref'], also: ['minimum-age'], because: /refs\/heads\/snapshot-4f2a/ },
      locked: { by: ['locked-signer'], also: ['minimum-age'], because: /ref was tag, is branch/ },
    },
  },
  {
    id: 'A06',
    what: 'openapi codegen: valid provenance of a run that a comment started',
    // Such a run has the ref of main; here it keeps the tag's, so that nothing but the trigger gives it away.
    malicious: (world, name) => world.registry.publish(builtBy(world, name, { trigger: 'issue_comment' })),
    demands: {
      recommended: TOO_YOUNG,
      pinned: {
        by: ['build-trigger'],
        also: ['minimum-age'],
        because: /started by issue_comment; allowed: push, release/,
      },
      locked: { by: ['locked-signer'], also: ['minimum-age'], because: /trigger was push, is issue_comment/ },
    },
  },
  {
    id: 'A07',
    what: 'Phantom Gyp: binding.gyp and no scripts field',
    malicious: ({ registry, daysAgo }, name) =>
      registry.publish({
        name,
        version: '1.0.1',
        at: daysAgo(20),
        attest: {},
        // What the registry notes down when a tarball brings a binding.gyp.
        packageJson: { gypfile: true },
        files: { 'binding.gyp': `{ "variables": { "x": "<!(node canary.js)" } }` },
      }),
    demands: {
      recommended: { by: ['install-script'], because: /node-gyp rebuild/ },
      pinned: { by: ['install-script'] },
      locked: { by: ['install-script'], because: NEW_SCRIPT },
    },
  },
  {
    id: 'A08',
    what: 'keyv, cacheable: account taken over, everything about the provenance is right, new install script',
    malicious: (world, name) => publishCanary(world.registry, builtBy(world, name)),
    demands: {
      recommended: { by: ['minimum-age', 'install-script'] },
      pinned: { by: ['minimum-age', 'install-script'] },
      locked: { by: ['install-script'], also: ['minimum-age'], because: NEW_SCRIPT },
    },
  },
  {
    id: 'A09',
    what: 'orphan commit: valid provenance from an attacker-made tag in the right repository',
    malicious: (world, name) =>
      world.registry.publish(builtBy(world, name, { commit: 'dead0123456789abcdef0123456789abcdef0123' })),
    demands: { recommended: TOO_YOUNG, pinned: TOO_YOUNG, locked: TOO_YOUNG },
  },
];

/** Stands in for node-gyp, which would run the command in the package's binding.gyp. */
const singWhenCalled = `#!/usr/bin/env node
const fs = require('node:fs');
const { name } = JSON.parse(fs.readFileSync('package.json', 'utf8'));
if (!fs.existsSync('binding.gyp')) process.exit(1);
fs.writeFileSync(require('node:path').join(process.env.NPMSIGN_CANARY, Buffer.from(name + ' node-gyp').toString('hex')), '');
`;

describe('a replayed attack', { skip: noShell }, () => {
  let world: World;
  let gate: Gate;
  before(async () => {
    // The gate is the real executable, which reads the real clock: this world is that moment's.
    [world, gate] = await Promise.all([aWorld({ now: new Date() }), aGate()]);
  });
  after(() => world.close());

  /** Publishes both versions; names differ, so that no attack is another's history. */
  async function stage({ id, ...replay }: Replay, column: Column) {
    const name = `${id.toLowerCase()}-${column}`;
    const request = {
      name,
      version: '1.0.0',
      at: world.daysAgo(60),
      attest: {},
      ...replay.before?.(world, name),
    };
    const honest = world.registry.publish(request);
    const evil = replay.malicious(world, name);
    const shared = { name, before: honest };
    return {
      name,
      honest: await inColumn(world, column, { ...shared, packages: [honest] }),
      evil: await inColumn(world, column, {
        ...shared,
        packages: [evil],
        ...(replay.lockfile === undefined ? {} : { lockfile: replay.lockfile }),
      }),
    };
  }

  function malicious(id: string, name: string): Published {
    const replay = replays.find((one) => one.id === id);
    assert.ok(replay);
    return replay.malicious(world, name);
  }

  for (const replay of replays) {
    for (const column of COLUMNS) {
      it(`${replay.id} ${column}: ${replay.what}`, async () => {
        const { name, evil } = await stage(replay, column);
        const { by, also = [], because } = replay.demands[column];
        const full = (refusals: readonly string[]) =>
          refusals.map((refusal) => (refusal.includes(' ') ? refusal : `${name} ${refusal}`));
        const entered = await gate.enter(world, evil);
        assert.equal(entered.code, 1, entered.stderr);
        assert.deepEqual(leftBehind(entered), NOTHING);
        await proveRefused(evil, {
          id: replay.id,
          column,
          what: replay.what,
          decidedBy: full(by),
          also: full(also),
          ...(because === undefined ? {} : { because }),
          canary: 'silent, nothing fetched',
        });
      });
    }
  }

  it('is told from the honest version before it, which passes in every column that it meets', async () => {
    for (const replay of replays) {
      // Nothing built by hand meets rules about its builder, and nothing released from main meets a rule about tags.
      const unpinned = ['A02', 'A03', 'A04'].includes(replay.id);
      for (const column of unpinned ? (['recommended', 'locked'] as const) : COLUMNS) {
        const { honest } = await stage({ ...replay, id: `${replay.id}-honest` }, column);
        await provePasses(honest, {}, `${replay.id} ${column}`);
      }
    }
  });

  it('is told from the honest version before it, which the gate lets npm install', async () => {
    const packages = replays.map((replay) => {
      const name = `${replay.id.toLowerCase()}-installed`;
      const at = world.daysAgo(60);
      return world.registry.publish({
        name,
        version: '1.0.0',
        at,
        attest: {},
        ...replay.before?.(world, name),
      });
    });
    const { code, stderr, installed } = await gate.enter(world, aCase(world, { packages }));
    assert.equal(code, 0, stderr);
    assert.deepEqual(
      installed,
      packages.map(({ name }) => name),
    );
  });

  it('would sing, if no gate stood before npm ci', async () => {
    const packages = ['A03', 'A04', 'A07', 'A08'].map((id) => ({
      published: malicious(id, `${id.toLowerCase()}-loose`),
      // The git dependency of A04 is left out: git would have to leave this machine.
      fields: { optionalDependencies: {} },
    }));
    // Takes the place of npm's own node-gyp, which would ask the network for headers before it ran the command.
    const gyp = world.registry.publish({
      name: 'gyp',
      version: '1.0.0',
      bin: { 'node-gyp': 'gyp.js' },
      files: { 'gyp.js': singWhenCalled },
    });
    const open = aCase(world, { packages: [...packages, gyp], policy: { extends: 'observe' } });
    const nowhere = { npm_config_disturl: 'http://127.0.0.1:9/' };
    const { code, stderr, ranScripts } = await gate.enter(world, open, nowhere);
    assert.equal(code, 0, stderr);
    assert.deepEqual(
      ranScripts.filter((mark) => !/ (post)?install$/.test(mark)),
      ['a03-loose preinstall', 'a04-loose preinstall', 'a07-loose node-gyp', 'a08-loose preinstall'],
    );
  });

  it('does not get past the vendored gate in npm 12 either (A03, A08)', async () => {
    for (const id of ['A03', 'A08']) {
      const name = `${id.toLowerCase()}-vendored`;
      const evil = aCase(world, {
        packages: [malicious(id, name)],
        // Under npm 12 a script runs only when it is allowed. Here it is, so that only the gate stands in its way.
        packageJson: { scripts: { preinstall: VENDORED }, allowScripts: { [name]: true } },
      });
      const entered = await gate.enterVendored(world, evil);
      assert.equal(entered.code, 1, entered.stderr);
      assert.match(entered.stderr, /FAIL[\s\S]*3 hours|FAIL[\s\S]*hours ago/);
      assert.deepEqual(leftBehind(entered), NOTHING);
    }
  });

  it('passes identity and age after thirty days where nothing about its provenance is wrong (A04, A08, A09)', async () => {
    const later = { now: new Date(world.now.getTime() + 30 * 24 * 3_600_000) };
    const left = new Map([
      ['A04', ['NAME install-script', ...FROM_GIT, 'payload package-source']],
      ['A08', ['NAME install-script']],
      ['A09', []],
    ]);
    for (const [id, refusals] of left) {
      const replay = replays.find((one) => one.id === id);
      assert.ok(replay);
      const { name, evil } = await stage({ ...replay, id: `${id}-later` }, 'locked');
      const judged = await evil.judge(later);
      assert.deepEqual(
        judged.refusals,
        refusals.map((text) => text.replace('NAME', name)),
        id,
      );
      assert.match(judged.because(`${name} locked-signer`), /still signed by/, id);
    }
  });

  it('is what the documentation says provenance cannot stop', () => {
    const security = readFileSync(`${projectRoot}/SECURITY.md`, 'utf8');
    const section = security.split('## What provenance cannot stop')[1]?.split('\n## ')[0] ?? '';
    for (const plain of [
      /compromised maintainer/i,
      /attacker-made tag in the right repository/i,
      /minimum-age/,
    ]) {
      assert.match(section, plain);
    }
  });
});
