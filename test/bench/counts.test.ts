/** Counts exactly what a run costs others and the processor: requests, bytes, signatures verified. No clock is looked at. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { aTempDirectory } from '../support/temp.ts';
import { gateOf } from './gate.ts';
import { inventedLockfile } from './lockfile.ts';
import { hookAt, measure, type Program } from './measure.ts';
import { buildPrograms, openScene, type Programs, type Scene } from './scene.ts';
import type { Served } from './server.ts';

/** A whole run of the built command. */
type Run = Served & { readonly counts: Readonly<Record<string, number>> };

/** One package that nobody attests costs one request and one signature; an attested one a second request and two bundles. */
const PROVENANCE = { prime256v1: 4, secp384r1: 1 };
const PUBLISH = { prime256v1: 3 };

/** The authority's own chain is verified once on each thread that proves: its intermediate and its root, both by the root's key. */
const CHAIN = { secp384r1: 2 };

/** Another thread is started where there is work enough for two, and a core for it. */
const RUNS = [
  { packages: 24, threads: 1 },
  { packages: 96, threads: Math.min(2, availableParallelism()) },
];

for (const { packages, threads } of RUNS) {
  describe(`a run over ${packages} packages`, () => {
    let programs: Programs;
    before(async () => {
      programs = await builtOnce();
    });

    it('asks once for each package and once for each attested one, fetches no packument, and verifies what there is to verify', async () => {
      const scene = await openScene({
        programs,
        lockfile: inventedLockfile(packages),
        history: 'without',
      });
      const { attested } = scene.world;
      assert.ok(attested > 0);
      try {
        const project = scene.layOut(scene.lockfile);
        const home = aTempDirectory('bench-home');
        const bin = path.join(programs.npmsign, 'bin.mjs');
        const verify = (flags: readonly string[]) =>
          runCounted(scene, { cwd: project, home, args: [bin, 'verify', ...flags], env: {} });
        const cold = await verify([]);
        assert.equal(cold.requests, packages + attested);
        assert.ok(cold.bytes < 1800 * packages + 8500 * attested, `${cold.bytes} bytes`);
        const signatures = {
          prime256v1: packages + attested * (PROVENANCE.prime256v1 + PUBLISH.prime256v1),
          secp384r1: threads * CHAIN.secp384r1 + attested * PROVENANCE.secp384r1,
        };
        assert.deepEqual(cold.counts, signatures);
        assert.deepEqual(await verify(['--no-remember']), { requests: 0, bytes: 0, counts: signatures });
        assert.deepEqual(await verify([]), { requests: 0, bytes: 0, counts: {} });
        const gate = gateOf(project);
        const inCi = { cwd: project, home, args: gate.args, env: { ...gate.env, CI: 'true' } };
        assert.deepEqual(await runCounted(scene, inCi), { requests: 0, bytes: 0, counts: signatures });
      } finally {
        await scene.close();
      }
    });
  });
}

const built: { programs?: Promise<Programs> } = {};

function builtOnce(): Promise<Programs> {
  built.programs ??= buildPrograms();
  return built.programs;
}

type Asked = Pick<Program, 'args' | 'cwd' | 'home'> & { readonly env: Readonly<Record<string, string>> };

async function runCounted({ server }: Scene, { args, env, ...where }: Asked): Promise<Run> {
  const file = path.join(where.home, 'bench-counts.txt');
  await server.order({ latencyMs: 0 });
  writeFileSync(file, '');
  const { result } = await measure({
    ...where,
    args: ['--import', hookAt('./counts.mjs'), ...args],
    env: { ...env, NPMSIGN_BENCH_COUNTS: file },
    watch: 'startup',
  });
  assert.equal(result.code, 0, result.stderr);
  const served = await server.order({ latencyMs: 0 });
  return { ...served, counts: countsIn(readFileSync(file, 'utf8')) };
}

/** Lines of counts.mjs, which every thread of the process wrote. */
function countsIn(text: string): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const what of text.split('\n').filter((line) => line !== '')) counts[what] = (counts[what] ?? 0) + 1;
  return counts;
}
