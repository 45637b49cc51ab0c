/** Killed at any moment or fed garbage anywhere: never a wrong pass, never a stack trace, never a changed project. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { main } from '../../lib/cli/main.ts';
import { buildCommandInto } from '../../scripts/build.ts';
import { verifyIn } from '../attacks/children.ts';
import { judgementOf, type VerdictJson } from '../attacks/judgement.ts';
import { aCase, aWorld, type Case, homeEnvironment, type World } from '../attacks/world.ts';
import { aHost } from '../support/host.ts';
import { cleanEnvironment } from '../support/managers.ts';
import { publishCanary } from '../support/project.ts';
import type { Published } from '../support/registry/index.ts';
import { aTempDirectory } from '../support/temp.ts';
import { chanceOf, garbled, isNoise } from './garbage.ts';

let npmsign: string;
before(async () => {
  npmsign = await buildCommandInto(aTempDirectory('command'));
});

/** Every file of a project and what is in it. */
function snapshot(dir: string): ReadonlyMap<string, string> {
  const files = readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort();
  return new Map(
    files
      .map((file) => path.join(dir, file))
      .filter((file) => statSync(file).isFile())
      .map((file) => [file, readFileSync(file, 'latin1')]),
  );
}

function assertTidy(stderr: string, what: string): void {
  assert.doesNotMatch(stderr, /^ {4}at |\[BUG\]|Unhandled|node:internal/m, what);
}

