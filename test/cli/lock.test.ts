/** `npmsign lock`, from command line to file and exit code, on minted evidence. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { main } from '../../lib/cli/main.ts';
import type { Host } from '../../lib/model/host.ts';
import { aHost } from '../support/host.ts';
import { aPackageLock, aProject, dependenciesOn, type Project } from '../support/project.ts';
import {
  type LoopbackRegistry,
  type Published,
  type PublishRequest,
  startRegistry,
} from '../support/registry/index.ts';

type Ran = { readonly code: number; readonly out: string; readonly err: string };

describe('npmsign lock', () => {
  let registry: LoopbackRegistry;
  before(async () => {
    registry = await startRegistry();
  });
  after(() => registry.close());

  const publish = (request: PublishRequest): Published => registry.publish(request);
  const signed = (name: string, version = '1.0.0', more: Partial<PublishRequest> = {}): Published =>
    publish({ name, version, attest: {}, ...more });

  function aLockable(packages: readonly Published[]): Project {
    return aProject({
      packageJson: { dependencies: dependenciesOn(packages) },
      lockfile: aPackageLock(packages),
      npmrc: [`registry=${registry.url}`, 'fetch-retry-mintimeout=1', 'fetch-timeout=1000'],
      files: {
        'trusted_root.json': registry.sigstore.trustedRoot(),
        '.npmsignrc': {
          extends: 'recommended',
          registries: { [registry.url]: {} },
          trust: { root: './trusted_root.json', refresh: 'never' },
        },
      },
    });
  }

  async function run(argv: readonly string[], { dir }: Project, more: Partial<Host> = {}): Promise<Ran> {
    const host = aHost({ cwd: dir, env: { HOME: dir, npm_config_cache: join(dir, '.cache') }, ...more });
    const code = await main(argv, host);
    return { code, out: host.stdout(), err: host.stderr() };
  }

  const lockOf = (project: Project): string => readFileSync(project.file('npmsign.lock.json'), 'utf8');
  const update = (project: Project, packages: readonly Published[]): void => {
    project.write('package.json', {
      name: 'project',
      version: '1.0.0',
      private: true,
      dependencies: dependenciesOn(packages),
    });
    project.write('package-lock.json', aPackageLock(packages));
  };

  it('locks what is new, and says so: trust on first use is never silent', async () => {
    const project = aLockable([signed('fresh'), publish({ name: 'bare', version: '2.0.0' })]);
    const { code, out, err } = await run(['lock'], project);
    assert.deepEqual([code, err], [0, ''], out);
    assert.match(out, /is written: 2 release lines \(2 new\)/);
    assert.match(
      out,
      /fresh@1\s+signed by https:\/\/github\.com\/acme\/fresh, \.github\/workflows\/release\.yml, tag, push/,
    );
    assert.match(out, /bare@2\s+only the registry's signature/);
    assert.match(lockOf(project), /"fresh@1": \{\n\t\t\t"repository": "https:\/\/github\.com\/acme\/fresh"/);
  });

  it('makes verify hold what was locked, and report what is not', async () => {
    const [one, two] = [signed('held'), signed('stranger')];
    const project = aLockable([one]);
    await run(['lock'], project);
    const first = await run(['verify'], project);
    assert.equal(first.code, 0, first.out);
    assert.doesNotMatch(first.out, /is new to|are new to/);
    update(project, [one, two]);
    const { code, out } = await run(['verify'], project);
    assert.equal(code, 0, out);
    assert.match(out, /1 package is new to npmsign\.lock\.json, .* stranger@1\.0\.0/s);
  });

  it('changes nothing the second time, nor for an update by the same signer', async () => {
    const project = aLockable([signed('steady')]);
    await run(['lock'], project);
    const first = lockOf(project);
    update(project, [signed('steady', '1.4.0')]);
    const { code, out } = await run(['lock', '--check'], project);
    assert.equal(code, 0, out);
    assert.match(out, /is up to date/);
    assert.equal(lockOf(project), first);
  });

  it('refuses to overwrite a changed signer, keeps the old one, and still adds what is new', async () => {
    const project = aLockable([signed('taken')]);
    await run(['lock'], project);
    const evil = signed('taken', '1.0.1', { attest: { identity: { trigger: 'issue_comment' } } });
    update(project, [evil, signed('other')]);
    const { code, out } = await run(['lock'], project);
    assert.equal(code, 1, out);
    assert.match(out, /taken@1\.0\.1\n\s+trigger was push, is issue_comment/);
    assert.match(out, /--accept <package> --reason/);
    assert.match(lockOf(project), /"other@1"/);
    assert.doesNotMatch(lockOf(project), /issue_comment/);
    const verified = await run(['verify'], project);
    assert.equal(verified.code, 1);
    assert.match(verified.out, /locked-signer/);
  });

  it('accepts a changed signer for a reason, which it records with the date', async () => {
    const project = aLockable([signed('moved')]);
    await run(['lock'], project);
    update(project, [signed('moved', '1.0.1', { attest: { identity: { trigger: 'release' } } })]);
    const { code, out } = await run(
      ['lock', '--accept', 'moved', '--reason', 'they release by hand now'],
      project,
    );
    assert.equal(code, 0, out);
    const entry = JSON.parse(lockOf(project)).packages['moved@1'];
    assert.equal(entry.trigger, 'release');
    assert.deepEqual(entry.accepted, { on: '2026-11-22', reason: 'they release by hand now' });
    assert.equal((await run(['verify'], project)).code, 0);
    assert.match((await run(['lock', '--check'], project)).out, /up to date/);
  });

  it('asks the person at a terminal why, once it has shown what changed', async () => {
    const project = aLockable([signed('asked')]);
    await run(['lock'], project);
    update(project, [signed('asked', '1.0.1', { attest: { identity: { trigger: 'release' } } })]);
    const questions: string[] = [];
    const ask = (question: string): Promise<string> => {
      questions.push(question);
      return Promise.resolve('it is in their changelog');
    };
    const { code, err } = await run(['lock', '--accept', 'asked'], project, { ask });
    assert.equal(code, 0, err);
    assert.match(err, /asked@1\.0\.1\n {2}trigger was push, is release/);
    assert.deepEqual(questions, ['Why is this right? ']);
    assert.match(lockOf(project), /"reason": "it is in their changelog"/);
  });

  const wrong = [
    ['an acceptance without a reason, where nobody can be asked', ['--accept', 'wrong'], /needs a reason/],
    ['an empty reason', ['--accept', 'wrong', '--reason', ' '], /for a reason, and none is given/],
    ['a reason nobody can see', ['--accept', 'wrong', '--reason', 'a\u202eb'], /can be seen/],
    ['a reason for nothing', ['--reason', 'x'], /none is: --accept/],
    ['an acceptance of what has not changed', ['--accept', 'wrnog', '--reason', 'x'], /accepts nothing/],
    ['a package named without --accept', ['wrong'], /takes no arguments/],
  ] as const;
  for (const [name, argv, message] of wrong) {
    it(`exits 2 for ${name}, and writes nothing`, async () => {
      const project = aLockable([signed(`wrong-${wrong.findIndex(([other]) => other === name)}`)]);
      const { code, err } = await run(['lock', ...argv], project);
      assert.equal(code, 2, err);
      assert.match(err, message);
      assert.equal(project.has('npmsign.lock.json'), false);
    });
  }

  it('never locks what is refuted, and exits 1', async () => {
    const project = aLockable([signed('honest'), signed('forged')]);
    registry.misbehave(
      { name: 'forged' },
      {
        kind: 'edit',
        edit: ({ manifest }) => {
          manifest.dist.signatures = [{ ...manifest.dist.signatures?.[0], keyid: '', sig: 'MEUCIQ==' }];
        },
      },
    );
    const { code, out } = await run(['lock'], project);
    registry.behave();
    assert.equal(code, 1, out);
    assert.match(out, /forged@1\.0\.0: its proof does not hold/);
    assert.doesNotMatch(lockOf(project), /forged/);
    assert.match(lockOf(project), /honest/);
  });

  it('never locks what could not be found out, and exits 3', async () => {
    const project = aLockable([signed('reached'), signed('away')]);
    registry.misbehave({ name: 'away' }, { kind: 'status', status: 404 });
    const { code, out } = await run(['lock'], project);
    registry.behave();
    assert.equal(code, 3, out);
    assert.match(out, /away@1\.0\.0: could not be found out/);
    assert.doesNotMatch(lockOf(project), /away/);
  });

  it('refuses code at install that ran none when it was locked', async () => {
    const project = aLockable([signed('quiet')]);
    await run(['lock'], project);
    update(project, [signed('quiet', '1.0.1', { scripts: { postinstall: 'node x.js' } })]);
    const { code, out } = await run(['lock'], project);
    assert.equal(code, 1);
    assert.match(out, /runs code at install, and ran none before/);
  });

  it('removes what left the tree only when asked to, and says what stays', async () => {
    const [stays, leaves] = [signed('stays'), signed('leaves')];
    const project = aLockable([stays, leaves]);
    await run(['lock'], project);
    update(project, [stays]);
    const kept = await run(['lock'], project);
    assert.deepEqual([kept.code, /leaves@1/.test(lockOf(project))], [0, true]);
    assert.match(kept.out, /No longer in the tree \(--prune removes them\)\n\s+leaves@1/);
    const { code, out } = await run(['lock', '--prune'], project);
    assert.equal(code, 0);
    assert.match(out, /Pruned/);
    assert.doesNotMatch(lockOf(project), /leaves/);
  });

  it('writes nothing under --dry-run and --check, and --check fails when it would', async () => {
    const project = aLockable([signed('watched')]);
    const dry = await run(['lock', '--dry-run'], project);
    assert.equal(dry.code, 0);
    assert.match(dry.out, /would change[\s\S]*watched@1/);
    assert.equal((await run(['lock', '--check'], project)).code, 1);
    assert.equal(project.has('npmsign.lock.json'), false);
  });

  it('keeps an old version of a line apart, so that the line stays as strict as its newest', async () => {
    const [old, now] = [publish({ name: 'two', version: '1.0.0' }), signed('two', '1.2.0')];
    const project = aLockable([now]);
    const both = (newest: Published): void =>
      project.write(
        'package-lock.json',
        aPackageLock([newest, { published: old, key: `node_modules/two/node_modules/two` }]),
      );
    both(now);
    assert.equal((await run(['lock'], project)).code, 0);
    assert.deepEqual(Object.keys(JSON.parse(lockOf(project)).packages), ['two@1', 'two@1.0.0']);
    assert.equal((await run(['verify'], project)).code, 0);
    both(publish({ name: 'two', version: '1.2.1' }));
    const { code, out } = await run(['lock'], project);
    assert.equal(code, 1);
    assert.match(
      out,
      /two@1\.2\.1\n\s+had build provenance by https:\/\/github\.com\/acme\/two, and has only the registry's/,
    );
  });

  it('prints one JSON document', async () => {
    const project = aLockable([signed('machine')]);
    const { out, err } = await run(['lock', '--format', 'json'], project);
    const plan = JSON.parse(out);
    assert.deepEqual([plan.schema, plan.written, plan.differs, err], [1, true, true, '']);
    assert.equal(plan.added[0].name, 'machine');
  });

  it('stops at a damaged lock, and leaves it as it is', async () => {
    const project = aLockable([signed('damaged')]);
    writeFileSync(project.file('npmsign.lock.json'), '{');
    const { code, err } = await run(['lock'], project);
    assert.equal(code, 2);
    assert.match(err, /LOCK_MALFORMED/);
    assert.equal(lockOf(project), '{');
  });
});
