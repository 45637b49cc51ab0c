/** What looks odd and is honest must pass, and the same thing one step away must not (ATTACKS.md, N). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { corpusDirectory, corpusMissing, projectRoot } from '../support/corpus.ts';
import { npmRows } from '../support/corpus-run/npm-cases.ts';
import { holds } from '../support/corpus-run/row.ts';
import type { PackageLockJson } from '../support/project.ts';
import type { AttestRequest, Published, PublishRequest } from '../support/registry/index.ts';
import { ROTATED_AT, registrySignature } from '../support/sigstore/index.ts';
import { pinned } from './columns.ts';
import { provePasses, proveRefused, record } from './rows.ts';
import { aCase, aWorld, type Case, type PolicyJson, type World } from './world.ts';

let world: World;
before(async () => {
  world = await aWorld();
});
after(() => world.close());

const publish = (request: PublishRequest): Published => world.registry.publish(request);
const judging = (published: Published, policy: PolicyJson = {}): Case =>
  aCase(world, { packages: [published], policy });

/** Writes down that a row passes, and which check refuses its neighbour. */
function passed(id: string, what: string, decidedBy: string, column = 'recommended'): void {
  record({ id, column, what, effect: 'pass', decidedBy, canary: '-' });
}

describe('N01: a rotated registry key', () => {
  const old = () => world.registry.sigstore.registryKeys.old;
  const rotated = Date.parse(ROTATED_AT);

  it('N01: holds for what was published while it was valid, by a told time and by a logged one', async () => {
    const at = new Date('2024-06-01T00:00:00Z');
    const told = publish({ name: 'n01-told', version: '1.0.0', at, sign: old() });
    const logged = publish({ name: 'n01-logged', version: '1.0.0', at, sign: old(), attest: {} });
    for (const published of [told, logged]) {
      const judged = await provePasses(judging(published), {}, 'N01');
      assert.equal(judged.report().summary.signatures['proved'], 1);
    }
    passed('N01', 'the expired key, published inside its validity', 'registry-signature');
  });

  it('N01: does not hold for what was published a second after its end', async () => {
    for (const attest of ['none', {}] as const) {
      const name = attest === 'none' ? 'n01-told-late' : 'n01-logged-late';
      // The publish attestation is the current key's, two seconds on: only the signature is the old one's.
      const late = publish({ name, version: '1.0.0', at: new Date(rotated + 1000), sign: old(), attest });
      const because = /expired|not valid/;
      await proveRefused(judging(late), {
        ...{ id: 'N01', what: 'one step away: published a second after the key expired', because },
        decidedBy: [`${name} registry-signature`],
      });
    }
  });
});

describe('N02: a backport by hand', () => {
  const history = (name: string) => {
    publish({ name, version: '1.9.0', at: world.daysAgo(300) });
    publish({ name, version: '2.0.0', at: world.daysAgo(200), attest: {} });
  };
  const byHand = (name: string, version: string) => publish({ name, version, at: world.daysAgo(10) });

  it('N02: passes on an older major, while the newest major has provenance', async () => {
    history('n02');
    const backport = byHand('n02', '1.9.1');
    await provePasses(judging(backport), {}, 'N02');
    passed('N02', 'a security backport on an older major', 'provenance-regression');
    await proveRefused(
      judging(backport, { checks: { 'provenance-regression': ['error', { baseline: 'all' }] } }),
      {
        ...{ id: 'N02', column: 'baseline all', what: 'the same, compared with every version' },
        decidedBy: ['n02 provenance-regression'],
      },
    );
  });

  it('N02: is refused on the newest major', async () => {
    history('n02-new');
    await proveRefused(judging(byHand('n02-new', '2.0.1')), {
      ...{ id: 'N02', what: 'one step away: by hand on the newest major' },
      decidedBy: ['n02-new provenance-regression'],
    });
  });
});