describe('a run that is killed', () => {
  const MOMENTS = 24;
  let world: World;
  let found: Case;
  before(async () => {
    world = await aWorld({ now: new Date(), latencyMs: 3 });
    const sound = Array.from({ length: 12 }, (_, n) =>
      world.registry.publish({ name: `sound-${n}`, version: '1.0.0', attest: {} }),
    );
    const evil = publishCanary(world.registry, { name: 'evil', version: '1.0.0' });
    found = aCase(world, { packages: [...sound, evil] });
  });
  after(() => world.close());

  /** Starts the command and kills it after that many milliseconds. */
  async function killedAfter(ms: number, home: string, args: readonly string[]): Promise<void> {
    const child = spawn(process.execPath, [npmsign, ...args], {
      cwd: found.dir,
      env: { ...cleanEnvironment(), ...homeEnvironment(home) },
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    await Promise.race([sleep(ms), ended]);
    child.kill('SIGKILL');
    await ended;
  }

  it(`leaves a cache from which the next run judges rightly, and the project unchanged, at ${MOMENTS} moments`, async () => {
    const home = aTempDirectory('home');
    const before = snapshot(found.dir);
    const started = performance.now();
    await verifyIn(found, { npmsign, home });
    const duration = performance.now() - started;
    const chance = chanceOf(20_261_122);
    for (let n = 0; n < MOMENTS; n++) {
      // Every third time the cache is cold, so that the killed run has something to write.
      if (n % 3 === 0) rmSync(path.join(home, 'npm-cache'), { recursive: true, force: true });
      const ms = chance() * duration * 1.1;
      await killedAfter(ms, home, ['verify', '--no-remember']);
      assert.deepEqual(snapshot(found.dir), before, `killed after ${ms} ms`);
      const judged = judgementOf(await verifyIn(found, { npmsign, home, flags: ['--format', 'json'] }));
      assert.deepEqual([judged.code, judged.refusals], [1, ['evil install-script']], `killed after ${ms} ms`);
      assertTidy(judged.stderr, `killed after ${ms} ms`);
    }
  });

  it('leaves a signer lock that is whole or not there, when it was writing one', async () => {
    const chance = chanceOf(4711);
    const lock = found.file('npmsign.lock.json');
    for (let n = 0; n < 12; n++) {
      rmSync(lock, { force: true });
      const before = snapshot(found.dir);
      await killedAfter(chance() * 900, aTempDirectory('home'), ['lock']);
      if (existsSync(lock)) assert.equal(JSON.parse(readFileSync(lock, 'utf8')).lockVersion, 1);
      const left = new Map([...snapshot(found.dir)].filter(([file]) => before.has(file)));
      assert.deepEqual(left, before);
    }
    rmSync(lock, { force: true });
  });
});

/** How many pieces of garbage of each kind. A hunt for faults asks for thousands. */
const TIMES = Number(process.env['NPMSIGN_GARBAGE'] ?? 40);

describe('garbage', () => {
  let world: World;
  let lib: Published;
  let sound: readonly VerdictJson[];
  const found = (): Case => aCase(world, { packages: [lib], policy: { extends: 'strict' } });
  before(async () => {
    world = await aWorld();
    lib = world.registry.publish({ name: 'lib', version: '1.0.0', attest: {} });
    const judged = await found().judge();
    assert.equal(judged.code, 0, judged.stderr);
    sound = judged.report().verdicts;
  });
  after(() => world.close());

  /** What garbage may come to: an exit code that is documented, words without a stack, and never an unproved pass. */
  async function survived(project: Case, what: string, home?: string) {
    // The environment's registry beats the one in a garbled .npmrc: nothing but loopback is asked.
    const env = { npm_config_registry: world.registry.url };
    const judged = await project.judge(home === undefined ? { env } : { env, home });
    assert.ok([0, 1, 2, 3].includes(judged.code), `${what}: exit code ${judged.code}\n${judged.stderr}`);
    assertTidy(judged.stderr, what);
    return judged;
  }

  /** What passes was proved from the very evidence the sound package has. */
  function assertProved(verdicts: readonly VerdictJson[], what: string): void {
    // A garbled key may name a folder of the project's own, from where nothing is fetched.
    const fetched = verdicts.filter((verdict) => !['link', 'workspace'].includes(verdict.package.source));
    for (const verdict of fetched) assert.deepEqual(verdict.evidence, sound[0]?.evidence, what);
  }

  const files = [
    'package-lock.json',
    '.npmsignrc',
    'trusted_root.json',
    'registry-keys.json',
    'package.json',
    '.npmrc',
  ];
  for (const file of files) {
    it(`as ${file} ends in a documented exit code`, async () => {
      const project = found();
      const text = readFileSync(project.file(file));
      for (let seed = 0; seed < TIMES; seed++) {
        const garbage = garbled(text, seed);
        writeFileSync(project.file(file), garbage);
        const judged = await survived(project, `${file}, seed ${seed}`);
        // A policy or a configuration may say anything; a trust root, a key list and a lockfile may not be made up.
        if (judged.code === 0 && !['.npmsignrc', '.npmrc', 'package.json'].includes(file)) {
          assertProved(judged.report().verdicts, `${file}, seed ${seed}`);
        }
      }
    });
  }

  for (const on of ['manifest', 'attestations', 'packument'] as const) {
    it(`as the registry's answer about ${on} is never a pass that was not proved`, async () => {
      const paths = {
        manifest: 'lib/1.0.0',
        packument: 'lib',
        attestations: '-/npm/v1/attestations/lib@1.0.0',
      };
      const answer = Buffer.from(await (await fetch(`${world.registry.url}${paths[on]}`)).arrayBuffer());
      const project = found();
      for (let seed = 0; seed < TIMES; seed++) {
        world.registry.misbehave({ on }, { kind: 'body', body: garbled(answer, seed) });
        const judged = await survived(project, `${on}, seed ${seed}`);
        world.registry.behave();
        if (judged.code !== 0) continue;
        assertProved(judged.report().verdicts, `${on}, seed ${seed}`);
        if (on === 'attestations') assert.ok(!isNoise(seed), `noise passed: ${on}, seed ${seed}`);
      }
    });
  }

  it('as the cache changes nothing', async () => {
    const project = found();
    const home = aTempDirectory('home');
    await project.judge({ home });
    const cache = path.join(home, 'npm-cache/_npmsign');
    const answers = path.join(cache, readdirSync(cache).find((name) => name.startsWith('answers-')) ?? '');
    const [segment = ''] = readdirSync(answers);
    const bytes = readFileSync(path.join(answers, segment));
    for (let seed = 0; seed < TIMES; seed++) {
      writeFileSync(path.join(answers, segment), garbled(bytes, seed), { mode: 0o600 });
      const judged = await survived(project, `cache, seed ${seed}`, home);
      assert.equal(judged.code, 0, `cache, seed ${seed}: ${judged.stderr}`);
      assertProved(judged.report().verdicts, `cache, seed ${seed}`);
      for (const name of readdirSync(answers)) if (name !== segment) rmSync(path.join(answers, name));
    }
  });

  it('as the signer lock ends in a documented exit code', async () => {
    const project = found();
    const host = aHost({ cwd: project.dir, env: homeEnvironment() });
    assert.equal(await main(['lock'], host), 0, host.stderr());
    const text = readFileSync(project.file('npmsign.lock.json'));
    for (let seed = 0; seed < TIMES; seed++) {
      writeFileSync(project.file('npmsign.lock.json'), garbled(text, seed));
      await survived(project, `npmsign.lock.json, seed ${seed}`);
    }
  });

  it('as a bundle passes only where all that was verified is still there', async () => {
    const dir = aTempDirectory('bundle');
    const file = (name: string): string => path.join(dir, name);
    const artifact = Buffer.from('the artifact');
    const identity = { issuer: 'https://accounts.example', subject: 'me@acme.example' };
    const { sigstore } = world.registry;
    const bundle = sigstore.mintBundle({ artifact, signer: { identity }, at: world.daysAgo(3) });
    const text = Buffer.from(JSON.stringify(bundle));
    writeFileSync(file('artifact'), artifact);
    writeFileSync(file('trusted_root.json'), JSON.stringify(sigstore.trustedRoot()));
    const args = [
      ...['verify-bundle', '--bundle', 'bundle.json', '--certificate-identity', identity.subject],
      ...['--certificate-oidc-issuer', identity.issuer, '--trusted-root', 'trusted_root.json', 'artifact'],
    ];
    const judge = async (bytes: Buffer) => {
      writeFileSync(file('bundle.json'), bytes);
      const host = aHost({ cwd: dir, env: homeEnvironment() });
      return { code: await main(args, host), stderr: host.stderr() };
    };
    assert.deepEqual(await judge(text), { code: 0, stderr: '' });
    for (let seed = 0; seed < TIMES * 4; seed++) {
      const garbage = garbled(text, seed);
      const { code, stderr } = await judge(garbage);
      assert.ok(
        code === 0 ? sameEvidence(garbage, text) : [1, 2, 3].includes(code),
        `seed ${seed}: ${code} ${stderr}`,
      );
      assertTidy(stderr, `seed ${seed}`);
    }
  });

  it('in the real process leaves neither stack nor undocumented exit code', async () => {
    const project = found();
    for (const file of files) {
      const text = readFileSync(project.file(file));
      for (const seed of [1, 2, 5]) {
        writeFileSync(project.file(file), garbled(text, seed));
        const { code, stderr } = await verifyIn(project, {
          npmsign,
          env: { npm_config_registry: world.registry.url },
        });
        assert.ok([0, 1, 2, 3].includes(code), `${file}, seed ${seed}: ${code}\n${stderr}`);
        assertTidy(stderr, `${file}, seed ${seed}`);
      }
      writeFileSync(project.file(file), text);
    }
  });
});

/** Is all that a verifier goes by still there? A flipped byte may fall on itself, or on a name that nobody reads. */
function sameEvidence(garbage: Buffer, sound: Buffer): boolean {
  try {
    return isDeepStrictEqual(evidenceIn(garbage), evidenceIn(sound));
  } catch {
    return false;
  }
}

function evidenceIn(bytes: Buffer): unknown {
  const { mediaType, verificationMaterial: material, messageSignature } = JSON.parse(bytes.toString('utf8'));
  const [entry, ...more] = material.tlogEntries;
  const {
    logIndex,
    logId,
    kindVersion,
    integratedTime,
    inclusionPromise,
    inclusionProof,
    canonicalizedBody,
  } = entry;
  const named = { logIndex, logId, integratedTime, inclusionPromise, inclusionProof, canonicalizedBody };
  const { kind, version } = kindVersion;
  const certificate = material.certificate.rawBytes;
  const { signature, messageDigest } = messageSignature;
  return { mediaType, more, named, kind, version, certificate, signature, digest: messageDigest.digest };
}
