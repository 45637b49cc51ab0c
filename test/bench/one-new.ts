/** npmsign's lines about a project in which one package is new since the last run. */
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { aTempDirectory } from '../support/temp.ts';
import { awayBy, type Contender, succeeded } from './contender.ts';
import { entriesOf, type Lockfile } from './lockfile.ts';
import { versionsOf } from './manifests.ts';
import { measure } from './measure.ts';
import type { Scene } from './scene.ts';

/** One line for each latency. Every run finds the caches, and the verdict, of the project without that package. */
export async function oneNewLines(
  { programs, server, layOut, lockfile }: Scene,
  latencies: readonly number[],
): Promise<readonly Contender[]> {
  const project = layOut(withoutOne(lockfile));
  const [home, before] = [aTempDirectory('bench-home'), aTempDirectory('bench-before')];
  const args = [path.join(programs.npmsign, 'bin.mjs'), 'verify'];
  const start = () => measure({ args, cwd: project, home, watch: 'usage' });
  succeeded({ name: 'npmsign verify, before' }, await start());
  cpSync(home, before, { recursive: true, preserveTimestamps: true });
  writeFileSync(path.join(project, 'package-lock.json'), JSON.stringify(lockfile, null, 2));
  return latencies.map(
    (latencyMs): Contender => ({
      ...{ server, latencyMs, pace: 'always', over: 'npmsign verify, unchanged', start },
      name: `npmsign verify, one package new${awayBy(latencyMs)}`,
      limits: [
        { kind: 'later', than: 'npmsign verify, unchanged', ms: latencyMs + 15 },
        { kind: 'requests', most: 1 },
      ],
      prepare() {
        rmSync(home, { recursive: true });
        cpSync(before, home, { recursive: true, preserveTimestamps: true });
      },
    }),
  );
}

/** Without one package that is there once, pinned once, and not attested: a single answer tells all about it. */
function withoutOne(lockfile: Lockfile): Lockfile {
  const entries = entriesOf(lockfile);
  const plain = versionsOf(entries).filter(({ attested }) => !attested);
  const places = new Map(plain.map(({ name }) => [name, entries.filter(([, other]) => other === name)]));
  const once = [...places.values()].find((found) => found.length === 1)?.[0];
  if (once === undefined) throw new Error('No package of this tree is there once.');
  const { [once[0]]: _, ...packages } = lockfile.packages;
  return { ...lockfile, packages };
}
