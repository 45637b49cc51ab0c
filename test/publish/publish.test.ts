/** npmsign publish as a person sees it: packed by every manager, stopped before anything is uploaded, and finished when it was broken off. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { bun, type Manager, pnpmOf, yarn1, yarn4 } from '../support/managers.ts';
import { keysEndpointJson } from '../support/sigstore/index.ts';
import { startVerdaccio } from '../support/verdaccio.ts';
import { aTeam, type CheckoutRequest, NAME, type World } from './world.ts';

// The command starts managers by a shell script of this test's.
const skip = process.platform === 'win32' ? 'runs where there is a shell' : false;

describe('npmsign publish', { skip }, () => {
  let world: World;
  before(async () => {
    world = await aTeam(11);
  });
  after(() => world.close());

  const managers: readonly (readonly [
    name: string,
    version: string,
    find: () => Promise<Manager>,
    files: Readonly<Record<string, string>>,
  ])[] = [
    ['pnpm', '2.0.0', () => pnpmOf(11), { 'pnpm-lock.yaml': "lockfileVersion: '9.0'\n" }],
    ['yarn', '2.1.0', yarn1, { 'yarn.lock': '# yarn lockfile v1\n' }],
    ['yarn', '2.4.0', yarn4, { 'yarn.lock': '', '.yarnrc.yml': 'nodeLinker: node-modules\n' }],
    ['bun', '2.5.0', bun, { 'bun.lock': '{ "lockfileVersion": 1, "workspaces": {}, "packages": {} }\n' }],
  ];
  for (const [name, version, find, files] of managers) {
    it(`lets ${name} pack ${version}, and publishes that very tarball, signed`, async () => {
      const manager = await find();
      const checkout = world.checkout({
        version,
        tools: { [name]: manager.command },
        // Without npmsign among them, a lockfile without entries is a whole one.
        packageJson: { devDependencies: {} },
      });
      for (const [file, text] of Object.entries(files)) writeFileSync(join(checkout.dir, file), text);
      if (version === '2.4.0') await manager.run(['install'], { cwd: checkout.dir });
      const done = await checkout.npmsign(['publish']);
      assert.equal(done.code, 0, `${done.stdout}${done.stderr}`);
      assert.ok(done.stderr.includes(`npmsign: ${name} pack\n`), done.stderr);
      assert.match(done.stderr, /serves what was signed/);
      const question = ['verify', '--published', `${NAME}@${version}`, '--format', 'json'];
      const check = await checkout.npmsign(question);
      assert.equal(check.code, 0, check.stderr);
      const { effect, findings } = JSON.parse(check.stdout);
      const looked = findings.map(({ about }: { readonly about: string }) => about);
      assert.deepEqual([effect, looked], ['pass', ['tarball', 'signature', 'provenance']]);
    });
  }

  it('publishes a workspace from its folder, under the policy and the settings of the root', async () => {
    const checkout = world.checkout({ version: '2.6.0' });
    const root = join(checkout.dir, '..');
    for (const file of ['.npmsignrc', 'trusted_root.json'])
      renameSync(join(checkout.dir, file), join(root, file));
    const workspaces = { name: 'team', private: true, workspaces: ['greeting'] };
    writeFileSync(join(root, 'package.json'), JSON.stringify(workspaces));
    writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ lockfileVersion: 3, packages: {} }));
    const done = await checkout.npmsign(['publish']);
    assert.equal(done.code, 0, `${done.stdout}${done.stderr}`);
    assert.match(done.stderr, /signed @acme\/greeting@2\.6\.0 as .*[\s\S]*serves what was signed/);
  });

  it('publishes a tarball that is there already, packing nothing', async () => {
    const checkout = world.checkout({ version: '3.0.0' });
    assert.equal((await checkout.npm(['pack', '--ignore-scripts'])).code, 0);
    const done = await checkout.npmsign(['publish', './acme-greeting-3.0.0.tgz', '--tag', 'next']);
    assert.equal(done.code, 0, done.stderr);
    assert.doesNotMatch(done.stderr, /npm pack/);
    const { 'dist-tags': tags } = (await world.registry.get(NAME)).json;
    assert.equal(tags.next, '3.0.0');
  });

  it('runs the scripts around a publish in their order, and stops when one fails', async () => {
    const names = ['prepublishOnly', 'prepack', 'publish', 'postpublish'];
    const note = (name: string) => `node -e "fs.appendFileSync('order.txt', '${name} ')"`;
    const scripts = Object.fromEntries(names.map((name) => [name, note(name)]));
    const checkout = world.checkout({ version: '3.1.0', packageJson: { scripts } });
    const done = await checkout.npmsign(['publish']);
    assert.equal(done.code, 0, done.stderr);
    assert.equal(readFileSync(join(checkout.dir, 'order.txt'), 'utf8'), `${names.join(' ')} `);

    const failing = { scripts: { prepublishOnly: 'exit 7' } };
    const stopped = await world.checkout({ version: '3.1.1', packageJson: failing }).npmsign(['publish']);
    assert.notEqual(stopped.code, 0);
    assert.equal((await world.registry.get(`${NAME}/3.1.1`)).status, 404);
  });

  it('with --dry-run signs and uploads nothing', async () => {
    const checkout = world.checkout({ version: '3.2.0' });
    const asked = world.services.fulcio.received.length;
    const done = await checkout.npmsign(['publish', '--dry-run']);
    assert.equal(done.code, 0, done.stderr);
    assert.equal(world.services.fulcio.received.length, asked);
    assert.equal((await world.registry.get(`${NAME}/3.2.0`)).status, 404);
  });

  it('says that a build of a branch is one', async () => {
    const checkout = world.checkout({ version: '3.3.0', identity: { ref: 'refs/heads/main' } });
    const { code, stderr } = await checkout.npmsign(['publish']);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /This build is of refs\/heads\/main, which is no tag/);
  });

  const stopped: readonly (readonly [
    what: string,
    code: number,
    reason: RegExp,
    request: CheckoutRequest,
  ])[] = [
    ['a private package', 2, /"private": true.*\[PRIVATE\]\n {2}Remove/, { packageJson: { private: true } }],
    [
      'another repository',
      2,
      /\[REPOSITORY_DIFFERS\]\n {2}Write "repository"/,
      { packageJson: { repository: 'github:acme/other' } },
    ],
    ['nobody to sign', 2, /\[NO_IDENTITY\]\n {2}Publish from a CI/, { build: 'none' }],
    [
      'a job without permission',
      3,
      /\[NO_IDENTITY_TOKEN\]\n {2}Add to the job in \.github\/workflows\/release\.yml: permissions:/,
      { build: 'without permission' },
    ],
    [
      'a provenance of its own',
      2,
      /\.npmrc.*\[PROVENANCE_SETTING\]/,
      { npmrc: ['provenance-file=x.sigstore.json'] },
    ],
    [
      'services that cannot be reached',
      3,
      /\[CERTIFICATE_REFUSED\]|\[REGISTRY_UNREACHABLE\]/,
      { policy: { sign: { fulcio: 'http://127.0.0.1:9/', rekor: 'http://127.0.0.1:9/' } } },
    ],
  ];
  for (const [what, code, reason, request] of stopped) {
    it(`stops before anything is uploaded for ${what}, and says what to do`, async () => {
      const checkout = world.checkout({ version: '4.0.0', ...request });
      const done = await checkout.npmsign(['publish']);
      assert.equal(done.code, code, done.stderr);
      assert.match(done.stderr, reason);
      assert.equal((await world.registry.get(`${NAME}/4.0.0`)).status, 404);
      const left = readdirSync(checkout.dir).filter((file) => /tgz|sigstore\.json/.test(file));
      assert.deepEqual(left, []);
    });
  }

  it('stops for a version that is published, and finishes one that was broken off before its attestation', async () => {
    const first = world.checkout({ version: '5.0.0' });
    assert.equal((await first.npm(['pack', '--ignore-scripts'])).code, 0);
    assert.equal((await first.npm(['publish', './acme-greeting-5.0.0.tgz'])).code, 0);
    const other = world.checkout({ version: '5.0.0', packageJson: { description: 'Other bytes.' } });
    const refused = await other.npmsign(['publish']);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /\[ALREADY_PUBLISHED\]\n {2}Raise the version/);
    const finished = await first.npmsign(['publish', './acme-greeting-5.0.0.tgz']);
    assert.equal(finished.code, 0, finished.stderr);
    assert.doesNotMatch(finished.stderr, /npmsign: npm publish/);
    const again = await first.npmsign(['publish', './acme-greeting-5.0.0.tgz']);
    assert.match(again.stderr, /\[ALREADY_PUBLISHED\]/);
  });

  it('publishes what a project installs that holds the registry to the keys it wrote down, and to no others', async () => {
    assert.equal((await world.checkout({ version: '5.1.0' }).npmsign(['publish'])).code, 0);
    const install = ['install', `${NAME}@5.1.0`];
    const { keys } = (await world.registry.get('-/npm/v1/keys')).json;
    const done = await world.consume(world.consumer({ keys }), install);
    assert.equal(done.code, 0, done.stderr);
    const project = world.consumer(keysEndpointJson(world.services.sigstore.registryKeys.all));
    const refused = await world.consume(project, install);
    assert.equal(refused.code, 1, refused.stderr);
    assert.match(refused.stderr, /FAIL {2}registry-signature/);
    assert.deepEqual(project.installed(), []);
  });

  it('stops at a registry that takes no provenance, unless the policy can do without', async () => {
    const plain = await startVerdaccio();
    try {
      const { npmrc } = await plain.login('alice');
      const there = [`--registry=${plain.url}`];
      const strict = world.checkout({ version: '6.0.0', npmrc: [npmrc] });
      const refused = await strict.npmsign(['publish', ...there]);
      assert.equal(refused.code, 2);
      assert.match(refused.stderr, /\[NO_PLACE_FOR_PROVENANCE\]\n {2}Give it npmsign's plugin/);
      const sign = { ...world.services.policy(), required: false };
      const lenient = world.checkout({ version: '6.0.0', npmrc: [npmrc], policy: { sign } });
      const done = await lenient.npmsign(['publish', ...there]);
      const { status } = await fetch(`${plain.url}${NAME.replace('/', '%2f')}/6.0.0`);
      assert.equal(status, 200, done.stderr);
    } finally {
      await plain.stop();
    }
  });
});
