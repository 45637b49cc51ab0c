/** Lays out the project that is judged, and the two programs that judge it. */
import { copyFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { buildCommandInto } from '../../scripts/build.ts';
import { projectRoot } from '../support/corpus.ts';
import { aTempDirectory } from '../support/temp.ts';
import { entriesOf, type Lockfile } from './lockfile.ts';
import type { World } from './world.ts';

/** What the project consists of. */
export type MeasuredProject = {
  readonly lockfile: Lockfile;
  readonly world: World;
  readonly registry: string;
  /** `with`: the policy also compares earlier versions, which takes a packument for every package without provenance. */
  readonly history: 'with' | 'without';
};

/** Writes the project into a temporary directory, whose path is given back. */
export function writeProject({ lockfile, world, registry, history }: MeasuredProject): string {
  const dir = aTempDirectory('bench-project');
  const write = (name: string, content: string | object) =>
    writeFileSync(
      path.join(dir, name),
      typeof content === 'string' ? content : JSON.stringify(content, null, 2),
    );
  write('package.json', { private: true, ...lockfile.packages[''] });
  write('package-lock.json', lockfile);
  write('.npmrc', `registry=${registry}\n`);
  write('.npmsignrc', policyFor({ lockfile, registry, history }));
  for (const file of ['keys.json', 'trusted_root.json'])
    copyFileSync(path.join(world.dir, file), path.join(dir, file));
  return dir;
}

/** The recommended policy, with the packages' own install scripts reviewed and the registry judged as npm's. */
function policyFor({ lockfile, registry, history }: Omit<MeasuredProject, 'world'>): object {
  const scripted = entriesOf(lockfile).filter(([, , { hasInstallScript }]) => hasInstallScript === true);
  return {
    extends: 'recommended',
    checks: {
      'install-script': ['error', { allow: [...new Set(scripted.map(([, name]) => name))] }],
      ...(history === 'without' ? { 'provenance-regression': 'off' } : {}),
    },
    registries: { [registry]: { mirrorOf: 'npm', keys: './keys.json' } },
    trust: { root: './trusted_root.json', refresh: 'never' },
  };
}

/** The command, built from the source as it stands, as it is published. */
export async function builtCommand(): Promise<string> {
  return buildCommandInto(aTempDirectory('bench-npmsign'));
}

/** The floor as a plain script, so that no compiler is measured with it. */
export async function builtFloor(): Promise<string> {
  const outfile = path.join(aTempDirectory('bench-floor'), 'floor.mjs');
  await build({
    entryPoints: [path.join(projectRoot, 'test/bench/floor.ts')],
    ...{ outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20.17', logLevel: 'warning' },
  });
  return outfile;
}
