/** postpack in real npm: what npm pack and npm publish produce is signed, and what npm prints stays what it was. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Npm, type NpmMajor, npmOf, run } from '../support/managers.ts';
import type { Project } from '../support/project.ts';
import { type LoopbackRegistry, startRegistry } from '../support/registry/index.ts';
import { verifyByReference } from '../support/sigstore/reference.ts';
import { aTempDirectory } from '../support/temp.ts';
import { aSigningWorld, POSTPACK, type SigningWorld } from './signing-project.ts';

const skip = process.platform === 'win32' ? 'the scripts here are written for a POSIX shell' : false;
const LIB = { name: '@acme/lib', version: '1.2.3' };
const TARBALL = 'acme-lib-1.2.3.tgz';

describe('postpack', { skip }, () => {
  let world: SigningWorld;
  let registry: LoopbackRegistry;
  const npms = new Map<NpmMajor, Npm>();
  before(async () => {
    world = await aSigningWorld();
    registry = await startRegistry({ sigstore: world.services.sigstore });
    for (const major of [10, 11, 12] as const) npms.set(major, await npmOf(major));
  });
  after(async () => {
    await world.close();
    await registry.close();
  });

  async function npm(
    major: NpmMajor,
    args: readonly string[],
    project: Project,
    env: Record<string, string> = {},
  ) {
    const npmrc = [`//${new URL(registry.url).host}/:_authToken=npm-secret`];
    const options = { cwd: project.dir, registry: registry.url, npmrc, env: { ...world.env, ...env } };
    const result = await (npms.get(major) ?? assert.fail()).run(args, options);
    for (const token of world.services.tokens.issued) {
      for (const part of token.split('.')) assert.ok(!`${result.stdout}${result.stderr}`.includes(part));
    }
    return result;
  }

  /** The bundle is about exactly these bytes, and the reference implementation accepts it. */
  function assertSigned(tarball: string): void {
    const bundle = JSON.parse(readFileSync(`${tarball}.sigstore.json`, 'utf8'));
    const statement = JSON.parse(Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString('utf8'));
    const sha512 = createHash('sha512').update(readFileSync(tarball)).digest('hex');
    assert.equal(statement.subject[0].digest.sha512, sha512);
    assert.ok(verifyByReference(bundle, { sigstore: world.services.sigstore }));
  }

  const bundlesIn = (dir: string) => readdirSync(dir).filter((name) => name.includes('sigstore'));

  for (const major of [10, 11, 12] as const) {
    describe(`of npm ${major}`, () => {
      it('signs npm pack, and npm pack --json stays one JSON document', async () => {
        const project = world.project(LIB);
        const { code, stdout, stderr } = await npm(major, ['pack', '--json'], project);
        assert.equal(code, 0, stderr);
        const [packed] = Object.values(JSON.parse(stdout)) as { filename: string }[];
        assert.equal(packed?.filename, TARBALL);
        assertSigned(project.file(TARBALL));
      });

      it('signs beside the tarball in --pack-destination', async () => {
        const project = world.project(LIB);
        mkdirSync(project.file('out'));
        const { code, stderr } = await npm(major, ['pack', '--pack-destination', 'out'], project);
        assert.equal(code, 0, stderr);
        assertSigned(project.file(`out/${TARBALL}`));
        assert.deepEqual(bundlesIn(project.dir), []);
      });

      it('signs every workspace, under the policy of the root', async () => {
        const scripts = { postpack: POSTPACK.command };
        const project = world.project({
          name: 'root',
          version: '1.0.0',
          private: true,
          workspaces: ['packages/*'],
        });
        for (const name of ['one', 'two']) {
          project.write(`packages/${name}/package.json`, {
            name: `@acme/${name}`,
            version: '1.0.0',
            scripts,
          });
        }
        const { code, stdout, stderr } = await npm(major, ['pack', '--workspaces', '--json'], project);
        assert.equal(code, 0, stderr);
        assert.equal(Object.values(JSON.parse(stdout)).length, 2);
        for (const name of ['one', 'two']) assertSigned(project.file(`acme-${name}-1.0.0.tgz`));
      });

      it('signs nothing in a dry run', async () => {
        const project = world.project(LIB);
        const asked = world.services.fulcio.received.length;
        const { code, stdout, stderr } = await npm(major, ['pack', '--dry-run', '--json'], project);
        assert.equal(code, 0, stderr);
        assert.ok(JSON.parse(stdout));
        assert.deepEqual([bundlesIn(project.dir), world.services.fulcio.received.length], [[], asked]);
      });

      it('signs nothing in a rehearsed publish, and is not in its way', async () => {
        const project = world.project({ ...LIB, publishConfig: { 'provenance-file': 'out.sigstore.json' } });
        const asked = world.services.fulcio.received.length;
        const { code, stderr } = await npm(major, ['publish', '--dry-run'], project);
        assert.equal(code, 0, stderr);
        assert.deepEqual([bundlesIn(project.dir), world.services.fulcio.received.length], [[], asked]);
      });

      it('can be called by path, past a dependency that ships a command of the same name', async () => {
        const project = world.project({ ...LIB, scripts: { postpack: POSTPACK.path } });
        for (const name of ['node', 'npmsign']) {
          rmSync(project.file(`node_modules/.bin/${name}`), { force: true });
          writeFileSync(project.file(`node_modules/.bin/${name}`), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
        }
        const { code, stderr } = await npm(major, ['pack'], project);
        assert.equal(code, 0, stderr);
        assertSigned(project.file(TARBALL));
      });

      it('fails npm pack when a service fails, and leaves no bundle', async () => {
        const project = world.project(LIB);
        world.services.rekor.fail({ kind: 'status', status: 400 });
        const { code, stderr } = await npm(major, ['pack'], project);
        world.services.behave();
        assert.equal(code, 3);
        assert.match(stderr, /The transparency log .* answered 400\. \[LOG_REFUSED\]/);
        assert.deepEqual(bundlesIn(project.dir), []);
      });

      it('fails npm publish before the upload when a service fails', async () => {
        const project = world.project({ ...LIB, publishConfig: { 'provenance-file': 'out.sigstore.json' } });
        world.services.fulcio.fail({ kind: 'status', status: 500 });
        registry.forgetRequests();
        const { code, stderr } = await npm(major, ['publish'], project, {
          npm_config_fetch_retry_mintimeout: '1',
        });
        world.services.behave();
        assert.equal(code, 3);
        assert.match(stderr, /\[CERTIFICATE_REFUSED\]/);
        assert.ok(!registry.requests.some(({ route }) => route.kind === 'publish'));
        assert.deepEqual(bundlesIn(project.dir), []);
      });

      it("writes npm publish's provenance before npm reads it; npm's own verification alone stands between", async () => {
        const project = world.project(LIB);
        project.write('.npmrc', 'provenance-file=out.sigstore.json\n');
        registry.forgetRequests();
        // npm traces every bundle back to the public-good root, which does not know our authority; here it cannot even reach it.
        const nowhere = {
          HTTPS_PROXY: 'http://127.0.0.1:9',
          NO_PROXY: '127.0.0.1',
          npm_config_fetch_retries: '0',
        };
        const { code, stderr } = await npm(major, ['publish'], project, nowhere);
        assert.notEqual(code, 0);
        assert.match(stderr, /TUF_REFRESH_METADATA_ERROR|error refreshing TUF metadata/);
        assert.doesNotMatch(stderr, /subject|No dsseEnvelope|Invalid provenance|ENOENT/);
        assert.deepEqual(bundlesIn(project.dir), ['out.sigstore.json']);
        assert.ok(!registry.requests.some(({ route }) => route.kind === 'publish'));
      });

      it("passes npm's own checks of a provenance file, and its own sigstore, once that trusts our root", async () => {
        const project = world.project(LIB);
        const packed = await npm(major, ['pack'], project);
        assert.equal(packed.code, 0, packed.stderr);
        const { code, stdout, stderr } = await libnpmpublishAccepts(
          npms.get(major) ?? assert.fail(),
          project,
        );
        assert.equal(code, 0, stderr);
        assert.equal(
          stdout,
          'accepted pkg:npm/%40acme/lib@1.2.3\nrefused Provenance subject digest does not match the package\n',
        );
      });

      it('leaves a laptop its unsigned pack, with a notice', async () => {
        const project = world.project(LIB);
        const laptop = Object.fromEntries(Object.keys(world.env).map((name) => [name, '']));
        const { code, stdout, stderr } = await npm(major, ['pack', '--json'], project, laptop);
        assert.equal(code, 0, stderr);
        assert.ok(JSON.parse(stdout));
        assert.match(stderr, /@acme\/lib@1\.2\.3 not signed: there is no identity to sign with/);
        assert.ok(project.has(TARBALL));
        assert.deepEqual(bundlesIn(project.dir), []);
      });
    });
  }

  /**
   * Runs `verifyProvenance` of that npm's own libnpmpublish, with that npm's own sigstore. Only the trust root it would fetch through TUF
   * is exchanged for the minted one.
   */
  async function libnpmpublishAccepts({ node, npmCli }: Npm, project: Project) {
    const modules = join(npmCli, '../../node_modules');
    const script = `
      const fs = require('node:fs');
      const tuf = require.resolve(${JSON.stringify(join(modules, '@sigstore/tuf'))});
      const { TrustedRoot } = require(${JSON.stringify(join(modules, '@sigstore/protobuf-specs'))});
      const getTrustedRoot = async () => TrustedRoot.fromJSON(JSON.parse(fs.readFileSync('trusted_root.json', 'utf8')));
      require.cache[tuf] = { id: tuf, filename: tuf, loaded: true, exports: { getTrustedRoot } };
      const { verifyProvenance } = require(${JSON.stringify(join(modules, 'libnpmpublish/lib/provenance.js'))});
      const npa = require(${JSON.stringify(join(modules, 'npm-package-arg'))});
      const sha512 = require('node:crypto').createHash('sha512').update(fs.readFileSync('${TARBALL}')).digest('hex');
      const name = npa.toPurl(npa.resolve('@acme/lib', '1.2.3'));
      const file = '${TARBALL}.sigstore.json';
      (async () => {
        await verifyProvenance({ name, digest: { sha512 } }, file);
        console.log('accepted', name);
        const other = { name, digest: { sha512: sha512.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) } };
        await verifyProvenance(other, file).catch((error) => console.log('refused', error.message));
      })();`;
    const home = aTempDirectory('home');
    return run(node, ['-e', script], {
      cwd: project.dir,
      env: { HOME: home, PATH: process.env['PATH'] ?? '' },
    });
  }
});
