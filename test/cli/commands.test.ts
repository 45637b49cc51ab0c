/** Tests of the commands from command line to exit code, on minted evidence. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { main } from '../../lib/cli/main.ts';
import { anIdentity } from '../support/builders.ts';
import { aHost } from '../support/host.ts';
import { aPackageLock, aProject, dependenciesOn } from '../support/project.ts';
import {
  type LoopbackRegistry,
  PUBLISHED_AT,
  type Published,
  startRegistry,
} from '../support/registry/index.ts';
import { createSigstore } from '../support/sigstore/index.ts';
import { aTempDirectory } from '../support/temp.ts';

describe('npmsign verify and explain', () => {
  let registry: LoopbackRegistry;
  let signed: Published;
  let unproved: Published;
  before(async () => {
    registry = await startRegistry();
    signed = registry.publish({ name: 'signed', version: '1.0.0', attest: {} });
    unproved = registry.publish({ name: 'unproved', version: '1.0.0' });
  });
  after(() => registry.close());

  /** A project on these packages whose policy asks for provenance at the level given. */
  function aJudgedProject(packages: readonly Published[], level: 'warn' | 'error') {
    return aProject({
      packageJson: { dependencies: dependenciesOn(packages) },
      lockfile: aPackageLock(packages),
      npmrc: [`registry=${registry.url}`],
      files: {
        'trusted_root.json': registry.sigstore.trustedRoot(),
        '.npmsignrc': {
          extends: 'recommended',
          checks: { provenance: level },
          registries: { [registry.url]: {} },
          trust: { root: './trusted_root.json', refresh: 'never' },
        },
      },
    });
  }

  async function run(
    argv: readonly string[],
    { dir }: { readonly dir: string },
    env: Record<string, string> = {},
  ) {
    const host = aHost({ cwd: dir, env: { HOME: dir, npm_config_cache: join(dir, '.cache'), ...env } });
    const code = await main(argv, host);
    return { code, out: host.stdout(), err: host.stderr() };
  }

  it('exits 0 when the policy is met', async () => {
    const { code, out, err } = await run(['verify'], aJudgedProject([signed], 'error'));
    assert.deepEqual([code, err], [0, ''], out);
    assert.match(out, /PASS/);
  });

  it('exits 0 with a warning', async () => {
    const { code, out } = await run(['verify'], aJudgedProject([signed, unproved], 'warn'));
    assert.equal(code, 0, out);
    assert.match(out, /WARN/);
  });

  it('exits 1 when the policy is violated, the finding on stdout and nothing on stderr', async () => {
    const { code, out, err } = await run(['verify'], aJudgedProject([signed, unproved], 'error'));
    assert.deepEqual([code, err], [1, '']);
    assert.match(out, /FAIL[\s\S]*unproved/);
  });

  it('exits 3 when nothing is violated and something could not be verified', async () => {
    const { code, out } = await run(['verify', '--offline'], aJudgedProject([signed], 'error'));
    assert.equal(code, 3);
    assert.match(out, /UNVERIFIED/);
  });

  it('prints one format and writes another', async () => {
    const project = aJudgedProject([signed, unproved], 'error');
    const { code, out } = await run(
      ['verify', '--format', 'pretty', '--format=json', '--output', 'r.json'],
      project,
    );
    assert.equal(code, 1);
    assert.match(out, /FAIL/);
    assert.equal(JSON.parse(readFileSync(project.file('r.json'), 'utf8')).effect, 'fail');
  });

  it('prints one valid JSON document and nothing else', async () => {
    const { out, err } = await run(['verify', '--format', 'json'], aJudgedProject([signed], 'error'));
    assert.deepEqual([JSON.parse(out).effect, err], ['pass', '']);
  });

  it('says nothing when it is quiet and nothing stops the install', async () => {
    assert.equal((await run(['verify', '--quiet'], aJudgedProject([signed], 'error'))).out, '');
  });

  it('writes the step summary of a workflow beside its annotations', async () => {
    const project = aJudgedProject([unproved], 'error');
    const env = { GITHUB_STEP_SUMMARY: project.file('summary.md') };
    const { out } = await run(['verify', '--format', 'github'], project, env);
    assert.match(out, /^::error /m);
    assert.match(readFileSync(project.file('summary.md'), 'utf8'), /unproved/);
  });

  it('proposes a policy edit that loads and lets the run pass, and changes nothing itself', async () => {
    const project = aJudgedProject([unproved], 'error');
    const before = readFileSync(project.file('.npmsignrc'), 'utf8');
    const { code, out } = await run(['verify', '--suggest'], project);
    assert.equal(code, 1);
    assert.equal(readFileSync(project.file('.npmsignrc'), 'utf8'), before);
    const [, proposal] = /^(# The smallest policy edit[\s\S]*)$/m.exec(out) ?? [];
    assert.match(
      proposal ?? '',
      /^exemptions:\n {2}- package: "unproved@1\.0\.0"\n {4}checks: \[provenance\]/m,
    );
  });

  it('keeps stdout one document when it proposes beside JSON', async () => {
    const { out, err } = await run(
      ['verify', '--suggest', '--format', 'json'],
      aJudgedProject([unproved], 'error'),
    );
    assert.equal(JSON.parse(out).effect, 'fail');
    assert.match(err, /^exemptions:/m);
  });

  it('explains a package that is there', async () => {
    const { code, out, err } = await run(['explain', 'signed'], aJudgedProject([signed], 'error'));
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /signed@1\.0\.0[\s\S]*provenance/);
  });

  it('explains with the exit code of that package alone', async () => {
    const project = aJudgedProject([signed, unproved], 'error');
    assert.equal((await run(['explain', 'signed'], project)).code, 0);
    assert.equal((await run(['explain', 'unproved'], project)).code, 1);
  });

  it('exits 2 for a package that is not there, and names the nearest', async () => {
    const { code, out, err } = await run(['explain', 'singed'], aJudgedProject([signed], 'error'));
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, /signed/);
  });
});

