/** Evidence is exported where the registry can be reached, and judged by where nobody can. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { draftEvidence, openEvidence } from '../../lib/carry/index.ts';
import { exportEvidence } from '../../lib/index.ts';
import type { EndSignal, OwnProcess } from '../../lib/model/host.ts';
import { buildGateInto } from '../../scripts/build.ts';
import { aCase, aWorld, type Case, homeEnvironment, type World } from '../attacks/world.ts';
import { aHost } from '../support/host.ts';
import { run as runProgram } from '../support/managers.ts';
import { aPackageLock } from '../support/project.ts';
import { startTufServer } from '../support/sigstore/tuf-server.ts';
import { aTempDirectory } from '../support/temp.ts';
import { elsewhere, exported, filesIn, judgedBy, run, substanceOf } from './world.ts';

const DAY = 24 * 3_600_000;

describe('npmsign bundle', () => {
  let world: World;
  let found: Case;
  before(async () => {
    world = await aWorld();
    const { registry } = world;
    registry.publish({ name: 'lost', version: '1.0.0', at: world.daysAgo(60), attest: {} });
    const packages = [
      registry.publish({ name: 'attested', version: '1.0.0', at: world.daysAgo(40), attest: {} }),
      registry.publish({ name: '@acme/plain', version: '2.0.0', at: world.daysAgo(40) }),
      registry.publish({ name: 'lost', version: '1.0.1', at: world.daysAgo(30) }),
      registry.publish({ name: 'young', version: '1.0.0', at: world.hoursAgo(2), scripts: { install: 'x' } }),
    ];
    found = aCase(world, { packages });
  });
  afterEach(() => world.registry.behave());
  after(() => world.close());

  it('writes what verify asks, and a machine that reaches nobody judges the same by it, proofs and all', async () => {
    const online = await found.judge();
    const folder = await exported(world, found);
    const offline = await judgedBy(world, { found, folder });
    assert.deepEqual(substanceOf(offline), substanceOf(online));
    const { signatures, provenance } = offline.report().summary;
    assert.deepEqual([signatures['proved'], provenance['proved']], [4, 1]);
    assert.deepEqual(offline.refusals, [
      'lost provenance-regression',
      'young install-script',
      'young minimum-age',
    ]);
  });

  it('is said by every report that rests on it, with the folder, its age and its digest', async () => {
    const folder = await exported(world, found);
    const now = new Date(world.now.getTime() + 9 * DAY);
    const judged = await judgedBy(world, { found, folder, now });
    const [notice] = judged.report().notices.filter(({ code }) => code === 'EVIDENCE_CARRIED');
    assert.match(notice?.message ?? '', /evidence.*9 days ago.*sha256:[0-9a-f]{64}/);
    assert.ok(notice?.message.includes(folder));
  });

  it('writes the same bytes for the same answers, and only what changed differs', async () => {
    const [one, other] = [await exported(world, found), await exported(world, found)];
    assert.deepEqual(filesIn(one), filesIn(other));
    const deprecated = 'use another';
    const edit = {
      kind: 'edit',
      edit: ({ manifest }: { manifest: object }) => Object.assign(manifest, { deprecated }),
    };
    world.registry.misbehave({ name: 'attested' }, edit as Parameters<typeof world.registry.misbehave>[1]);
    const changed = filesIn(await exported(world, found));
    const differing = [...changed].filter(([name, text]) => filesIn(one).get(name) !== text);
    assert.deepEqual([...changed.keys()], [...filesIn(one).keys()]);
    assert.equal(differing.length, 2, 'one answer, and the index');
    assert.match(differing[0]?.[0] ?? '', /manifest-attested-1\.0\.0-/);
  });

  it('replaces an export of its own, and an empty folder', async () => {
    const folder = await exported(world, found);
    writeFileSync(path.join(folder, 'answers', 'of-yesterday.json'), '{}');
    assert.equal((await run(world, ['bundle', '-o', folder], { cwd: found.dir })).code, 0);
    assert.ok(!existsSync(path.join(folder, 'answers', 'of-yesterday.json')));
    const empty = aTempDirectory('empty');
    assert.equal((await run(world, ['bundle', '--output', empty], { cwd: found.dir })).code, 0);
    assert.equal((await judgedBy(world, { found, folder: empty })).code, 1);
  });

  const foreign: readonly (readonly [string, (place: string) => void])[] = [
    [
      'a folder with something else in it',
      (place) => mkdirSync(path.join(place, 'src'), { recursive: true }),
    ],
    [
      'an export with a note beside it',
      (place) => {
        mkdirSync(place);
        writeFileSync(path.join(place, 'evidence.json'), '{"schema":1,"answers":[]}');
        writeFileSync(path.join(place, 'note.txt'), 'mine');
      },
    ],
    [
      'a later schema',
      (place) => {
        mkdirSync(place);
        writeFileSync(path.join(place, 'evidence.json'), '{"schema":2,"answers":[]}');
      },
    ],
    ['a file', (place) => writeFileSync(place, 'mine')],
    ['a link to an empty folder', (place) => symlinkSync(aTempDirectory('target'), place, 'junction')],
  ];
  for (const [what, make] of foreign) {
    it(`refuses to write over ${what}, asks nobody, and leaves it as it is`, async () => {
      const parent = aTempDirectory('foreign');
      const place = path.join(parent, 'place');
      make(place);
      world.registry.forgetRequests();
      const { code, err } = await run(world, ['bundle', '-o', place], { cwd: found.dir });
      assert.equal(code, 2, err);
      assert.match(err, /nothing in it is touched/);
      assert.deepEqual(readdirSync(parent), ['place']);
      assert.equal(world.registry.requests.length, 0);
    });
  }

  it('writes nothing and exits 3 when an answer cannot be had, and keeps the export there was', async () => {
    const folder = await exported(world, found);
    const before = filesIn(folder);
    world.registry.misbehave({ name: 'attested', on: 'attestations' }, { kind: 'status', status: 500 });
    const { code, out, err } = await run(world, ['bundle', '-o', folder], { cwd: found.dir });
    assert.deepEqual([code, out], [3, '']);
    assert.match(err, /attestations\/attested@1\.0\.0: .* answered 500/);
    assert.match(err, /1 answer could not be had/);
    assert.deepEqual(filesIn(folder), before);
    assert.deepEqual(readdirSync(path.dirname(folder)), ['evidence']);
  });

  it('leaves nothing behind when a signal breaks it off', async () => {
    const dir = aTempDirectory('broken-off');
    const ended: string[] = [];
    const listeners = new Set<(signal: EndSignal) => void>();
    const self: OwnProcess = {
      id: 7,
      isRunning: () => true,
      onSignal(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      endBy: (signal) => void ended.push(`${signal} with ${listeners.size} listening`),
    };
    const host = aHost({ cwd: found.dir, now: world.now, env: homeEnvironment(), self });
    const inTheMiddle = (): void => {
      for (const listener of listeners) listener('SIGINT');
    };
    await exportEvidence(host, { directory: path.join(dir, 'evidence'), onProgress: inTheMiddle }).catch(
      () => undefined,
    );
    assert.equal(ended[0], 'SIGINT with 0 listening');
    assert.deepEqual(readdirSync(dir), []);
  });

  it('exports what the cache holds when it may ask nobody, each answer with the day it was given', async () => {
    const home = aTempDirectory('home');
    await found.judge({ home });
    const folder = path.join(aTempDirectory('carried'), 'evidence');
    const now = new Date(world.now.getTime() + DAY);
    world.registry.forgetRequests();
    const args = ['bundle', '--offline', '-o', folder];
    const cold = await run(world, args, { cwd: found.dir, now });
    assert.deepEqual([cold.code, existsSync(folder)], [3, false]);
    const warm = await run(world, args, { cwd: found.dir, now, home });
    assert.equal(warm.code, 0, warm.err);
    assert.equal(world.registry.requests.length, 0);
    const days = readFileSync(path.join(folder, 'evidence.json'), 'utf8').match(/"takenAt": ?"[^T]*/g) ?? [];
    assert.deepEqual([...new Set(days)], ['"takenAt": "2026-11-23', '"takenAt":"2026-11-22']);
  });

  it('takes down that the registry has no such thing, which is another answer than none', async () => {
    const hidden = world.registry.publish({ name: 'hidden', version: '1.0.0', attest: {} });
    const one = aCase(world, { packages: [hidden] });
    world.registry.misbehave({ name: 'hidden', on: 'attestations' }, { kind: 'status', status: 404 });
    const online = await one.judge();
    const offline = await judgedBy(world, { found: one, folder: await exported(world, one) });
    assert.deepEqual(substanceOf(offline), substanceOf(online));
    assert.equal(offline.report().verdicts[0]?.evidence.provenance.status, 'refuted');
  });

  it('names no folder twice, no format, no operand, and reads no evidence', async () => {
    const wrong = [
      [],
      ['-o', 'a', '-o', 'b'],
      ['-o', 'a', '--format', 'json'],
      ['a'],
      ['-o', 'a', '--evidence', 'b'],
    ];
    for (const args of wrong) {
      const { code } = await run(world, ['bundle', ...args], { cwd: found.dir });
      assert.equal(code, 2, args.join(' '));
    }
  });

  it('is read by every command that judges, from the flag or NPMSIGN_EVIDENCE', async () => {
    const folder = await exported(world, found);
    const cwd = elsewhere(found);
    world.registry.forgetRequests();
    const explained = await run(world, ['explain', 'attested'], { cwd, env: { NPMSIGN_EVIDENCE: folder } });
    assert.equal(explained.code, 0, explained.err);
    const locked = await run(world, ['lock', '--evidence', folder], { cwd });
    assert.equal(locked.code, 0, locked.err);
    assert.match(readFileSync(path.join(cwd, 'npmsign.lock.json'), 'utf8'), /"attested/);
    const refused = await run(world, ['ci'], {
      cwd,
      env: { PATH: process.env['PATH'] ?? '', NPMSIGN_EVIDENCE: folder },
    });
    assert.equal(refused.code, 1, refused.err);
    assert.equal(world.registry.requests.length, 0);
  });

  it('is read by diff as far as it goes: what was not exported is unverified on that side', async () => {
    const { registry } = world;
    const older = registry.publish({ name: 'moved', version: '1.0.0', at: world.daysAgo(50), attest: {} });
    const newer = registry.publish({ name: 'moved', version: '1.0.1', at: world.daysAgo(40), attest: {} });
    const one = aCase(world, {
      packages: [newer],
      files: { 'before/package-lock.json': aPackageLock([older]) },
    });
    const folder = await exported(world, one);
    registry.forgetRequests();
    const args = ['diff', 'before/package-lock.json', '--format', 'json'];
    const offline = await run(world, [...args, '--evidence', folder], { cwd: elsewhere(one) });
    assert.equal(registry.requests.length, 0);
    assert.match(offline.out, /the evidence folder has no answer of it/);
    const online = await run(world, args, { cwd: one.dir });
    assert.doesNotMatch(online.out, /no answer of it/);
  });

  it('is read by the gate that is committed to a project', async () => {
    const built = aTempDirectory('gate');
    await buildGateInto(built);
    const folder = await exported(world, found);
    world.registry.forgetRequests();
    const gate = (evidence: string) =>
      runProgram(process.execPath, [path.join(built, 'gate.mjs'), 'preinstall'], {
        cwd: elsewhere(found),
        env: { ...homeEnvironment(), NPMSIGN_EVIDENCE: evidence },
      });
    const judged = await gate(folder);
    assert.equal(judged.code, 1, judged.stderr);
    assert.match(judged.stderr, /young[\s\S]*EVIDENCE_CARRIED/);
    assert.equal((await gate(`${folder}-gone`)).code, 2);
    assert.equal(world.registry.requests.length, 0);
  });

  it('holds no answer for what was not in the lockfile: that is unverified, and never absent', async () => {
    const folder = await exported(world, found);
    const other = aCase(world, { packages: [world.registry.publish({ name: 'other', version: '1.0.0' })] });
    const judged = await judgedBy(world, { found: other, folder });
    assert.deepEqual([judged.code, judged.effect], [3, 'unverified']);
    assert.match(judged.because('other registry-signature'), /the evidence folder has no answer/);
  });
});

