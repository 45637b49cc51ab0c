/** `npmsign init` from command line to exit code: adoption starts green, and tampering is never waived. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createInitCommand } from '../../lib/cli/commands/init.ts';
import { errorText } from '../../lib/cli/error-text.ts';
import { parseFlags } from '../../lib/cli/flags.ts';
import { main } from '../../lib/cli/main.ts';
import { SHARED_FLAGS } from '../../lib/cli/shared-flags.ts';
import type { Host } from '../../lib/model/host.ts';
import type { SetupManager } from '../../lib/model/setup.ts';
import { aHost } from '../support/host.ts';
import { aPackageLock, aProject, dependenciesOn, type Project } from '../support/project.ts';
import { type LoopbackRegistry, type Published, startRegistry } from '../support/registry/index.ts';

const NPM_12: SetupManager = { kind: 'npm', version: '12.2.0' };
const NPM_11: SetupManager = { kind: 'npm', version: '11.19.1' };
const OURS = ['.npmsign/gate.mjs', '.npmsign/init.json', '.npmsignrc'];

describe('npmsign init', () => {
  let registry: LoopbackRegistry;
  let good: Published;
  let scripted: Published;
  before(async () => {
    registry = await startRegistry();
    good = registry.publish({ name: 'good', version: '1.0.0', attest: {} });
    scripted = registry.publish({ name: 'scripted', version: '1.0.0', scripts: { install: 'node x' } });
  });
  after(() => registry.close());

  function aProjectOn(packages: readonly Published[], files: Record<string, string> = {}): Project {
    return aProject({
      packageJson: { dependencies: dependenciesOn(packages) },
      lockfile: aPackageLock(packages),
      npmrc: [`registry=${registry.url}`],
      files: { 'trusted_root.json': JSON.stringify(registry.sigstore.trustedRoot()), ...files },
    });
  }

  type Run = { readonly manager?: SetupManager; readonly host?: Partial<Host> };

  async function init(
    project: Project,
    args: readonly string[],
    { manager = NPM_12, host: more = {} }: Run = {},
  ) {
    const host = aHost({ cwd: project.dir, env: environmentOf(project), ...more });
    const command = createInitCommand({
      findManager: async () => manager,
      readGate: async () => '// npmsign gate 1.0.0\n',
    });
    const parsed = parseFlags(args, [...command.flags, ...SHARED_FLAGS]);
    const code = await command.run(host, { ...parsed, env: host.env }).catch((error: unknown) => {
      const { text, exitCode } = errorText(error, { verbose: false });
      host.err(text);
      return exitCode;
    });
    return { code, out: host.stdout(), err: host.stderr() };
  }

  async function verify(project: Project): Promise<number> {
    return main(['verify'], aHost({ cwd: project.dir, env: environmentOf(project) }));
  }

  it('writes policy and gate, and the project meets its policy', async () => {
    const project = aProjectOn([good]);
    const { code, out, err } = await init(project, ['--yes']);
    assert.deepEqual([code, err], [0, ''], out);
    for (const file of OURS) assert.ok(project.has(file), file);
    assert.match(out, /\+ {4}"preinstall": ".*gate\.mjs preinstall/);
    assert.match(out, /✔ GATE.*before anything is fetched/);
    assert.match(out, /the project meets its policy/);
    assert.match(
      read(project, '.npmsignrc'),
      /^\$schema: \.\/node_modules\/npmsign\/schema\.json\nextends: recommended/m,
    );
  });

  it('has nothing to do the second time', async () => {
    const project = aProjectOn([good]);
    await init(project, ['--yes']);
    const { code, out } = await init(project, ['--yes']);
    assert.equal(code, 0);
    assert.match(out, /nothing to do/);
  });

  it('takes everything back', async () => {
    const project = aProjectOn([good, scripted]);
    const before = read(project, 'package.json');
    await init(project, ['--yes'], { manager: NPM_11 });
    const { code } = await init(project, ['--remove', '--yes']);
    assert.equal(code, 0);
    assert.equal(read(project, 'package.json'), before);
    for (const file of [...OURS, '.npmsign']) assert.ok(!project.has(file), file);
  });

  it('exempts what today violates the policy for 90 days, lists it, and starts green', async () => {
    const project = aProjectOn([good, scripted]);
    assert.equal(await verify(project), 1);
    const { code, out } = await init(project, ['--yes']);
    assert.equal(code, 0, out);
    assert.match(out, /scripted@1\.0\.0 {2}install-script, until 2027-02-20/);
    assert.match(
      read(project, '.npmsignrc'),
      /- package: "scripted@1\.0\.0"\n {4}checks: \[install-script\]\n {4}reason: "present when npmsign was adopted"\n {4}expires: 2027-02-20\n/,
    );
    assert.equal(await verify(project), 0);
  });

  it('allows by name and version what runs today where npm can stop everything else', async () => {
    const project = aProjectOn([good, scripted]);
    const { code, out } = await init(project, ['--yes'], { manager: NPM_11 });
    assert.equal(code, 0, out);
    assert.deepEqual(JSON.parse(read(project, 'package.json')).allowScripts, { 'scripted@1.0.0': true });
    assert.match(read(project, '.npmrc'), /^strict-allow-scripts=true$/m);
    assert.doesNotMatch(read(project, '.npmsignrc'), /exemptions/);
  });

  it('exempts nothing that came after the adoption', async () => {
    const project = aProjectOn([good]);
    await init(project, ['--yes']);
    project.write('package-lock.json', aPackageLock([good, scripted]));
    const { code, out } = await init(project, ['--yes']);
    assert.equal(code, 1, out);
    assert.doesNotMatch(read(project, '.npmsignrc'), /exemptions/);
  });

  for (const [what, lie] of [
    ['a hash the registry does not list', { integrity: `sha512-${Buffer.alloc(64).toString('base64')}` }],
    ['a tarball of another address', { resolved: 'https://evil.example/good-1.0.0.tgz' }],
  ] as const) {
    it(`reports ${what}, exempts nothing and writes nothing`, async () => {
      const project = aProjectOn([good, scripted]);
      const fields = { ...lie };
      project.write('package-lock.json', aPackageLock([{ published: good, fields }, scripted]));
      const { code, out, err } = await init(project, ['--yes']);
      assert.equal(code, 1, out);
      assert.match(out, /FAIL[\s\S]*good@1\.0\.0/);
      assert.match(err, /nothing was written: there are signs of tampering with good@1\.0\.0/);
      for (const file of OURS) assert.ok(!project.has(file), file);
    });
  }

  it('writes nothing while something could not be judged', async () => {
    const project = aProjectOn([good]);
    const { code, err } = await init(project, ['--yes', '--offline']);
    assert.equal(code, 3);
    assert.match(err, /good@1\.0\.0 could not be judged/);
    assert.ok(!project.has('.npmsign'));
  });

  it('only shows with --dry-run', async () => {
    const project = aProjectOn([good]);
    const { code, out } = await init(project, ['--dry-run']);
    assert.equal(code, 0);
    assert.match(out, /new file \.npmsignrc[\s\S]*nothing was written/);
    assert.ok(!project.has('.npmsignrc'));
  });

  it('asks, and takes anything but yes for no', async () => {
    const project = aProjectOn([good]);
    const no = await init(project, [], { host: { ask: async () => '' } });
    assert.deepEqual([no.code, project.has('.npmsignrc')], [0, false]);
    const yes = await init(project, [], { host: { ask: async () => 'y' } });
    assert.deepEqual([yes.code, project.has('.npmsignrc')], [0, true]);
  });

  it('is asked wrongly where nobody can be asked', async () => {
    const project = aProjectOn([good]);
    const { code, err } = await init(project, []);
    assert.equal(code, 2);
    assert.match(err, /--yes writes/);
    assert.ok(!project.has('.npmsignrc'));
  });

  it('adds to the policy a project already has, and keeps its words', async () => {
    const policy = '# ours\nextends: recommended # for now\n';
    const project = aProjectOn([good, scripted], { '.npmsignrc': policy });
    const { code, out } = await init(project, ['--yes']);
    assert.equal(code, 0, out);
    assert.ok(read(project, '.npmsignrc').startsWith(policy));
    assert.match(read(project, '.npmsignrc'), /^exemptions:\n {2}- package: "scripted@1\.0\.0"$/m);
  });
});

function environmentOf({ dir }: Project): Record<string, string> {
  return {
    HOME: dir,
    npm_config_cache: join(dir, '.cache'),
    NPMSIGN_TRUSTED_ROOT: join(dir, 'trusted_root.json'),
  };
}

function read(project: Project, file: string): string {
  return readFileSync(project.file(file), 'utf8');
}
