/** Tampering with lockfile, registry, attestations, names, cache, policy and PATH (ATTACKS.md, T). */
import assert from 'node:assert/strict';
import { chmodSync, rmSync } from 'node:fs';
import { after, afterEach, before, describe, it } from 'node:test';
import { aPackageLock, type PackageLockJson, publishCanary } from '../support/project.ts';
import {
  hideAttestations,
  type Misbehaviour,
  type Published,
  packTarball,
  replaceAttestations,
  rewriteIntegrity,
  stripAttestations,
  stripSignatures,
} from '../support/registry/index.ts';
import { identityFor } from '../support/sigstore/index.ts';
import { aTempDirectory } from '../support/temp.ts';
import { measured, verifyIn } from './children.ts';
import { lockOf, pinned } from './columns.ts';
import { builtByRegistry, publishedByPerson, secondProvenance, wrongSignature } from './forgeries.ts';
import { aGate, type Gate, leftBehind, NOTHING, noShell, VENDORED } from './gate.ts';
import { assertHarmless, HOSTILE, printedInEveryFormat, publishHostile } from './hostile-strings.ts';
import { judgementOf } from './judgement.ts';
import { deepChain, deepJson, deepKey, lockfileText, manyEntries } from './lockfiles.ts';
import { type Homes, harmlessAndOld, poisons, segmentsIn } from './poison.ts';
import { MARK_FILE, policyAttacks } from './policies.ts';
import { type Demand, provePasses, proveRefused, record } from './rows.ts';
import { aCase, aWorld, type Case, type CaseRequest, type PolicyJson, type World } from './world.ts';

/** A sound package, what is done to it or to those who speak about it, and what must come of that. */
type Tampering = Omit<Demand, 'decidedBy' | 'also'> & {
  readonly sound?: (world: World, name: string) => Published;
  /** The sound version is locked first. */
  readonly locked?: true;
  readonly request?: (name: string) => Omit<CaseRequest, 'packages'>;
  readonly tamper: (stage: Stage) => void;
  readonly by: readonly string[];
  readonly also?: readonly string[];
};

type Stage = {
  readonly world: World;
  readonly name: string;
  readonly published: Published;
  readonly found: Case;
};

const EVIL_TARBALL = packTarball({ 'package.json': '{"name":"evil","version":"1.0.0"}' });

/** Signed and old enough, without attestations: nothing speaks for it but the registry's signature. */
const unattested = ({ registry }: World, name: string): Published =>
  registry.publish({ name, version: '1.0.0' });

const BOTH = ['provenance', 'publish-attestation'];

