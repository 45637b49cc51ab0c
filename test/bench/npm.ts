/** The real `npm audit signatures`, with nothing changed but where its trust begins. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type NpmMajor, npmOf } from '../support/managers.ts';
import { aTempDirectory } from '../support/temp.ts';
import { awayBy, type Contender } from './contender.ts';
import { writeInstalledTree } from './installed-tree.ts';
import { measure, type Program } from './measure.ts';
import type { Scene } from './scene.ts';
import { TUF_PATH } from './trust-files.ts';

/** Its lines: cold at every latency, and then with the cache of the cold run just before. */
export async function npmLines(
  major: NpmMajor,
  scene: Scene,
  latencies: readonly number[],
): Promise<readonly Contender[]> {
  const { server, world } = scene;
  const project = auditedProject(scene);
  const program = await auditProgram(major, server.url);
  const audit = (home: string) => measure({ ...program, cwd: project, home, watch: 'usage' });
  const name = `npm ${major} audit signatures`;
  const common = { server, pace: 'seldom', limits: [], proves: wordsFor(world) } as const;
  const state = { home: '' };
  return [
    ...latencies.map((latencyMs): Contender => {
      const start = () => {
        state.home = aTempDirectory('bench-home');
        return audit(state.home);
      };
      return { ...common, name: `${name}, cold${awayBy(latencyMs)}`, latencyMs, start };
    }),
    { ...common, name: `${name}, warm`, latencyMs: 0, start: () => audit(state.home) },
  ];
}

/** npm counts places in `node_modules`, not versions. */
function wordsFor({ entries, attestedEntries }: Scene['world']): RegExp {
  const signatures = `${entries} packages have verified registry signatures`;
  return new RegExp(
    `^audited ${entries} packages.*\\n\\n${signatures}\\n\\n${attestedEntries} packages have`,
  );
}

/** npm judges what is installed, and nobody else's notices belong into the count. */
function auditedProject({ layOut, lockfile }: Scene): string {
  const project = layOut(lockfile);
  const npmrc = path.join(project, '.npmrc');
  writeFileSync(npmrc, `${readFileSync(npmrc, 'utf8')}update-notifier=false\n`);
  writeInstalledTree(project, lockfile);
  return project;
}

/**
 * A copy of npm's own installation in which two things differ, both in `@sigstore/tuf`: the URL of the Sigstore TUF repository is the
 * minted one's, and the root it begins with there (`seeds.json`) is the minted root. All else is as npm ships it.
 */
async function auditProgram(
  major: NpmMajor,
  registry: string,
): Promise<Pick<Program, 'command' | 'args'> & { readonly version: string }> {
  const { npmCli, node, version } = await npmOf(major);
  const copy = path.join(aTempDirectory('bench-npm'), 'npm');
  cpSync(path.resolve(path.dirname(npmCli), '..'), copy, { recursive: true });
  const mirror = `${registry}${TUF_PATH}`;
  const tuf = path.join(copy, 'node_modules/@sigstore/tuf');
  const index = path.join(tuf, 'dist/index.js');
  const source = readFileSync(index, 'utf8');
  const patched = source.replace(/(DEFAULT_MIRROR_URL = )'https:[^']*'/, `$1'${mirror}'`);
  if (patched === source) throw new Error(`npm ${version} says elsewhere where its trust begins.`);
  writeFileSync(index, patched);
  const root = Buffer.from(await (await fetch(`${mirror}/1.root.json`)).arrayBuffer());
  const seeds = { [mirror]: { 'root.json': root.toString('base64'), targets: {} } };
  writeFileSync(path.join(tuf, 'seeds.json'), JSON.stringify(seeds));
  return { command: node, args: [path.join(copy, 'bin/npm-cli.js'), 'audit', 'signatures'], version };
}