describe('N03: canary and nightly versions', () => {
  /** Releases from tags, prereleases of 2.0.0 from main. */
  const rules = (name: string): PolicyJson => {
    const releases = pinned(name).overrides ?? [];
    const prereleases = { 'source-ref': ['error', { allow: ['refs/heads/main'] }] };
    return { overrides: [...releases, { packages: [`${name}@>=2.0.0-0 <2.0.0`], checks: prereleases }] };
  };
  const from = (name: string, version: string, ref: string) =>
    publish({ name, version, attest: { identity: { ref } } });

  for (const version of ['2.0.0-canary.3', '2.0.0-nightly.20261001']) {
    it(`N03: ${version} passes from the branch that the rule for prereleases names`, async () => {
      const name = `n03-${version.slice(6, 9)}`;
      await provePasses(judging(from(name, version, 'refs/heads/main'), rules(name)), {}, 'N03');
      passed('N03', `${version} from main, under a rule for prereleases`, 'source-ref', 'pinned');
    });
  }

  it('N03: a canary from another branch is refused, and so is a release from main', async () => {
    const canary = from('n03-branch', '2.0.0-canary.4', 'refs/heads/main-2');
    const release = from('n03-release', '2.0.0', 'refs/heads/main');
    for (const published of [canary, release]) {
      const { name } = published;
      await proveRefused(judging(published, rules(name)), {
        ...{ id: 'N03', column: 'pinned', what: `one step away: ${published.version} from elsewhere` },
        decidedBy: [`${name} source-ref`],
      });
    }
  });
});

describe('N04: staged publishing', () => {
  type Way = 'staged' | 'trusted' | 'token';
  /** How the packument tells the ways apart. An approver takes the place of the trusted publisher. */
  function published(name: string, version: string, way: Way, attest: AttestRequest | 'none'): Published {
    const at = world.daysAgo(version === '1.0.0' ? 90 : 30);
    const made = publish({ name, version, at, attest });
    const user = { name: 'acme-bot', email: 'bot@acme.example' };
    const marks = {
      staged: { approver: { name: 'acme' } },
      trusted: { trustedPublisher: { id: 'github' } },
      token: {},
    };
    made.manifest['_npmUser'] = { ...user, ...marks[way] };
    world.registry.put(made);
    return made;
  }

  const orders: readonly (readonly [Way, Way])[] = [
    ['trusted', 'staged'],
    ['staged', 'trusted'],
    ['staged', 'staged'],
  ];
  for (const [first, then] of orders) {
    for (const attest of [{}, { identity: 'none' }, 'none'] as const) {
      const proof = attest === 'none' ? 'no' : 'identity' in attest ? 'only a publish' : 'build';
      it(`N04: a ${then} publish after a ${first} one passes, with ${proof} attestation`, async () => {
        const name = `n04-${first}-${then}-${proof.at(-1)}`;
        published(name, '1.0.0', first, attest);
        await provePasses(judging(published(name, '1.0.1', then, attest)), {}, 'N04');
        passed('N04', `${then} after ${first}, ${proof} attestation`, 'provenance-regression');
      });
    }
    it(`N04: a publish with a mere token after a ${first} one is refused`, async () => {
      const name = `n04-${first}-${then}-token`;
      published(name, '1.0.0', first, 'none');
      await proveRefused(judging(published(name, '1.0.1', 'token', 'none')), {
        ...{ id: 'N04', what: `one step away: a mere token after ${first}` },
        decidedBy: [`${name} provenance-regression`],
      });
    });
  }
});