const tamperings: readonly Tampering[] = [
  {
    id: 'T01',
    what: 'resolved and integrity of one entry swapped for another tarball on the same host',
    sound: unattested,
    tamper({ world, name, published, found }) {
      const { dist } = world.registry.publish({ name: `${name}-evil`, version: '1.0.0' }).manifest;
      const fields = { resolved: dist.tarball, integrity: dist.integrity };
      found.write('package-lock.json', aPackageLock([{ published, fields }]));
    },
    by: ['lockfile-resolved', 'lockfile-integrity', 'registry-signature'],
  },
  {
    id: 'T02',
    what: 'the registry serves another tarball and rewrites its own dist.integrity',
    tamper: ({ world, name }) => world.registry.misbehave({ name }, rewriteIntegrity(EVIL_TARBALL)),
    by: ['lockfile-integrity'],
    because: /the registry lists another hash/,
  },
  {
    id: 'T03',
    what: 'a mirror strips signature and attestations',
    tamper({ world, name }) {
      world.registry.misbehave({ name }, stripSignatures);
      world.registry.misbehave({ name }, stripAttestations);
    },
    by: ['registry-signature'],
    because: /^stripped/,
  },
  {
    id: 'T03',
    what: 'a mirror answers 404 about attestations that the manifest announces',
    tamper: ({ world, name }) => world.registry.misbehave({ name }, hideAttestations),
    by: BOTH,
    because: /^stripped/,
  },
  {
    id: 'T03',
    column: 'locked',
    what: 'a mirror strips attestations, and the announcement with them',
    locked: true,
    tamper: ({ world, name }) => world.registry.misbehave({ name }, stripAttestations),
    by: ['locked-signer'],
    because: /locked with build provenance.*only the registry/,
  },
  {
    id: 'T04',
    what: 'a mirror serves the old signature with a rewritten integrity, and the lockfile was written from it',
    sound: unattested,
    tamper({ world, name, published, found }) {
      const lie = rewriteIntegrity(EVIL_TARBALL);
      world.registry.misbehave({ name }, lie);
      const lied = structuredClone(published);
      if (lie.kind === 'edit') lie.edit(lied);
      found.write('package-lock.json', aPackageLock([lied]));
    },
    by: ['registry-signature'],
    because: /signature does not hold for the integrity in the lockfile/,
  },
  {
    id: 'T05',
    what: 'attestations of the right shape with a wrong signature',
    tamper: ({ world, name }) => world.registry.misbehave({ name }, wrongSignature),
    by: BOTH,
    because: /about another signature/,
  },
  ...['another package', 'another version', 'another scope'].map(
    (what): Tampering => ({
      id: 'T06',
      what: `intact attestations of ${what}`,
      tamper({ world, name }) {
        const other = {
          name: what === 'another package' ? `${name}-2` : what === 'another scope' ? `@acme/${name}` : name,
          version: what === 'another version' ? '1.0.1' : '1.0.0',
        };
        const { attestations } = world.registry.publish({ ...other, attest: {} });
        assert.ok(attestations);
        world.registry.misbehave({ name, version: '1.0.0' }, replaceAttestations(attestations));
      },
      by: BOTH,
      because: /SUBJECT/,
    }),
  ),
  {
    id: 'T07',
    column: 'pinned',
    what: 'the policy allows acme/lib, the certificate says acme/lib-evil',
    request: (name) => ({ policy: pinned(name) }),
    tamper: ({ world, name }) =>
      attestedBy(world, name, { repository: `https://github.com/acme/${name}-evil` }),
    by: ['source-repository'],
    because: /-evil; allowed: https:/,
  },
  {
    id: 'T07',
    column: 'pinned',
    what: 'the certificate says another case on a host where case counts',
    sound: ({ registry }, name) =>
      registry.publish({
        name,
        version: '1.0.0',
        attest: { identity: { repository: 'https://git.acme.example/acme/lib' } },
      }),
    request: (name) => ({ policy: pinned(name, 'https://git.acme.example/acme/lib') }),
    tamper: ({ world, name }) => attestedBy(world, name, { repository: 'https://git.acme.example/acme/Lib' }),
    by: ['source-repository'],
    because: /Lib; allowed: .*lib/,
  },
  {
    id: 'T08',
    column: 'pinned',
    what: 'the same repository name under another numeric id',
    request: (name) => ({ policy: pinned(name) }),
    tamper: ({ world, name }) => attestedBy(world, name, { repositoryId: '666' }),
    by: ['source-repository'],
    because: /the repository id is 666/,
  },
  {
    id: 'T08',
    column: 'locked',
    what: 'the same repository name under another numeric id',
    locked: true,
    tamper: ({ world, name }) => attestedBy(world, name, { repositoryId: '666' }),
    by: ['locked-signer'],
    because: /repository id was 71995937, is 666/,
  },
  {
    id: 'T09',
    what: 'the predicate names repository A, the certificate B',
    tamper({ world, name }) {
      const claims = identityFor({ name, version: '1.0.0' }, { repository: 'https://github.com/acme/a' });
      const { attestations } = world.registry.publish({ name, version: '1.0.0', attest: { claims } });
      assert.ok(attestations);
    },
    by: ['provenance'],
    because: /PREDICATE|predicate/,
  },
  {
    id: 'T10',
    what: "a publish attestation signed by a person's certificate",
    tamper: ({ world, name }) =>
      world.registry.misbehave({ name }, publishedByPerson(world.registry.sigstore)),
    by: ['publish-attestation'],
    because: /certificate/,
  },
  {
    id: 'T11',
    what: "provenance signed by the registry's key",
    tamper: ({ world, name }) => world.registry.misbehave({ name }, builtByRegistry(world.registry.sigstore)),
    by: ['provenance'],
    because: /key/,
  },
  {
    id: 'T12',
    what: 'one good and one bad provenance',
    tamper: ({ world, name }) =>
      world.registry.misbehave({ name }, secondProvenance(world.registry.sigstore)),
    by: ['provenance'],
    because: /SUBJECT/,
  },
];