describe('a large answer', () => {
  it('is written as densely as it came, so that it is read back within the same limit', () => {
    const host = { cwd: aTempDirectory('large'), now: new Date('2026-11-22T12:00:00Z') };
    const key = { kind: 'packument', url: 'https://registry.example/large' } as const;
    const json = { many: Array.from({ length: 400_000 }, () => 1) };
    const draft = draftEvidence(host, 'evidence');
    draft.recorder.found(key, { json, takenAt: host.now.getTime() });
    draft.publish(undefined);
    draft.discard();
    const found = openEvidence(host, 'evidence').answers.find(key, 1024 * 1024);
    assert.equal(found.kind === 'found' && found.bytes.toString('utf8'), JSON.stringify(json));
    const refused = openEvidence(host, 'evidence').answers.find(key, 1024);
    assert.match(refused.kind === 'unavailable' ? refused.reason : '', /is larger than 1024 bytes/);
  });
});

describe('a trust root of its own', () => {
  it('travels as signed metadata, and is verified from the root the policy names', async (t) => {
    const world = await aWorld();
    t.after(() => world.close());
    const tuf = await startTufServer(world.registry.sigstore);
    const packages = [
      world.registry.publish({ name: 'lib', version: '1.0.0', at: world.daysAgo(9), attest: {} }),
    ];
    const found = aCase(world, {
      packages,
      policy: { trust: { root: { tuf: tuf.url, root: './root.json' }, refresh: 'daily' } },
      files: { 'root.json': tuf.trustedRoot.toString('utf8') },
    });
    const folder = await exported(world, found);
    await tuf.close();
    const judged = await judgedBy(world, { found, folder });
    assert.deepEqual([judged.code, judged.refusals], [0, []], judged.stderr);
    assert.equal(judged.report().summary.provenance['proved'], 1);
  });
});
