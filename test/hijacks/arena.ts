/** Projects guarded by a naive gate or by ours, hostile packages, and real managers to set loose on both. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { gatedScript, type ScriptName } from '../../lib/setup/scripts.ts';
import { buildGateInto } from '../../scripts/build.ts';
import type { Contestant } from '../gates/contestants.ts';
import { aWorld, type World } from '../gates/world.ts';
import type { RunResult } from '../support/managers.ts';
import { aCanaryCage, type Project } from '../support/project.ts';
import { aTempDirectory } from '../support/temp.ts';

/** What came of a run, as seen from outside. */
export type Attempt = RunResult & {
  /** `evil preinstall` and the like, for every script that ran. */
  readonly ranScripts: readonly string[];
  /** Names of the packages whose tarballs were asked for, sorted. */
  readonly tarballs: readonly string[];
};

/** A manager's own command. */
export type Command = { readonly args: readonly string[]; readonly env?: Readonly<Record<string, string>> };

/** The strong gate's world, and the gates a project can hold. */
export type Arena = World & {
  /** Files of a project: `naive-gate.cjs`, which knows evil by its name in the lockfile. */
  readonly naive: Readonly<Record<string, string>>;
  /** Files of a project: the vendored gate. */
  readonly vendored: Readonly<Record<string, string>>;
  /** Runs the manager itself in a project, with an empty cache. */
  readonly loose: (contestant: Contestant, project: Project, command: Command) => Promise<Attempt>;
};

/** Starts the registry and builds gate and command once. */
export async function anArena(): Promise<Arena> {
  const world = await aWorld();
  const gate = readFileSync(await buildGateInto(aTempDirectory('gate')), 'utf8');
  const { registry } = world;
  return {
    ...world,
    naive: { 'naive-gate.cjs': readFileSync(new URL('./naive-gate.cjs', import.meta.url), 'utf8') },
    vendored: { '.npmsign/gate.mjs': gate },
    async loose({ manager }, { dir }, { args, env = {} }) {
      const cage = aCanaryCage();
      registry.forgetRequests();
      const result = await manager.run(args, {
        cwd: dir,
        registry: registry.url,
        env: { ...cage.env, ...env },
      });
      const names = registry.requests.flatMap(({ route }) => (route.kind === 'tarball' ? [route.name] : []));
      return { ...result, ranScripts: cage.ranScripts(), tarballs: names.sort() };
    },
  };
}

/** The script that `npmsign init` writes where there is none. */
export function ourScript(name: ScriptName): Readonly<Record<string, string>> {
  const gated = gatedScript(name, undefined);
  if (gated.kind !== 'gated') throw new Error(`npmsign init writes no ${name}.`);
  return { [name]: gated.script };
}

/** Asserts that npmsign refused evil before anything of it was here. */
export function assertHeld({ code, stderr, ranScripts, tarballs }: Omit<Attempt, 'stdout'>): void {
  assert.deepEqual({ code, ranScripts, tarballs }, { code: 1, ranScripts: [], tarballs: [] }, stderr);
  assert.match(stderr, /FAIL[\s\S]*evil/);
}

/** Asserts that a naive gate let evil in: should that ever fail, the hijack is no longer real, and its test proves nothing. */
export function assertFell({ code, stderr, ranScripts }: Attempt): void {
  assert.equal(code, 0, `the hijack is no longer real: ${stderr}`);
  assert.ok(ranScripts.length > 0, 'nothing sang');
}

/** Asserts that a naive gate is one: without the hijack it refuses evil, in words of its own. */
export function assertNaiveStops({ code, stdout, stderr }: Attempt): void {
  assert.notEqual(code, 0);
  assert.match(stdout + stderr, /naive: evil may not be installed here/);
}
