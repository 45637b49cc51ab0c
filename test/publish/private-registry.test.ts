/** A package signed on pack and on publish, on a private registry that signs, and a project that installs it under a strict policy. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parseTrustedRoot, verifyBundle } from '../../lib/sigstore/index.ts';
import type { RunResult } from '../support/managers.ts';
import type { Project } from '../support/project.ts';
import { integrityOf } from '../verdaccio/world.ts';
import { aTeam, type Checkout, type CheckoutRequest, NAME, type World } from './world.ts';

// The gate starts npm by a shell script of this test's.
const skip = process.platform === 'win32' ? 'runs where there is a shell' : false;

for (const major of [10, 11, 12] as const) {
  describe(`under npm ${major}, a team's own registry`, { skip }, () => {
    let world: World;
    before(async () => {
      world = await aTeam(major);
    });
    after(() => world.close());

    it('holds a package that npm pack signs, and npmsign publish publishes as that very tarball', async () => {
      const checkout = world.checkout();
      const packed = await checkout.npm(['pack', '--json']);
      assert.equal(packed.code, 0, packed.stderr);
      JSON.parse(packed.stdout);
      const bundle = JSON.parse(
        readFileSync(join(checkout.dir, 'acme-greeting-1.2.3.tgz.sigstore.json'), 'utf8'),
      );
      const tarball = readFileSync(join(checkout.dir, 'acme-greeting-1.2.3.tgz'));
      const trust = parseTrustedRoot(world.services.sigstore.trustedRoot());
      const verified = await verifyBundle(bundle, trust, {
        expect: 'certificate',
        artifact: { kind: 'bytes', bytes: tarball },
      });
      assert.ok(verified.ok, JSON.stringify(verified));

      const done = await checkout.npmsign(['publish']);
      assert.equal(done.code, 0, done.stderr);
      assert.match(
        done.stderr,
        /signed @acme\/greeting@1\.2\.3 as https:\/\/github\.com\/acme\/greeting\/\.github/,
      );
      assert.match(done.stderr, /serves what was signed\n( {2}ok .*\n){4}$/);
      const served = (await world.registry.get(`${NAME}/1.2.3`)).json;
      assert.equal(served.dist.integrity, integrityOf(tarball));
      assert.equal(served.dist.signatures.length, 1);
    });

    it('serves it so that a project with a strict policy installs it, and only as it was signed', async () => {
      const project = world.consumer();
      const { code, stdout, stderr } = await world.consume(project, ['install', `${NAME}@1.2.3`]);
      assert.equal(code, 0, `${stdout}${stderr}`);
      assert.deepEqual(project.installed(), [NAME]);
      const again = await world.consume(project, ['ci']);
      assert.equal(again.code, 0, again.stderr);
    });

    const refusals: readonly (readonly [
      what: string,
      request: CheckoutRequest,
      publish: (checkout: Checkout) => Promise<RunResult>,
      checks: readonly string[],
    ])[] = [
      [
        'published without npmsign',
        { version: '1.2.4' },
        (checkout) => checkout.npm(['publish', '--ignore-scripts']),
        [
          'provenance',
          'source-repository',
          'source-ref',
          'build-workflow',
          'build-trigger',
          'provenance-regression',
        ],
      ],
      [
        'built from another repository',
        {
          version: '1.2.5',
          identity: {
            repository: 'https://github.com/mallory/greeting',
            owner: 'https://github.com/mallory',
          },
          packageJson: { repository: 'https://github.com/mallory/greeting' },
        },
        (checkout) => checkout.npmsign(['publish']),
        ['source-repository'],
      ],
      [
        'built from a branch',
        { version: '1.2.6', identity: { ref: 'refs/heads/main' } },
        (checkout) => checkout.npmsign(['publish']),
        ['source-ref'],
      ],
      [
        'built by another workflow',
        { version: '1.2.7', identity: { workflow: '.github/workflows/lint.yml' } },
        (checkout) => checkout.npmsign(['publish']),
        ['build-workflow'],
      ],
      [
        'built for another event',
        { version: '1.2.8', identity: { trigger: 'workflow_dispatch' } },
        (checkout) => checkout.npmsign(['publish']),
        ['build-trigger'],
      ],
    ];
    for (const [what, request, publish, checks] of refusals) {
      it(`has the same package ${what} refused by ${checks[0]}`, async () => {
        const checkout = world.checkout(request);
        const done = await publish(checkout);
        assert.equal(done.code, 0, done.stderr);
        const project = world.consumer();
        const outcome = await refusal(world, project, checkout.version);
        assert.deepEqual(outcome.failed, checks);
        assert.deepEqual(project.installed(), []);
      });
    }

    it('refuses the same package when it was changed after signing, and so does a project when the storage was', async () => {
      const checkout = world.checkout({ version: '1.2.9' });
      assert.equal((await checkout.npm(['pack'])).code, 0);
      const [file, signature] = ['acme-greeting-1.2.9.tgz', 'acme-greeting-1.2.9.tgz.sigstore.json'];
      const bundle = JSON.parse(readFileSync(join(checkout.dir, signature), 'utf8'));
      const changed = world.checkout({ version: '1.2.9', packageJson: { description: 'Changed.' } });
      assert.equal((await changed.npm(['publish', '--ignore-scripts'])).code, 0);
      const { status, json } = await world.registry.put(`-/npm/v1/attestations/${NAME}@1.2.9`, bundle);
      assert.equal(status, 400);
      assert.match(json.error, /the statement is about other bytes/);

      const honest = world.checkout({ version: '1.2.10' });
      assert.equal((await honest.npmsign(['publish'])).code, 0);
      replaceInStorage(world, '1.2.10', readFileSync(join(checkout.dir, file)));
      const project = world.consumer();
      const { failed } = await refusal(world, project, '1.2.10');
      assert.deepEqual(failed.slice(0, 2), ['registry-signature', 'provenance']);
      assert.deepEqual(project.installed(), []);
      const check = await honest.npmsign(['verify', '--published', `${NAME}@1.2.10`]);
      assert.equal(check.code, 1);
      assert.match(check.stdout, /does not serve what was signed\n.*ok.*tarball.*\n {2}FAIL {4}signature/s);
    });
  });
}

/** What a strict project says to a version: the checks that failed, in report order. */
async function refusal(
  world: World,
  project: Project,
  version: string,
): Promise<{ readonly failed: readonly string[] }> {
  const args = ['install', `${NAME}@${version}`, '--format', 'json', '--output', 'report.json'];
  const { code, stderr } = await world.consume(project, args);
  assert.equal(code, 1, stderr);
  const { verdicts } = JSON.parse(readFileSync(project.file('report.json'), 'utf8'));
  const [{ outcomes }] = verdicts;
  return {
    failed: outcomes
      .filter(({ effect }: { readonly effect: string }) => effect === 'fail')
      .map(({ check }: { readonly check: string }) => check),
  };
}

/** What somebody can do who writes to the registry's disk: other bytes, and a manifest that states them. */
function replaceInStorage({ registry }: World, version: string, bytes: Uint8Array): void {
  const folder = join(registry.verdaccio.home, 'storage', NAME);
  writeFileSync(join(folder, `greeting-${version}.tgz`), bytes);
  const file = join(folder, 'package.json');
  const stored = JSON.parse(readFileSync(file, 'utf8'));
  stored.versions[version].dist.integrity = integrityOf(bytes);
  writeFileSync(file, JSON.stringify(stored));
}