/** The version published anew with another certificate; bytes and signature stay. */
function attestedBy({ registry }: World, name: string, identity: object): void {
  registry.publish({ name, version: '1.0.0', attest: { identity } });
}

describe('tampered evidence', () => {
  let world: World;
  before(async () => {
    world = await aWorld();
  });
  afterEach(() => world.registry.behave());
  after(() => world.close());

  for (const [index, { by, also = [], sound, request, locked, tamper, ...demand }] of tamperings.entries()) {
    it(`${demand.id}: ${demand.what}`, async () => {
      const name = `lib-${index}`;
      const published = (
        sound ?? (({ registry }) => registry.publish({ name, version: '1.0.0', attest: {} }))
      )(world, name);
      const found = aCase(world, { ...request?.(name), packages: [published] });
      if (locked) found.write('npmsign.lock.json', await lockOf(world, [published]));
      await provePasses(found, {}, `${demand.id} before it is tampered with`);
      tamper({ world, name, published, found });
      const full = (checks: readonly string[]) => checks.map((check) => `${name} ${check}`);
      await proveRefused(found, { ...demand, decidedBy: full(by), also: full(also) });
    });
  }
});

describe('a swapped tarball, through the real npm (T01, T02)', { skip: noShell }, () => {
  let world: World;
  let gate: Gate;
  before(async () => {
    [world, gate] = await Promise.all([aWorld(), aGate()]);
  });
  afterEach(() => world.registry.behave());
  after(() => world.close());

  /** `lib` in the lockfile, with the tarball of a package whose scripts sing. */
  function swapped(policy: PolicyJson = {}, packageJson: Readonly<Record<string, unknown>> = {}) {
    const published = unattested(world, 'lib');
    const { dist } = publishCanary(world.registry, { name: 'lib-evil', version: '1.0.0' }).manifest;
    const fields = { resolved: dist.tarball, integrity: dist.integrity, hasInstallScript: true };
    return aCase(world, { packages: [{ published, fields }], policy, packageJson });
  }

  it('T01: npm installs it under the old name and runs its scripts, if no gate stands before npm ci', async () => {
    const { code, installed, ranScripts, tarballs, stderr } = await gate.enter(
      world,
      swapped({ extends: 'observe' }),
    );
    assert.equal(code, 0, stderr);
    assert.deepEqual([installed, tarballs], [['lib'], ['lib-evil']]);
    assert.deepEqual(ranScripts, ['lib-evil install', 'lib-evil postinstall', 'lib-evil preinstall']);
  });

  it('T01: is neither fetched nor run behind npmsign verify', async () => {
    const entered = await gate.enter(world, swapped());
    assert.equal(entered.code, 1);
    assert.deepEqual(leftBehind(entered), NOTHING);
  });

  it('T01: is neither fetched nor run behind the vendored gate in npm 12', async () => {
    const scripts = { scripts: { preinstall: VENDORED }, allowScripts: { lib: true, 'lib-evil': true } };
    const entered = await gate.enterVendored(world, swapped({}, scripts));
    assert.equal(entered.code, 1, entered.stderr);
    assert.match(entered.stderr, /the lockfile names another tarball/);
    assert.deepEqual(leftBehind(entered), NOTHING);
  });

  it('T02: is neither fetched nor run when the registry serves it under its own rewritten hash', async () => {
    const published = unattested(world, 'lib');
    const { tarball } = publishCanary(world.registry, { name: 'lib-evil', version: '1.0.0' });
    world.registry.misbehave({ name: 'lib' }, rewriteIntegrity(tarball));
    const entered = await gate.enter(world, aCase(world, { packages: [published] }));
    assert.equal(entered.code, 1);
    assert.deepEqual(leftBehind(entered), NOTHING);
  });
});

