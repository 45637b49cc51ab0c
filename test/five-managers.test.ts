/** One policy, five managers: the same project gets the same verdict for the same package versions, and where not, it is said why. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { verify } from '../lib/index.ts';
import type { Report } from '../lib/model/report.ts';
import { homeEnvironment } from './attacks/world.ts';
import { aHost } from './support/host.ts';
import { bun, npmOf, pnpmOf, yarn1, yarn4 } from './support/managers.ts';
import {
  aProjectOfAllKinds,
  aWorldOfAllKinds,
  type ProjectKind,
  resolveWith,
  type World,
} from './tree/all-kinds.ts';

const MANAGERS = { npm: () => npmOf(12), pnpm: () => pnpmOf(12), yarn1, yarn4, bun } as const;

const world = await aWorldOfAllKinds();
const reports = new Map<string, Report>();
for (const [kind, manager] of Object.entries(MANAGERS)) {
  const { run } = await manager();
  const dir = aProjectOfAllKinds(kind as ProjectKind, world);
  await resolveWith(kind as ProjectKind, run, { dir, registry: world.registry });
  writePolicy(dir, world);
  reports.set(kind, await verify(aHost({ cwd: dir, env: homeEnvironment() })));
}
await world.close();

/** What the registry's packages came to under one manager: `check answer` for each check, and the effect, by name@version. */
type Verdicts = ReadonlyMap<string, { readonly answers: readonly string[]; readonly effect: string }>;

function reportOf(kind: keyof typeof MANAGERS): Report {
  const report = reports.get(kind);
  assert.ok(report, kind);
  return report;
}

function verdictsOf(kind: keyof typeof MANAGERS): Verdicts {
  const verdicts = new Map<string, { answers: readonly string[]; effect: string }>();
  for (const verdict of reportOf(kind).verdicts) {
    if (verdict.package.source.kind !== 'registry') continue;
    const { name, version } = verdict.package.id;
    const answers = verdict.outcomes.map(({ check, answer }) => `${check} ${answer.kind}`).sort();
    const one = { answers, effect: verdict.effect };
    const known = verdicts.get(`${name}@${version}`);
    if (known !== undefined) assert.deepEqual(one, known, `${kind} judges ${name}@${version} twice`);
    verdicts.set(`${name}@${version}`, one);
  }
  return new Map([...verdicts].sort());
}

/** npm and bun take it from the archive around it, pnpm does not mention it, yarn fetches it once more. */
const BUNDLED = 'inner@1.0.0';

function withoutBundled(verdicts: Verdicts): Verdicts {
  return new Map([...verdicts].filter(([id]) => id !== BUNDLED));
}

const RESTS_ON_THE_HASH =
  /^(?:lockfile-integrity|registry-signature|publish-attestation|provenance|provenance-regression|declared-repository) unknown$/;

describe('one policy', () => {
  const npm = verdictsOf('npm');

  it('finds everything there is to find', () => {
    const failing = [...npm].filter(([, { effect }]) => effect === 'fail').map(([id]) => id);
    assert.deepEqual(failing, ['hijacker@1.0.0', 'scripted@1.0.0', 'unsigned@1.0.0']);
    assert.equal(npm.size, 21);
    assert.ok(npm.get('tiny@1.0.0')?.answers.includes('provenance pass'));
  });

  for (const kind of ['pnpm', 'yarn1', 'bun'] as const) {
    it(`comes to the same for the same versions under ${kind} as under npm, check by check`, () => {
      assert.deepEqual(withoutBundled(verdictsOf(kind)), npm);
    });
  }

  it('comes under yarn 4 to the same wherever the tarball’s hash is not asked for, and to unverified where it is', () => {
    const yarn = withoutBundled(verdictsOf('yarn4'));
    assert.deepEqual([...yarn.keys()], [...npm.keys()]);
    for (const [id, { answers, effect }] of yarn) {
      const same = npm.get(id);
      const others = answers.filter((answer) => !same?.answers.includes(answer));
      assert.deepEqual(
        others.filter((answer) => !RESTS_ON_THE_HASH.test(answer)),
        [],
        id,
      );
      assert.ok(others.includes('lockfile-integrity unknown'), id);
      assert.equal(effect, same?.effect === 'fail' ? 'fail' : 'unverified', id);
    }
  });

  it('says under yarn 4 why nothing can be verified', () => {
    for (const { package: pkg, outcomes } of reportOf('yarn4').verdicts) {
      if (pkg.source.kind !== 'registry') continue;
      const because = outcomes.find(({ check }) => check === 'lockfile-integrity')?.answer.because ?? '';
      // Nothing was fetched for another system, so yarn has no hash of any kind for it.
      const wanted = pkg.id.name === 'plan9-only' ? /pins no hash/ : /the hash of yarn's own archive/;
      assert.match(because, wanted, pkg.key);
    }
  });
});

describe('what comes from no registry', () => {
  for (const kind of ['npm', 'pnpm', 'yarn1', 'yarn4', 'bun'] as const) {
    it(`is refused or the project’s own under ${kind} as under the others`, () => {
      const effects = new Map<string, string>();
      for (const { package: pkg, effect } of reportOf(kind).verdicts) {
        if (pkg.source.kind === 'registry' || pkg.source.kind === 'bundled') continue;
        effects.set(pkg.source.kind, effect);
      }
      const wanted = { file: 'fail', git: 'fail', link: 'pass', remote: 'fail' };
      // yarn 1 does not lock workspaces.
      const workspace = kind === 'yarn1' ? {} : { workspace: 'pass' };
      assert.deepEqual(Object.fromEntries([...effects].sort()), { ...wanted, ...workspace });
    });
  }
});

function writePolicy(dir: string, { registry }: World): void {
  writeFileSync(path.join(dir, 'trusted_root.json'), JSON.stringify(registry.sigstore.trustedRoot()));
  writeFileSync(
    path.join(dir, '.npmsignrc'),
    JSON.stringify({
      extends: 'recommended',
      checks: { 'registry-signature': 'error' },
      trust: { root: './trusted_root.json', refresh: 'never' },
    }),
  );
}
