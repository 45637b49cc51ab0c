/** Projects of managers other than npm, resolved by the manager itself and set up as `npmsign init` does. */
import { readFileSync, rmSync } from 'node:fs';
import type { SetupManager, SetupManagerKind } from '../../lib/model/setup.ts';
import { checkIds } from '../../lib/policy/index.ts';
import { planSetup, writeChanges } from '../../lib/setup/index.ts';
import { buildGateInto } from '../../scripts/build.ts';
import type { Manager, RunResult } from '../support/managers.ts';
import { aCanaryCage, aProject, type Project, publishCanary } from '../support/project.ts';
import { type LoopbackRegistry, startRegistry } from '../support/registry/index.ts';
import { aTempDirectory } from '../support/temp.ts';

/** A manager and how it is asked for things. */
export type Contestant = {
  readonly kind: Exclude<SetupManagerKind, 'npm'>;
  readonly manager: Manager;
  /** Writes the lockfile, and at most a node_modules that is deleted again. */
  readonly resolve: readonly string[];
  /** Files that let the canary sing: nothing but the gate stands in its way. */
  readonly files: Readonly<Record<string, string>>;
};

/** What a run came to, from outside. */
export type Outcome = RunResult & {
  readonly ranScripts: readonly string[];
  readonly tarballs: readonly string[];
  readonly installed: readonly string[];
};

/** A registry, a gate, and projects of one manager. */
export type HookedWorld = {
  readonly registry: LoopbackRegistry;
  /** A project that depends on these names, resolved, then set up. */
  readonly project: (contestant: Contestant, dependencies: readonly string[]) => Promise<Project>;
  /** Runs the manager with an empty cache. */
  readonly run: (
    contestant: Contestant,
    project: Project,
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ) => Promise<Outcome>;
  readonly close: () => Promise<void>;
};

/** `good` and `fine` have no scripts; `evil` has scripts that sing, and comes from where the policy allows none to come from. */
export async function aHookedWorld(): Promise<HookedWorld> {
  const gate = readFileSync(await buildGateInto(aTempDirectory('gate')), 'utf8');
  const registry = await startRegistry();
  registry.publish({ name: 'good', version: '1.0.0', attest: {} });
  registry.publish({ name: 'fine', version: '1.0.0', attest: {} });
  publishCanary(registry, { name: 'evil', version: '1.0.0' });
  return {
    registry,
    async project(contestant, dependencies) {
      const project = anUngated(registry, contestant, dependencies);
      const { code, stdout, stderr } = await runIn(contestant, {
        project,
        args: contestant.resolve,
        registry,
      });
      if (code !== 0) throw new Error(`The project cannot be resolved:\n${stdout}${stderr}`);
      rmSync(project.file('node_modules'), { recursive: true, force: true });
      const manager: SetupManager = { kind: contestant.kind, version: contestant.manager.version };
      const plan = await planSetup({
        ...{ project: project.dir, manager, gate, vendor: 'keep', npmExtension: false },
        ...{ policy: { file: '.npmsignrc' }, exemptions: [], scripts: { kind: 'exempted' } },
      });
      if (plan.byHand.length > 0) throw new Error(plan.byHand.join('\n'));
      await writeChanges(project.dir, plan.changes);
      return project;
    },
    async run(contestant, project, args, env = {}) {
      registry.forgetRequests();
      const cage = aCanaryCage();
      const result = await runIn(contestant, { project, args, registry, env: { ...cage.env, ...env } });
      const tarballs = registry.requests.flatMap(({ route }) =>
        route.kind === 'tarball' ? [route.name] : [],
      );
      return { ...result, ranScripts: cage.ranScripts(), tarballs, installed: project.installed() };
    },
    close: () => registry.close(),
  };
}

type Run = {
  readonly project: Project;
  readonly args: readonly string[];
  readonly registry: LoopbackRegistry;
  readonly env?: Readonly<Record<string, string>>;
};

function runIn({ manager }: Contestant, { project, args, registry, env = {} }: Run): Promise<RunResult> {
  return manager.run(args, { cwd: project.dir, registry: registry.url, env });
}

function anUngated(
  registry: LoopbackRegistry,
  { files }: Contestant,
  dependencies: readonly string[],
): Project {
  const wanted = Object.fromEntries(dependencies.map((name) => [name, '1.0.0']));
  return aProject({
    packageJson: { dependencies: wanted, trustedDependencies: ['evil'] },
    npmrc: [`registry=${registry.url}`],
    files: {
      '.npmsignrc': {
        extends: 'recommended',
        // Only what the lockfile alone can answer: in one of yarn 2 and later there is no hash that evidence could be about.
        checks: Object.fromEntries(checkIds.map((id) => [id, 'off'])),
        overrides: [{ packages: ['evil'], checks: { 'package-source': ['error', { allow: ['git'] }] } }],
        registries: { [registry.url]: {} },
        trust: { root: './trusted_root.json', refresh: 'never' },
      },
      'trusted_root.json': JSON.stringify(registry.sigstore.trustedRoot()),
      ...files,
    },
  });
}