describe('N05: bundles of every age', () => {
  type Shape = NonNullable<AttestRequest['provenance']>;
  const shapes: readonly (readonly [string, Shape])[] = [
    ['0.1, certificate chain and root included', { version: '0.1', chain: 'full', entry: 'intoto' }],
    ['0.1, without inclusion proof', { version: '0.1', chain: 'full', inclusionProof: 'absent' }],
    ['0.1, leaf alone, with timestamp', { version: '0.1', timestamp: true }],
    ['0.2, intoto entry', { version: '0.2', entry: 'intoto' }],
    ['0.2, dsse entry, chain included', { version: '0.2', entry: 'dsse', chain: 'full' }],
    ['0.2, with timestamp', { version: '0.2', timestamp: true }],
    ['0.3, Rekor v1', { version: '0.3', rekor: 'v1' }],
    ['0.3, Rekor v1, with timestamp', { version: '0.3', rekor: 'v1', timestamp: true }],
    ['0.3, Rekor v2, with timestamp', { version: '0.3', rekor: 'v2', timestamp: true }],
  ];
  for (const [index, [what, provenance]] of shapes.entries()) {
    for (const slsa of ['v0.2', 'v1'] as const) {
      it(`N05: ${what}, SLSA ${slsa}, is proved`, async () => {
        const attest = { provenance, publish: provenance, slsa };
        const name = `n05-${index}-${slsa.replace('.', '-')}`;
        const judged = await provePasses(
          judging(publish({ name, version: '1.0.0', attest }), pinned(name)),
          {},
          what,
        );
        const [verdict] = judged.report().verdicts;
        const statuses = [verdict?.evidence.provenance.status, verdict?.evidence.publish.status];
        assert.deepEqual(statuses, ['proved', 'proved']);
        passed('N05', `${what}, SLSA ${slsa}`, 'provenance', 'pinned');
      });
    }
  }

  it('N05: Rekor v2 without a timestamp has no time, and is refused', async () => {
    const attest = { provenance: { version: '0.3', rekor: 'v2', timestamp: false } } as const;
    await proveRefused(judging(publish({ name: 'n05-timeless', version: '1.0.0', attest })), {
      ...{ id: 'N05', what: 'one step away: Rekor v2 without a timestamp' },
      decidedBy: ['n05-timeless provenance'],
    });
  });

  it('N05: 0.3 without an inclusion proof is refused', async () => {
    const attest = { provenance: { version: '0.3', inclusionProof: 'absent' } } as const;
    await proveRefused(judging(publish({ name: 'n05-promise', version: '1.0.0', attest })), {
      ...{ id: 'N05', what: 'one step away: 0.3 without an inclusion proof' },
      decidedBy: ['n05-promise provenance'],
    });
  });

  it('N05: real bundles of every age give the result the corpus expects', async (t) => {
    const corpus = corpusDirectory();
    if (corpus === undefined) return t.skip(corpusMissing);
    const rows = (await npmRows(corpus)).filter(({ family }) => family === 'npm');
    assert.ok(rows.length > 10);
    assert.deepEqual(
      rows.filter((row) => !holds(row)),
      [],
    );
    passed('N05', `${rows.length} real packages of the corpus`, 'provenance', 'required');
  });
});

describe('N06: reusable workflows', () => {
  const builder = 'https://github.com/slsa-framework/slsa-github-generator/.github/workflows/nodejs.yml';
  const built = (name: string, by: string) =>
    publish({ name, version: '1.0.0', attest: { identity: { builder: by, subject: by } } });
  const rules = (name: string): PolicyJson => {
    const checks = {
      'build-workflow': ['error', { allow: ['.github/workflows/release.yml'], builders: [builder] }],
    };
    return { overrides: [...(pinned(name).overrides ?? []), { packages: [name], checks }] };
  };

  it('N06: a builder whose identity lives in another repository than the source passes', async () => {
    const published = built('n06', `${builder}@refs/tags/v2.0.0`);
    await provePasses(judging(published, pinned('n06')), {}, 'N06, its own rules');
    await provePasses(judging(published, rules('n06')), {}, 'N06, the builder named');
    passed('N06', 'a reusable builder in another repository', 'build-workflow', 'pinned');
  });

  it('N06: another builder than the one named is refused', async () => {
    const other = 'https://github.com/acme-evil/generator/.github/workflows/nodejs.yml@refs/tags/v2.0.0';
    await proveRefused(judging(built('n06-evil', other), rules('n06-evil')), {
      ...{ id: 'N06', column: 'pinned', what: 'one step away: a builder nobody named' },
      decidedBy: ['n06-evil build-workflow'],
    });
  });
});

