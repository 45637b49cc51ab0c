/** A package passes again without being judged only where all that it was judged by is the same. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checks, type Subject } from '../../lib/checks/index.ts';
import { evaluate } from '../../lib/evaluate/index.ts';
import type { Evidence } from '../../lib/model/evidence.ts';
import type { LockEntry } from '../../lib/model/lock.ts';
import type { ResolvedPackage } from '../../lib/model/package.ts';
import type { Report } from '../../lib/model/report.ts';
import type { Recalled } from '../../lib/model/request.ts';
import { defaultSettings } from '../../lib/policy/presets.ts';
import { type JudgedBy, passedBefore } from '../../lib/verify/passed.ts';
import { anExemption, anInput, asksProvenance, setting } from '../evaluate/input.ts';
import { anEvidence, aPackage, aPolicy, aPublishAttestation, aSubject, proved } from '../support/builders.ts';
import { NOW } from '../support/host.ts';

/** Remembers passes for as long as this process lives. */
function aMemory(): Recalled {
  const passes = new Map<Evidence, string>();
  return {
    ...{ find: () => undefined, keep: () => undefined, textOf: () => undefined },
    ...{ found: () => 0, close: () => undefined },
    passed: (evidence, judgedBy) =>
      passes.get(evidence) === judgedBy ? { signature: 'proved', provenance: 'proved' } : undefined,
    pass: (evidence, judgedBy) => void passes.set(evidence, judgedBy),
  };
}

const PACKAGE = aPackage();
const EVIDENCE = anEvidence();

type Circumstances = Partial<JudgedBy> & { readonly package?: ResolvedPackage; readonly now?: Date };

/** One run: the report, and whether the package passed without being judged. */
function run(memory: Recalled, circumstances: Circumstances = {}) {
  const { package: pkg = PACKAGE, now = NOW, ...others } = circumstances;
  const judgedBy: JudgedBy = {
    ...{ policy: asksProvenance(), allowances: { allowed: [], denied: [] }, lock: undefined },
    evidence: new Map([[pkg.key, EVIDENCE]]),
    ...others,
  };
  const { passed, remember } = passedBefore(memory, judgedBy);
  const input = anInput({ packages: [pkg], policy: judgedBy.policy, evidence: judgedBy.evidence, now });
  const report = evaluate({ ...input, passed });
  remember(report);
  return { report, isRecalled: passedBefore(memory, judgedBy).passed(pkg) !== undefined };
}

/** Was it judged again in a second run, under other circumstances? */
function isRecalledFor(circumstances: Circumstances): boolean {
  const memory = aMemory();
  assert.equal(run(memory).isRecalled, true);
  const { package: pkg = PACKAGE, ...others } = circumstances;
  const judgedBy = { policy: asksProvenance(), allowances: { allowed: [], denied: [] }, lock: undefined };
  const evidence = new Map([[pkg.key, EVIDENCE]]);
  return passedBefore(memory, { ...judgedBy, evidence, ...others }).passed(pkg) !== undefined;
}

function aLockOf(change: Partial<LockEntry>): JudgedBy['lock'] {
  const entry = { name: '@acme/lib', line: '1', proof: 'signature', installScript: false, bins: [] } as const;
  return { path: 'npmsign.lock.json', entries: new Map([['@acme/lib 1', { ...entry, ...change }]]) };
}

