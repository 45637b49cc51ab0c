/** A package that passed before is judged again as soon as anything it was judged by differs, whatever was remembered of it. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { verify } from '../../lib/index.ts';
import { openMemory } from '../../lib/memory/index.ts';
import type { VerifyRequest } from '../../lib/model/request.ts';
import { aHost, NOW } from '../support/host.ts';
import { aPackageLock } from '../support/project.ts';
import {
  type LoopbackRegistry,
  type Published,
  startRegistry,
  stripSignatures,
} from '../support/registry/index.ts';
import { aSignedScene, lockfileOf, type Scene, verifyIn } from './judged-before.ts';

type Entry = Record<string, unknown>;

describe('npmsign verify of a project in which packages passed before', () => {
  let registry: LoopbackRegistry;
  let [attested, signed, other]: Published[] = [];
  let known: readonly Published[];
  before(async () => {
    registry = await startRegistry();
    attested = registry.publish({ name: 'attested', version: '1.0.0', attest: {} });
    signed = registry.publish({ name: 'signed', version: '1.0.0' });
    other = registry.publish({ name: 'other', version: '1.0.0' });
    known = [attested, signed];
  });
  beforeEach(() => registry.behave());
  after(() => registry.close());

  /** Changes the lockfile's entry of `signed`, adds nothing else. */
  function editEntry(scene: Scene, edit: (entry: Entry) => void): void {
    const lock = JSON.parse(readFileSync(lockfileOf(scene), 'utf8'));
    edit(lock.packages['node_modules/signed']);
    writeFileSync(lockfileOf(scene), JSON.stringify(lock));
  }

  const edits: readonly (readonly [string, RegExp, (entry: Entry) => void])[] = [
    [
      'installs a command named like a tool',
      /reserved-bin/,
      (entry) => Object.assign(entry, { bin: { node: 'x.js' } }),
    ],
    [
      'has an install script now',
      /install-script/,
      (entry) => Object.assign(entry, { hasInstallScript: true }),
    ],
    [
      'is fetched from elsewhere',
      /lockfile-resolved/,
      (entry) => Object.assign(entry, { resolved: 'https://evil.example/x.tgz' }),
    ],
  ];
  for (const [what, check, edit] of edits) {
    it(`refuses a package whose entry says that it ${what}`, async () => {
      const scene = aSignedScene(registry, known);
      assert.equal((await verifyIn(registry, scene, {})).code, 0);
      editEntry(scene, edit);
      const run = await verifyIn(registry, scene, {});
      assert.equal(run.code, 1, run.out);
      assert.match(run.out, check);
      const anew = await verifyIn(registry, scene, { argv: ['--no-remember'] });
      assert.deepEqual([run.out, run.code], [anew.out, anew.code]);
      // And again, with whatever that run remembered.
      assert.deepEqual((await verifyIn(registry, scene, {})).out, anew.out);
    });
  }

  it('refuses a package that another signer was locked for', async () => {
    const scene = aSignedScene(registry, known);
    assert.equal((await verifyIn(registry, scene, {})).code, 0);
    const issuer = 'https://token.actions.githubusercontent.com';
    const lockOf = (repository: string) =>
      JSON.stringify({ lockVersion: 1, packages: { 'attested@1': { issuer, repository } } });
    writeFileSync(join(scene.dir, 'npmsign.lock.json'), lockOf('https://github.com/acme/another'));
    const run = await verifyIn(registry, scene, {});
    const anew = await verifyIn(registry, scene, { argv: ['--no-remember'] });
    assert.equal(run.code, 1, run.err);
    assert.match(run.out, /locked-signer/);
    assert.deepEqual([run.out, run.code], [anew.out, anew.code]);
  });

  it('refuses the new one among those that passed, and says the same as a run that judges all', async () => {
    const scene = aSignedScene(registry, known);
    await verifyIn(registry, scene, {});
    registry.misbehave({ name: 'other' }, stripSignatures);
    writeFileSync(lockfileOf(scene), JSON.stringify(aPackageLock([...known, other as Published])));
    const run = await verifyIn(registry, scene, {});
    const anew = await verifyIn(registry, scene, { argv: ['--no-remember'] });
    assert.equal(run.code, 1, run.out);
    assert.deepEqual([run.out, run.code], [anew.out, anew.code]);
  });

  it('tells a program what a judgement of all would tell', async () => {
    const scene = aSignedScene(registry, known);
    const env = { HOME: scene.home, LOCALAPPDATA: scene.home, npm_config_cache: join(scene.home, 'npm') };
    const report = async (request: (host: ReturnType<typeof aHost>) => VerifyRequest) => {
      const host = aHost({ cwd: scene.dir, now: NOW, env });
      return JSON.parse(JSON.stringify(await verify(host, request(host))));
    };
    const remembering = (host: ReturnType<typeof aHost>): VerifyRequest => ({
      recall: openMemory(host, { version: '1.0.0', options: {} }).recall,
    });
    await report(remembering);
    writeFileSync(lockfileOf(scene), JSON.stringify(aPackageLock([...known, other as Published])));
    registry.forgetRequests();
    const recalled = await report(remembering);
    assert.equal(registry.requests.length, 1);
    assert.deepEqual(recalled, await report(() => ({})));
  });
});