describe('names, URLs and texts written by an attacker (T13)', () => {
  let world: World;
  before(async () => {
    world = await aWorld();
  });
  after(() => world.close());

  it('T13: are harmless in every format, wherever a certificate, a manifest or a signature can hold them', async () => {
    const published = publishHostile(world.registry, 'hostile');
    const found = aCase(world, { packages: [published], policy: pinned('hostile') });
    const judged = await found.judge();
    assert.equal(judged.code, 1);
    const printed = await printedInEveryFormat(found, 'hostile');
    for (const [format, text] of printed) assertHarmless(text, format);
    // Nothing was left out to be on the safe side: the texts are there, made visible.
    for (const format of ['pretty', 'json', 'explain']) {
      assert.match(printed.get(format) ?? '', /\\{1,2}u\{1b\}\[2J/, format);
    }
    record({
      id: 'T13',
      column: 'pinned',
      what: 'control characters, right-to-left marks, escapes, ::error and newlines, in eight formats',
      effect: 'shown harmless',
      decidedBy: '-',
      canary: 'not installed',
    });
  });

  const entry = { version: '1.0.0', integrity: `sha512-${'A'.repeat(86)}==` };
  const hostileEntries: readonly (readonly [string, string, object])[] = [
    ['a name', `node_modules/${HOSTILE}`, entry],
    ['a scope', `node_modules/@${HOSTILE}/lib`, entry],
    ['an alias', 'node_modules/lib', { ...entry, name: HOSTILE }],
    ['a version', 'node_modules/lib', { ...entry, version: HOSTILE }],
    ['a URL', 'node_modules/lib', { ...entry, resolved: `https://registry.example/${HOSTILE}` }],
    ['an integrity', 'node_modules/lib', { ...entry, integrity: HOSTILE }],
    ['a command', 'node_modules/lib', { ...entry, bin: { [HOSTILE]: 'x' } }],
    ['a dependency', 'node_modules/lib', { ...entry, dependencies: { [HOSTILE]: HOSTILE } }],
  ];
  for (const [what, key, fields] of hostileEntries) {
    it(`T13: never pass, and are harmless in the message or the report, as ${what} in the lockfile`, async () => {
      const found = aCase(world, { packages: [] });
      found.write('package-lock.json', lockfileText([[key, { ...fields }]]));
      assert.notEqual((await found.judge()).code, 0);
      for (const [format, text] of await printedInEveryFormat(found, 'lib')) assertHarmless(text, format);
    });
  }
});

describe('a lockfile made to mislead or to exhaust (T14)', () => {
  let world: World;
  let npmsign: string;
  before(async () => {
    [world, { npmsign }] = await Promise.all([aWorld(), aGate()]);
  });
  after(() => world.close());

  const judged = async (lockfile: string) => {
    const found = aCase(world, { packages: [] });
    found.write('package-lock.json', lockfile);
    return measured(found, { npmsign, flags: ['--format', 'json', '--offline'] });
  };
  const row = (what: string, effect: string) =>
    record({ id: 'T14', column: 'recommended', what, effect, decidedBy: '-', canary: 'not installed' });

  it('T14: judges entries named like members of every object, and refuses the name no registry can hold', async () => {
    for (const name of ['constructor', 'hasOwnProperty', 'toString', 'valueOf']) {
      const entry = { version: '1.0.0', resolved: `${world.registry.url}evil.tgz` };
      const { code, stdout, stderr } = await judged(lockfileText([[`node_modules/${name}`, entry]]));
      assert.equal(JSON.parse(stdout || '{}').summary?.packages, 1, stderr);
      assert.ok(code === 1 || code === 3, `${name}: ${code}`);
    }
    row('entries named constructor, hasOwnProperty, toString', 'judged');
    const folder = await judged(lockfileText([['__proto__', { version: '1.0.0' }]]));
    assert.equal(JSON.parse(folder.stdout).verdicts[0].package.key, '__proto__');
  });

  const errors: readonly (readonly [string, () => string, RegExp])[] = [
    [
      'an entry named __proto__',
      () => lockfileText([['node_modules/__proto__', {}]]),
      /no registry can hold/,
    ],
    ['a path traversal in a key', () => lockfileText([['node_modules/../../evil', {}]]), /not a plain path/],
    ['an absolute path in a key', () => lockfileText([['/etc/node_modules/evil', {}]]), /absolute path/],
    ['a million entries', () => manyEntries(1_000_000), /reads up to/],
    ['a package ten thousand folders deep', () => deepKey(10_000), /longer than any path/],
  ];
  for (const [what, lockfile, says] of errors) {
    it(`T14: refuses ${what} with a clear error, in bounds`, async () => {
      const { code, stdout, stderr, peakMiB, seconds } = await judged(lockfile());
      assert.deepEqual([code, stdout], [2, ''], stderr);
      assert.match(stderr, /\[LOCKFILE_MALFORMED\]/);
      assert.match(stderr, says);
      assert.ok(peakMiB < 1500 && seconds < 20, `${peakMiB} MiB, ${seconds} s`);
      row(what, 'LOCKFILE_MALFORMED');
    });
  }

  it('T14: judges a chain of ten thousand dependencies, every one of them', async () => {
    const { code, stdout, peakMiB, seconds } = await judged(deepChain(10_000));
    const { summary } = JSON.parse(stdout);
    assert.equal(summary.packages, 10_000);
    assert.equal(summary.unverified + summary.fail, 10_000);
    assert.ok(code === 1 || code === 3);
    assert.ok(peakMiB < 1500 && seconds < 30, `${peakMiB} MiB, ${seconds} s`);
    row('ten thousand dependencies, each of the one before', 'judged');
  });

  it('T14: survives JSON a hundred thousand levels deep', async () => {
    const { code, stderr } = await judged(deepJson(100_000));
    assert.ok([1, 2, 3].includes(code), stderr);
    assert.doesNotMatch(stderr, /^ {4}at /m);
    row('JSON a hundred thousand levels deep', code === 2 ? 'LOCKFILE_MALFORMED' : 'judged');
  });
});

describe('a registry that is out to exhaust or to rob (T15)', () => {
  const token = `npm_${'a1b2'.repeat(9)}`;
  let world: World;
  let npmsign: string;
  before(async () => {
    [world, { npmsign }] = await Promise.all([aWorld(), aGate()]);
  });
  afterEach(() => world.registry.behave());
  after(() => world.close());

  /** A sound package, and one that the registry misbehaves about. */
  function victim(name: string): Case {
    const packages = [name, `${name}-sound`].map((one) =>
      world.registry.publish({ name: one, version: '1.0.0', attest: {} }),
    );
    const host = world.registry.url.replace('http:', '');
    return aCase(world, { packages, npmrc: ['fetch-timeout=1000', `${host}:_authToken=${token}`] });
  }

  const exhausting: readonly (readonly [string, Misbehaviour, RegExp])[] = [
    ['5 GB', { kind: 'huge', bytes: 5e9 }, /sent more than npmsign accepts/],
    ['an answer that never ends', { kind: 'endless' }, /did not finish its answer/],
    ['nothing at all', { kind: 'silence' }, /no answer within/],
    ['a gzip bomb of 1 GB', { kind: 'gzip-bomb', bytes: 1e9 }, /sent more than npmsign accepts/],
    ['a redirect to file:', { kind: 'redirect', to: 'file:///etc/passwd' }, /redirected to file:/],
    ['a redirect in circles', { kind: 'redirect', to: '' }, /redirected more than/],
  ];
  for (const [index, [what, how, says]] of exhausting.entries()) {
    for (const on of ['manifest', 'attestations'] as const) {
      it(`T15: bounds and refuses ${what} as an answer about ${on}`, async () => {
        const name = `victim-${index}-${on}`;
        const found = victim(name);
        world.registry.misbehave({ name, on }, how);
        const { code, stdout, stderr, peakMiB, seconds } = await measured(found, {
          npmsign,
          flags: ['--format', 'json'],
        });
        const judged = judgementOf({ code, stdout, stderr });
        assert.deepEqual([judged.code, judged.effect], [3, 'unverified'], stderr);
        assert.match(judged.because(`${name} provenance`), says);
        assert.ok(judged.refusals.every((refusal) => refusal.startsWith(`${name} `)));
        assert.ok(peakMiB < 300 && seconds < 15, `${peakMiB} MiB, ${seconds} s`);
        const cost = { decidedBy: '-', canary: 'not installed' };
        record({ id: 'T15', column: 'recommended', what: `${what} (${on})`, effect: 'unverified', ...cost });
      });
    }
  }

  it('T15: does not send the credential to the host a redirect names', async (t) => {
    const found = victim('robbed');
    const other = await aWorld();
    t.after(() => other.close());
    world.registry.misbehave(
      { name: 'robbed' },
      { kind: 'redirect', to: `${other.registry.url}robbed/1.0.0` },
    );
    const { code } = await found.judge();
    assert.notEqual(code, 0);
    assert.ok(other.registry.requests.length > 0);
    assert.deepEqual(
      [...new Set(other.registry.requests.map(({ headers }) => headers.authorization))],
      [undefined],
    );
    const own = world.registry.requests.filter(({ headers }) => headers.authorization === `Bearer ${token}`);
    assert.ok(own.length > 0);
    const what = 'a redirect to another host, with a credential for the first';
    const effect = 'credential not sent';
    record({ id: 'T15', column: 'recommended', what, effect, decidedBy: '-', canary: 'not installed' });
  });
});

describe('a mirror that strips attestations and every announcement of them (T03)', () => {
  let world: World;
  before(async () => {
    world = await aWorld();
  });
  afterEach(() => world.registry.behave());
  after(() => world.close());

  /** Two releases with provenance, of which the mirror tells no more than that they are signed. */
  function stripped(name: string): readonly [Published, Published] {
    const { registry } = world;
    const releases = [
      registry.publish({ name, version: '1.0.0', at: world.daysAgo(60), attest: {} }),
      registry.publish({ name, version: '1.0.1', attest: {} }),
    ] as const;
    registry.misbehave({ name }, stripAttestations);
    return releases;
  }

  it('T03: is not told from one that had none to serve, under recommended: SECURITY.md says so', async () => {
    const [, published] = stripped('silenced');
    const judged = await provePasses(aCase(world, { packages: [published] }));
    assert.deepEqual(
      judged.report().verdicts.map(({ evidence }) => evidence.provenance.status),
      ['absent'],
    );
    record({
      id: 'T03',
      column: 'recommended',
      what: 'a mirror strips all attestations and announcements: a known limit',
      effect: 'pass',
      decidedBy: '-',
      canary: '-',
    });
  });

  it('T03: is refused where provenance is demanded', async () => {
    const [, published] = stripped('silenced-required');
    await proveRefused(aCase(world, { packages: [published], policy: { checks: { provenance: 'error' } } }), {
      id: 'T03',
      column: 'required',
      what: 'the same, where the policy demands provenance',
      decidedBy: ['silenced-required provenance'],
    });
  });

  it('T03: is refused where it forgot what earlier releases had', async () => {
    const [first, published] = stripped('silenced-once');
    world.registry.behave();
    world.registry.misbehave({ name: 'silenced-once', version: '1.0.1' }, stripAttestations);
    assert.ok(first.attestations);
    await proveRefused(aCase(world, { packages: [published] }), {
      id: 'T03',
      what: 'the same of one release alone, whose history still tells of provenance',
      decidedBy: ['silenced-once provenance-regression'],
    });
  });
});

describe('a poisoned cache (T16)', { skip: noShell }, () => {
  let world: World;
  let gate: Gate;
  before(async () => {
    [world, gate] = await Promise.all([aWorld({ now: new Date() }), aGate()]);
  });
  afterEach(() => world.registry.behave());
  after(() => world.close());

  /** A project with a sound and a malicious package, which a lie about the second one would let pass. */
  async function prepared(name: string) {
    const { registry } = world;
    const evil = publishCanary(registry, { name, version: '1.0.0', at: world.hoursAgo(2) });
    const sound = registry.publish({ name: `${name}-sound`, version: '1.0.0', attest: {} });
    const found = aCase(world, { packages: [evil, sound] });
    found.write('package-lock.json', withoutScriptFlag(aPackageLock([evil, sound])));
    const homes: Homes = { victim: aTempDirectory('victim'), attacker: aTempDirectory('attacker') };
    const refusals = [`${name} install-script`, `${name} minimum-age`];
    const judged = await found.judge({ home: homes.victim });
    assert.deepEqual(judged.refusals, refusals);
    registry.misbehave({ name }, harmlessAndOld(world.daysAgo(99)));
    await provePasses(found, { home: homes.attacker }, 'the attacker, who was lied to');
    registry.behave();
    // The lie is in the attacker's cache, and is worth trying: to its owner it still passes.
    await provePasses(found, { home: homes.attacker }, 'the attacker, from the cache');
    return { found, homes, refusals };
  }

  for (const { what, apply, needsRoot } of poisons) {
    const skip = needsRoot === true && process.getuid?.() !== 0 && 'needs root';
    it(`T16: never makes a malicious package pass when it is ${what}`, { skip }, async () => {
      const { found, homes, refusals } = await prepared(
        `cached-${poisons.findIndex((one) => one.what === what)}`,
      );
      apply(homes);
      for (const flags of [[], ['--prefer-offline'], ['--offline']]) {
        const judged = await found.judge({ home: homes.victim, flags });
        const refused = refusals.every((refusal) => judged.refusals.includes(refusal));
        assert.ok(refused && [1, 3].includes(judged.code), `${flags} ${judged.refusals}`);
      }
      const again = await found.judge({ home: homes.victim });
      assert.deepEqual(again.refusals, refusals);
      const verdict = { effect: 'fail', decidedBy: 'install-script, minimum-age' };
      record({
        id: 'T16',
        column: 'recommended',
        what: `a cache ${what}`,
        ...verdict,
        canary: 'not installed',
      });
    });
  }

  it('T16: never makes a malicious package pass when runs at the same time write it', async () => {
    const { found, homes, refusals } = await prepared('cached-together');
    const home = aTempDirectory('together');
    const request = { npmsign: gate.npmsign, flags: ['--format', 'json'], home };
    for (const round of [1, 2]) {
      const runs = await Promise.all([1, 2, 3].map(() => verifyIn(found, request)));
      for (const judged of runs.map(judgementOf)) {
        assert.deepEqual([judged.code, judged.refusals], [1, refusals], `round ${round}: ${judged.stderr}`);
      }
    }
    assert.ok(segmentsIn(home).length > 0);
    assert.deepEqual((await found.judge({ home: homes.victim })).refusals, refusals);
    const verdict = { effect: 'fail', decidedBy: 'install-script, minimum-age' };
    const what = 'a cache written by three runs at once';
    record({ id: 'T16', column: 'recommended', what, ...verdict, canary: 'not installed' });
  });
});

/** The lockfile says nothing of scripts, so that only the registry's word is between the package and its scripts. */
function withoutScriptFlag(lock: PackageLockJson): PackageLockJson {
  for (const entry of Object.values(lock.packages)) delete entry['hasInstallScript'];
  return lock;
}

describe('a policy file made to mislead (T17)', () => {
  let world: World;
  before(async () => {
    world = await aWorld();
  });
  after(() => world.close());

  for (const { what, files, code, says } of policyAttacks) {
    it(`T17: is a clear error, and nothing is executed: ${what}`, async () => {
      const packages = [world.registry.publish({ name: 'lib', version: '1.0.0' })];
      const found = aCase(world, { packages, files });
      // The policy under attack is the only one there, unless the attack is another file beside it.
      if (Object.keys(files).some((file) => file.startsWith('.npmsignrc.'))) rmSync(found.file('.npmsignrc'));
      const before = process.cwd();
      process.chdir(found.dir);
      try {
        const judged = await found.judge();
        assert.deepEqual([judged.code, judged.effect], [2, 'error'], judged.stderr);
        assert.match(judged.stderr, new RegExp(`\\[${code}\\]`));
        assert.match(judged.stderr, says);
      } finally {
        process.chdir(before);
      }
      assert.equal(found.has(MARK_FILE), false);
      record({ id: 'T17', column: '-', what, effect: code, decidedBy: '-', canary: 'silent' });
    });
  }
});

describe('impostors in PATH (T18)', { skip: noShell }, () => {
  let world: World;
  let gate: Gate;
  before(async () => {
    [world, gate] = await Promise.all([aWorld({ now: new Date() }), aGate()]);
  });
  after(() => world.close());

  /** A project whose own folders hold a `node`, an `npm` and a `git` that leave a mark and succeed. */
  function besieged(packages: readonly Published[], allowScripts: object = {}) {
    const found = aCase(world, {
      packages,
      packageJson: { scripts: { preinstall: VENDORED }, allowScripts },
    });
    for (const folder of ['bin', 'node_modules/.bin']) {
      for (const name of ['node', 'npm', 'npx', 'git', 'npmsign']) {
        found.write(
          `${folder}/${name}`,
          `#!/bin/sh\n: > "$NPMSIGN_CANARY/$(printf ${name} | od -An -tx1 | tr -d ' \\n')"\nexit 0\n`,
        );
        chmodSync(found.file(`${folder}/${name}`), 0o755);
      }
    }
    const PATH = [found.file('bin'), found.file('node_modules/.bin'), process.env['PATH']].join(':');
    return { found, env: { PATH } };
  }

  it('T18: do not fool verify before npm ci', async () => {
    const evil = publishCanary(world.registry, { name: 'besieged', version: '1.0.0', at: world.hoursAgo(2) });
    const { found, env } = besieged([evil]);
    const entered = await gate.enter(world, found, env);
    assert.equal(entered.code, 1, entered.stderr);
    assert.deepEqual([entered.ranScripts, entered.tarballs], [[], []]);
    const decidedBy = 'install-script, minimum-age';
    const what = 'node, npm, git in PATH, before verify and npm ci';
    record({
      id: 'T18',
      column: 'recommended',
      what,
      effect: 'fail',
      decidedBy,
      canary: 'silent, nothing fetched',
    });
  });

  it('T18: do not fool the vendored gate in npm 12, which lets the sound package in', async () => {
    const sound = world.registry.publish({ name: 'unharmed', version: '1.0.0', attest: {} });
    const evil = publishCanary(world.registry, { name: 'raided', version: '1.0.0', at: world.hoursAgo(2) });
    const attacked = besieged([sound, evil], { raided: true });
    const entered = await gate.enterVendored(world, attacked.found, attacked.env);
    assert.equal(entered.code, 1, entered.stderr);
    assert.deepEqual([entered.ranScripts, entered.tarballs], [[], []]);
    const spared = besieged([sound]);
    const admitted = await gate.enterVendored(world, spared.found, spared.env);
    assert.deepEqual(
      [admitted.code, admitted.ranScripts, admitted.installed],
      [0, [], ['unharmed']],
      admitted.stderr,
    );
    const what = 'node, npm, git in PATH, under the gate in npm 12';
    const told = { decidedBy: 'minimum-age', canary: 'silent, nothing fetched' };
    record({ id: 'T18', column: 'recommended', what, effect: 'fail', ...told });
  });

  it('T18: are refused when a dependency would install one', async () => {
    for (const bin of ['node', 'npm', 'git']) {
      const name = `ships-${bin}`;
      const evil = world.registry.publish({ name, version: '1.0.0', attest: {}, bin: { [bin]: 'x.js' } });
      const sound = world.registry.publish({
        name: `${name}-no`,
        version: '1.0.0',
        attest: {},
        bin: { tool: 'x.js' },
      });
      await provePasses(aCase(world, { packages: [sound] }));
      const what = `a dependency with a command named ${bin}`;
      await proveRefused(aCase(world, { packages: [evil] }), {
        id: 'T18',
        what,
        decidedBy: [`${name} reserved-bin`],
      });
    }
  });
});
