/** Keeps the benchmark honest: what it serves is proved whole, by npmsign and by the floor alike. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { verify } from '../../lib/index.ts';
import { aHost } from '../support/host.ts';
import { aTempDirectory } from '../support/temp.ts';
import { standingsOf } from './limits.ts';
import { medianOf } from './line.ts';
import { entriesOf, inventedLockfile, type Lockfile } from './lockfile.ts';
import { measure } from './measure.ts';
import { builtFloor, writeProject } from './project.ts';
import { type Server, startServer } from './server.ts';
import { standingTableOf, tableOf } from './table.ts';
import { type World, worldOf } from './world.ts';

const lockfile = inventedLockfile(24);

describe('the world of the benchmark', () => {
  let world: World;
  let server: Server;
  let project: string;
  before(async () => {
    world = worldOf(lockfile, aTempDirectory('bench-cache'));
    server = await startServer(world.dir);
    project = writeProject({ lockfile, world, registry: server.url, history: 'without' });
  });
  after(() => server.close());

  it('attests about a quarter of its packages', () => {
    assert.equal(world.entries, 24);
    assert.equal(world.packages, 24);
    assert.ok(world.attested > 0 && world.attested < 16, `${world.attested} attested`);
  });

  it('is proved whole by npmsign, with one request a package and one an attested package', async () => {
    await server.order({ latencyMs: 0 });
    const { effect, summary } = await verify(aHost({ cwd: project, env: { HOME: aTempDirectory('home') } }));
    assert.equal(effect, 'pass');
    assert.equal(summary.signatures.proved, world.packages);
    assert.equal(summary.provenance.proved, world.attested);
    const { requests, bytes } = await server.order({ latencyMs: 0 });
    assert.equal(requests, world.packages + world.attested);
    assert.ok(bytes > 1000 * world.packages, `${bytes} bytes for ${world.packages} packages`);
  });

  it('is proved whole by the floor, cold and then warm', async () => {
    for (const temperature of ['cold', 'warm']) {
      assert.deepEqual(await floorOver(project, temperature), {
        code: 0,
        count: { signatures: world.packages, attested: world.attested, failed: 0 },
      });
    }
  });

  it('is not proved by the floor when the lockfile pins other bytes', async () => {
    const [first] = entriesOf(lockfile);
    assert.ok(first);
    const [key, , entry] = first;
    const altered: Lockfile = {
      ...lockfile,
      packages: { ...lockfile.packages, [key]: { ...entry, integrity: `sha512-${'A'.repeat(86)}==` } },
    };
    const other = writeProject({ lockfile: altered, world, registry: server.url, history: 'without' });
    const { code, count } = await floorOver(other, 'cold');
    assert.deepEqual([code, count.failed], [1, 1]);
  });

  const cacheFile = path.join(aTempDirectory('bench-floor'), 'answers');
  async function floorOver(cwd: string, temperature: string) {
    const args = [await builtFloor(), cwd, server.url, cacheFile, temperature];
    const { result } = await measure({ args, cwd, home: aTempDirectory('home'), watch: 'usage' });
    return { code: result.code, count: JSON.parse(result.stdout) };
  }
});

describe('a measured process', () => {
  it('tells its peak memory and its processor time', async () => {
    const script = path.join(aTempDirectory('script'), 'large.mjs');
    writeFileSync(script, 'globalThis.kept = Buffer.alloc(200 * 2 ** 20, 1);\n');
    const home = aTempDirectory('home');
    const { mebibytes, cpuMs, ms } = await measure({ args: [script], cwd: home, home, watch: 'usage' });
    assert.ok(mebibytes > 200 && mebibytes < 500, `${mebibytes} MiB`);
    assert.ok(cpuMs > 1 && ms > 1, `${cpuMs} ms of processor time in ${ms} ms`);
  });
});

describe('the table', () => {
  it('gives medians, and ratios of medians', () => {
    assert.equal(medianOf([9, 1, 2]), 2);
    assert.equal(medianOf([4, 1, 2, 9]), 3);
    const table = tableOf([
      { ...sample, name: 'floor', ms: [100, 90, 200] },
      { ...sample, name: 'npmsign', ms: [150, 140, 400], over: 'floor' },
    ]);
    assert.match(table, /^npmsign +150 ms +140–400 +120 ms +100 MiB +7 +1\.50 MB +1\.50 × floor +1\.00 ×$/m);
  });

  it('says of every limit whether it is held, up to the very edge', () => {
    const npmsign = (ms: number, most: number) => ({
      ...{ ...sample, name: 'npmsign', ms: [ms], over: 'floor' },
      limits: [
        { kind: 'ratio', over: 'floor', most: 1.5 } as const,
        { kind: 'slower', who: 'npm', least: 9 } as const,
        { kind: 'later', than: 'floor', ms: 50 } as const,
        { kind: 'memory', most } as const,
        { kind: 'requests', most: most - 93 } as const,
        { kind: 'bytes', most: most * 15_000 } as const,
        { kind: 'slower', who: 'nobody measured', least: 9 } as const,
      ],
    });
    const others = [
      { ...sample, name: 'floor', ms: [100] },
      { ...sample, name: 'npm', ms: [1350] },
    ];
    const held = (ms: number, most: number) =>
      standingsOf([...others, npmsign(ms, most)]).map((standing) => standing.held);
    assert.deepEqual(held(150, 100), [true, true, true, true, true, true]);
    assert.deepEqual(held(151, 99), [false, false, false, false, false, false]);
    const [first] = standingTableOf(standingsOf([...others, npmsign(151, 99)]))
      .split('\n')
      .slice(1);
    assert.match(first ?? '', /^npmsign +≤ 1\.5 × floor +1\.51 × \(best rounds 1\.51 ×\) +missed$/);
  });

  const sample = { cpuMs: [120], mebibytes: [100], requests: 7, bytes: 1_500_000, limits: [] };
});