describe('npmsign verify-bundle', () => {
  const sigstore = createSigstore();
  const identity = anIdentity();
  const artifact = Buffer.from('the bytes that were signed');

  async function run(args: readonly string[], bytes: Buffer = artifact) {
    const cwd = aTempDirectory('project');
    const host = aHost({ cwd, env: { HOME: cwd, npm_config_cache: join(cwd, '.cache') } });
    const bundle = sigstore.mintBundle({ artifact, signer: { identity }, at: PUBLISHED_AT });
    writeFileSync(join(host.cwd, 'bundle.json'), JSON.stringify(bundle));
    writeFileSync(join(host.cwd, 'root.json'), JSON.stringify(sigstore.trustedRoot()));
    writeFileSync(join(host.cwd, 'artifact'), bytes);
    const given = ['verify-bundle', '--bundle', 'bundle.json', '--trusted-root', 'root.json'];
    const code = await main([...given, ...args], host);
    return { code, out: host.stdout(), err: host.stderr() };
  }

  const named = ['--certificate-identity', identity.subject, '--certificate-oidc-issuer', identity.issuer];
  const silent = { code: 0, out: '', err: '' };

  it('says nothing when the bundle holds for a file', async () => {
    assert.deepEqual(await run([...named, 'artifact']), silent);
  });

  it('says nothing when the bundle holds for a digest', async () => {
    const digest = createHash('sha256').update(artifact).digest('hex');
    assert.deepEqual(await run([...named, `sha256:${digest}`]), silent);
  });

  it('says nothing when anybody may have signed', async () => {
    assert.deepEqual(await run(['--unsafe-any-identity', 'artifact']), silent);
  });

  it('prints the identity as JSON when asked to', async () => {
    const { code, out } = await run([...named, '--format', 'json', 'artifact']);
    const { issuer, subject, repository } = JSON.parse(out);
    assert.deepEqual(
      { code, issuer, subject, repository },
      {
        code: 0,
        issuer: identity.issuer,
        subject: identity.subject,
        repository: identity.repository,
      },
    );
  });

  const refused = [
    [
      'another subject',
      [...named.toSpliced(1, 1, `${identity.subject}x`), 'artifact'],
      artifact,
      /expected .*x \[/,
    ],
    [
      'another issuer',
      [...named.toSpliced(3, 1, 'https://issuer.example'), 'artifact'],
      artifact,
      /issuer\.example/,
    ],
    ['other bytes', [...named, 'artifact'], Buffer.from('the bytes that were signee'), /refused/],
    ['another digest', [...named, `sha256:${'0'.repeat(64)}`], artifact, /refused/],
    ['more log entries than there are', [...named, '--tlog-threshold', '2', 'artifact'], artifact, /refused/],
  ] as const;
  for (const [name, args, bytes, reason] of refused) {
    it(`refuses ${name} in one line`, async () => {
      const { code, out, err } = await run(args, bytes);
      assert.deepEqual([code, out], [1, '']);
      assert.match(err, reason);
      assert.equal(err.trimEnd().includes('\n'), false);
    });
  }
});