describe('a package that passed before', () => {
  it('passes again, and is told of in the very words of a judgement when somebody asks', () => {
    const memory = aMemory();
    const [first, second] = [run(memory).report, run(memory).report];
    assert.ok(Object.getOwnPropertyDescriptor(second.verdicts[0], 'outcomes')?.get);
    assert.deepEqual(JSON.parse(JSON.stringify(second)), JSON.parse(JSON.stringify(first)));
    const told: Report = { ...second, verdicts: second.verdicts.map((verdict) => ({ ...verdict })) };
    assert.deepEqual(told, first);
  });

  it('passes again on whatever line it stands, and whoever depends on it', () => {
    const moved = { line: 99, chain: ['project', 'a', '@acme/lib'] };
    assert.equal(isRecalledFor({ package: { ...PACKAGE, ...moved } }), true);
  });

  const entries: readonly (readonly [string, Partial<ResolvedPackage>])[] = [
    ['another place', { key: 'node_modules/a/node_modules/@acme/lib' }],
    ['an alias', { alias: 'react' }],
    ['a command', { bins: ['node'] }],
    ['an install script', { hasInstallScript: true }],
    ['another use', { use: 'development' }],
    ['a patch', { patched: 'patches/lib.patch' }],
    ['a shrinkwrap of its own', { ownShrinkwrap: true }],
    ['an archive', { archiveHash: '00' }],
    ['a gap where its hash should be', { integrityGap: 'yarn pins its own archive' }],
  ];
  for (const [what, change] of entries) {
    it(`is judged again when its entry has ${what}`, () => {
      assert.equal(isRecalledFor({ package: { ...PACKAGE, ...change } }), false);
    });
  }

  const circumstances: readonly (readonly [string, Circumstances])[] = [
    ['the level of a check', { policy: asksProvenance('warn') }],
    [
      'an option',
      { policy: aPolicy({ settings: { 'minimum-age': setting('minimum-age', 'error', { days: 2 }) } }) },
    ],
    ['an exemption', { policy: asksProvenance('error', { exemptions: [anExemption({})] }) }],
    ['an override', { policy: asksProvenance('error', { overrides: [{ packages: ['x'], checks: {} }] }) }],
    ['an allowed script', { allowances: { allowed: [{ spec: 'x', from: 'package.json' }], denied: [] } }],
    ['a denied script', { allowances: { allowed: [], denied: [{ spec: 'x', from: 'package.json' }] } }],
    ['a signer lock', { lock: { path: 'npmsign.lock.json', entries: new Map() } }],
    ['its entry in the signer lock', { lock: aLockOf({}) }],
    ['its evidence', { evidence: new Map([[PACKAGE.key, anEvidence()]]) }],
    ['evidence that is missing', { evidence: new Map() }],
  ];
  for (const [what, change] of circumstances) {
    it(`is judged again by ${what}`, () => assert.equal(isRecalledFor(change), false));
  }

  it('is judged again when its entry in the signer lock changes, and not when another one does', () => {
    const memory = aMemory();
    const other = aLockOf({});
    run(memory, { lock: other });
    const more = new Map([
      ...(other?.entries ?? []),
      ['x 1', { ...aLockOf({})?.entries.get('@acme/lib 1') }],
    ]);
    const isRecalled = (lock: JudgedBy['lock']) =>
      passedBefore(memory, {
        ...{ policy: asksProvenance(), allowances: { allowed: [], denied: [] }, lock },
        evidence: new Map([[PACKAGE.key, EVIDENCE]]),
      }).passed(PACKAGE) !== undefined;
    assert.equal(isRecalled({ path: 'npmsign.lock.json', entries: more as Map<string, LockEntry> }), true);
    assert.equal(isRecalled(aLockOf({ proof: 'provenance' })), false);
  });

  const weak = anEvidence({ provenance: { status: 'absent' } });
  const notPassing: readonly (readonly [string, Circumstances])[] = [
    ['fails', {}],
    ['is warned of', { policy: asksProvenance('warn') }],
    ['is exempt', { policy: asksProvenance('error', { exemptions: [anExemption({})] }) }],
  ];
  for (const [what, change] of notPassing) {
    it(`is none when it ${what}`, () => {
      const memory = aMemory();
      const { isRecalled } = run(memory, { evidence: new Map([[PACKAGE.key, weak]]), ...change });
      assert.equal(isRecalled, false);
    });
  }

  it('is none while the clock contradicts what was logged', () => {
    const logged = new Date(NOW.getTime() + 3_600_000).toISOString();
    const ahead = anEvidence({ publish: proved(aPublishAttestation({ loggedAt: logged })) });
    const { report, isRecalled } = run(aMemory(), { evidence: new Map([[PACKAGE.key, ahead]]) });
    assert.equal(report.effect, 'pass');
    assert.deepEqual(
      report.notices.map(({ code }) => code),
      ['CLOCK_WRONG'],
    );
    assert.equal(isRecalled, false);
  });
});

describe('checks', () => {
  /** Which fields of the value each check reads. */
  function readsOf(
    read: (watch: <T extends object>(value: T) => T) => Subject,
  ): ReadonlyMap<string, readonly string[]> {
    return new Map(
      checks.map((check) => {
        const seen = new Set<string>();
        const watch = <T extends object>(value: T): T =>
          new Proxy(value, {
            get(target, field, self) {
              seen.add(String(field));
              return Reflect.get(target, field, self);
            },
          });
        // Each check with its own options: the compiler cannot tell that they fit.
        const ask: (subject: Subject, options: never) => unknown = check.ask;
        ask(read(watch), defaultSettings[check.id].options as never);
        return [check.id, [...seen]] as const;
      }),
    );
  }

  // A package passes again on another line, by another way: no check may answer by those.
  it('look neither at the line of a package nor at who depends on it', () => {
    const reads = readsOf((watch) => aSubject({ package: watch(aPackage({ alias: 'lib' })) }));
    const read = [...reads.values()].flat();
    assert.ok(read.includes('source') && read.includes('bins'));
    assert.deepEqual(
      read.filter((field) => ['chain', 'line'].includes(field)),
      [],
    );
  });

  // A package that is old enough stays so. Another question to the clock could be answered otherwise later in the day.
  it('look at the clock only to ask whether a version is old enough', () => {
    const reads = readsOf((watch) => watch(aSubject({ package: aPackage({ hasInstallScript: true }) })));
    assert.deepEqual(
      [...reads].filter(([, read]) => read.includes('now')).map(([id]) => id),
      ['minimum-age'],
    );
    const fields = [...new Set([...reads.values()].flat())].sort();
    assert.deepEqual(fields, ['allowances', 'evidence', 'lock', 'now', 'package']);
  });
});