describe('N07: a private scope on a registry without keys', () => {
  let own: World;
  before(async () => {
    own = await aWorld({ identity: 'own', keys: [] });
  });
  after(() => own.close());

  /** A package of the private registry beside one of the public one. */
  function mixed(policy: PolicyJson = {}): Case {
    const inside = own.registry.publish({ name: '@acme/inside', version: '1.0.0', sign: 'none' });
    const outside = publish({ name: 'n07-outside', version: '1.0.0', attest: {} });
    const npmrc = [`@acme:registry=${own.registry.url}`];
    return aCase(world, { packages: [inside, outside], npmrc, policy });
  }

  it('N07: passes, counted as not covered', async () => {
    const judged = await provePasses(mixed(), {}, 'N07');
    const { signatures, provenance, packages } = judged.report().summary;
    assert.deepEqual([packages, signatures['proved'], signatures['absent']], [2, 1, 1]);
    assert.deepEqual([provenance['proved'], provenance['absent']], [1, 1]);
    passed('N07', 'a private scope on a registry without keys', 'registry-signature');
  });

  it('N07: is refused where the policy asks for signatures everywhere', async () => {
    await proveRefused(mixed({ checks: { 'registry-signature': ['error', { required: true }] } }), {
      ...{ id: 'N07', column: 'required', what: 'one step away: the policy asks for signatures everywhere' },
      decidedBy: ['@acme/inside registry-signature'],
    });
  });
});

describe('N08: every kind of entry', () => {
  const git = `git+ssh://git@github.com/acme/from-git.git#${'a'.repeat(40)}`;
  const integrity = `sha512-${'A'.repeat(86)}==`;
  const entries: PackageLockJson['packages'] = {
    'packages/web': { name: 'web', version: '1.0.0' },
    'node_modules/web': { resolved: 'packages/web', link: true },
    '../beside': { name: 'beside', version: '1.0.0' },
    'node_modules/beside': { resolved: '../beside', link: true },
    'node_modules/from-git': { version: '1.0.0', resolved: git },
    'node_modules/from-file': { version: '1.0.0', resolved: 'file:vendor/from-file.tgz', integrity },
    'node_modules/from-remote': { version: '1.0.0', resolved: 'https://files.example/remote.tgz', integrity },
    'node_modules/n08/node_modules/inside': { version: '1.0.0', inBundle: true },
  };
  const kinds = new Map([
    ['../beside', 'link'],
    ['node_modules/beside', 'link'],
    ['node_modules/from-file', 'file'],
    ['node_modules/from-git', 'git'],
    ['node_modules/from-remote', 'remote'],
    ['node_modules/n08', 'registry'],
    ['node_modules/n08/node_modules/inside', 'bundled'],
    ['node_modules/other-name', 'registry'],
    ['node_modules/web', 'workspace'],
    ['packages/web', 'workspace'],
  ]);
  const wanted = {
    'from-git': 'git+ssh://git@github.com/acme/from-git.git',
    'from-file': 'file:vendor/from-file.tgz',
    'from-remote': 'https://files.example/remote.tgz',
    beside: 'file:../beside',
    n08: '1.0.0',
    'other-name': 'npm:n08-aliased@1.0.0',
  };

  function everything(policy: PolicyJson): Case {
    const bundler = publish({ name: 'n08', version: '1.0.0', dependencies: { inside: '1.0.0' } });
    const aliased = publish({ name: 'n08-aliased', version: '1.0.0', attest: {} });
    const packages = [
      { published: bundler, fields: { bundleDependencies: ['inside'] } },
      { published: aliased, key: 'node_modules/other-name', fields: { name: 'n08-aliased' } },
    ];
    const project = { workspaces: ['packages/*'], dependencies: wanted };
    const lockfile = (lock: PackageLockJson) => {
      Object.assign(lock.packages, entries);
      lock.packages[''] = { ...lock.packages[''], ...project };
    };
    return aCase(world, { packages, policy, lockfile, packageJson: project });
  }

  const allowing = (...kinds: readonly string[]): PolicyJson => ({
    checks: {
      'package-source': ['error', { allow: ['registry', 'workspace', 'link', 'bundled', ...kinds] }],
      'install-script': [
        'error',
        { allow: [git, 'file:vendor/from-file.tgz', 'https://files.example/remote.tgz'] },
      ],
      'lockfile-resolved': ['error', { hosts: ['files.example'] }],
    },
    exemptions: [
      {
        package: 'inside',
        checks: ['install-script', 'reserved-bin'],
        reason: 'it was read together with the tarball it lies in',
        expires: '2027-03-01',
      },
    ],
  });

  it('N08: is classified, none lost, and passes where the policy allows its kind', async () => {
    const judged = await everything(allowing('git', 'file', 'remote')).judge();
    const { verdicts, summary } = judged.report();
    assert.deepEqual(new Map(verdicts.map(({ package: { key, source } }) => [key, source])), kinds);
    const { packages, pass, warn, exempt, unverified, fail } = summary;
    assert.equal(pass + warn + exempt + unverified + fail, packages);
    assert.equal(packages, kinds.size);
    assert.deepEqual(judged.refusals, [], judged.refusals.map(judged.because).join('\n'));
    passed('N08', 'git, remote, file, link, workspace, bundled, aliased', 'package-source', 'allowed');
  });

  it('N08: is refused by its kind where the policy does not allow it', async () => {
    const names = ['from-file', 'from-git', 'from-remote'];
    await proveRefused(everything(allowing()), {
      ...{ id: 'N08', column: 'not allowed', what: 'one step away: git, file and remote not allowed' },
      decidedBy: names.map((name) => `${name} package-source`),
    });
  });
});

