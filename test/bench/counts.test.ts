/** Counts exactly what a run costs others and the processor: requests, bytes, signatures verified. No clock is looked at. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { aTempDirectory } from '../support/temp.ts';
import { inventedLockfile } from './lockfile.ts';
import { hookAt, measure } from './measure.ts';
import { buildPrograms, openScene, type Programs, type Scene } from './scene.ts';
import type { Served } from './server.ts';

/** A whole run of the built command. */
type Run = Served & { readonly counts: Readonly<Record<string, number>> };

/** One package that nobody attests costs one request and one signature; an attested one a second request and two bundles. */
const PROVENANCE = { prime256v1: 4, secp384r1: 1 };
const PUBLISH = { prime256v1: 3 };

/** The authority's own chain is verified once in a run: its intermediate and its root, both by the root's key. */
const CHAIN = { secp384r1: 2 };

for (const packages of [24, 96]) {
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
        const verify = (flags: readonly string[]) => runCounted(scene, { project, home, flags });
        const cold = await verify([]);
        assert.equal(cold.requests, packages + attested);
        assert.ok(cold.bytes < 1800 * packages + 8500 * attested, `${cold.bytes} bytes`);
        const signatures = {
          prime256v1: packages + attested * (PROVENANCE.prime256v1 + PUBLISH.prime256v1),
          secp384r1: CHAIN.secp384r1 + attested * PROVENANCE.secp384r1,
        };
        assert.deepEqual(cold.counts, signatures);
        assert.deepEqual(await verify(['--no-remember']), { requests: 0, bytes: 0, counts: signatures });
        assert.deepEqual(await verify([]), { requests: 0, bytes: 0, counts: {} });
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

type Asked = { readonly project: string; readonly home: string; readonly flags: readonly string[] };

async function runCounted({ programs, server }: Scene, { project, home, flags }: Asked): Promise<Run> {
  const file = path.join(home, 'bench-counts.json');
  const bin = path.join(programs.npmsign, 'bin.mjs');
  await server.order({ latencyMs: 0 });
  const { result } = await measure({
    args: ['--import', hookAt('./counts.mjs'), bin, 'verify', ...flags],
    cwd: project,
    home,
    env: { NPMSIGN_BENCH_COUNTS: file },
    watch: 'startup',
  });
  assert.equal(result.code, 0, result.stderr);
  const served = await server.order({ latencyMs: 0 });
  return { ...served, counts: JSON.parse(readFileSync(file, 'utf8')) };
}