describe('N09: lockfiles of every npm', () => {
  const FIXTURES = path.join(projectRoot, 'test/fixtures/lockfiles/npm');
  const fixtures = [
    'npm-7',
    'npm-8',
    'npm-9',
    'npm-10',
    'npm-11',
    'npm-12',
    'npm-12-version-4',
    'no-resolved',
  ];

  /** The fixture's own lockfile; the registry serves what it names, under the hashes it states. */
  function written(fixture: string, policy: PolicyJson = {}): Case {
    const lock = JSON.parse(readFileSync(path.join(FIXTURES, fixture, 'package-lock.json'), 'utf8'));
    const packageJson = JSON.parse(readFileSync(path.join(FIXTURES, fixture, 'package.json'), 'utf8'));
    const text = JSON.stringify(lock, null, 2).replaceAll('https://registry.example/', world.registry.url);
    const found = aCase(world, { packages: [], packageJson, policy });
    found.write('package-lock.json', text);
    for (const [key, entry] of Object.entries<Record<string, unknown>>(lock.packages)) servedAs(key, entry);
    return found;
  }

  function servedAs(key: string, entry: Record<string, unknown>): void {
    const { name = key.slice(key.lastIndexOf('node_modules/') + 13), version, integrity } = entry;
    if (!key.includes('node_modules/') || entry['inBundle'] === true || typeof integrity !== 'string') return;
    const made = publish({ name: String(name), version: String(version) });
    const { current } = world.registry.sigstore.registryKeys;
    made.manifest.dist.integrity = integrity;
    made.manifest.dist.signatures = [registrySignature(current, { ...made, integrity })];
    world.registry.put(made);
  }

  /** The fixtures hold one entry of every kind; what is asked here is whether each is read and proved. */
  const RELAXED: PolicyJson = {
    checks: {
      'package-source': 'warn',
      'install-script': 'warn',
      'reserved-bin': 'warn',
      'lockfile-resolved': ['error', { hosts: ['files.example'] }],
    },
  };

  for (const fixture of fixtures) {
    it(`N09: ${fixture} is read whole and passes`, async () => {
      const judged = await provePasses(written(fixture, RELAXED), {}, fixture);
      const { summary, verdicts } = judged.report();
      assert.equal(verdicts.length, summary.packages);
      assert.ok(summary.packages >= 20, `${summary.packages}`);
      assert.ok((summary.signatures['proved'] ?? 0) >= 10, `${summary.signatures['proved']}`);
      passed('N09', `a lockfile of ${fixture}`, 'lockfile-integrity, registry-signature');
    });
  }

  for (const fixture of ['npm-7', 'npm-12-version-4', 'no-resolved']) {
    it(`N09: ${fixture} with one hash changed is refused`, async () => {
      const found = written(fixture, RELAXED);
      const lock = JSON.parse(readFileSync(found.file('package-lock.json'), 'utf8'));
      lock.packages['node_modules/tester'].integrity = `sha512-${'B'.repeat(85)}A==`;
      found.write('package-lock.json', lock);
      await proveRefused(found, {
        ...{ id: 'N09', what: `one step away: one hash changed in a lockfile of ${fixture}` },
        decidedBy: ['tester lockfile-integrity', 'tester registry-signature'],
      });
    });
  }
});
