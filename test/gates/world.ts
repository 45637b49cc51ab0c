/** A registry with good and evil in it, projects of every manager, and the command that stands in front of them. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { buildCommandInto, buildGateInto } from '../../scripts/build.ts';
import { type RunResult, run } from '../support/managers.ts';
import { aCanaryCage, aProject, dependenciesOn, type Project, publishCanary } from '../support/project.ts';
import { type LoopbackRegistry, type Published, startRegistry } from '../support/registry/index.ts';
import { aTempDirectory } from '../support/temp.ts';
import type { Contestant } from './contestants.ts';

/** A world all projects of a test file live in. */
export type World = {
  readonly registry: LoopbackRegistry;
  /** Has provenance, no scripts. */
  readonly good: Published;
  /** Has install scripts and a command that sing, and none of the provenance the policy asks of it. */
  readonly evil: Published;
  /** Has provenance, and depends on `evil`. */
  readonly carrier: Published;
  /** Has provenance, no scripts, and is nobody's dependency yet. */
  readonly fine: Published;
  /** A project with the lockfile that manager writes for these dependencies; `none`: not yet locked. */
  readonly project: (contestant: Contestant, request: ProjectRequest) => Promise<Project>;
  /** Runs npmsign in a project, with that manager on `PATH`. */
  readonly enter: (
    contestant: Contestant,
    found: Pick<Project, 'dir'>,
    request: EnterRequest,
  ) => Promise<Entered>;
  /** Runs the manager itself there. */
  readonly manage: World['enter'];
  /** Runs the manager's own frozen install, and tells which scripts sang. */
  readonly enterUnguarded: (
    contestant: Contestant,
    found: Pick<Project, 'dir'>,
  ) => Promise<readonly string[]>;
  /** The environment {@link World.enter} runs npmsign in, for a test that starts it in a way of its own. */
  readonly environment: (contestant: Contestant, home?: string) => Readonly<Record<string, string>>;
  /** A new home, to run twice with one cache. */
  readonly home: () => string;
  /** Absolute path of the executable. */
  readonly npmsign: string;
  readonly close: () => Promise<void>;
};

export type ProjectRequest = {
  readonly dependencies: readonly Published[];
  /** Locked unless said otherwise. */
  readonly locked?: 'none';
  readonly packageJson?: Readonly<Record<string, unknown>>;
  readonly files?: Readonly<Record<string, string | object>>;
};

export type EnterRequest = {
  readonly args: readonly string[];
  /** A folder of the project to stand in. */
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly home?: string;
};

type RunRequest = EnterRequest & Pick<Contestant['manager'], 'command'>;

/** What came of a run, as seen from outside. */
export type Entered = RunResult & {
  readonly ranScripts: readonly string[];
  /** Names of the packages whose tarballs were asked for, sorted. */
  readonly tarballs: readonly string[];
};

/** Starts the registry and builds the command once. */
export async function aWorld(): Promise<World> {
  const command = aTempDirectory('command');
  const [npmsign] = await Promise.all([buildCommandInto(command), buildGateInto(command)]);
  const registry = await startRegistry();
  const good = registry.publish({ name: 'good', version: '1.0.0', attest: {} });
  const evil = publishCanary(registry, {
    name: 'evil',
    version: '1.0.0',
    scripts: EVERY_SCRIPT,
    bin: { evil: 'canary.js' },
  });
  const carrier = registry.publish({
    name: 'carrier',
    version: '1.0.0',
    attest: {},
    dependencies: { evil: '^1.0.0' },
  });
  const fine = registry.publish({ name: 'fine', version: '1.0.0', attest: {} });
  const environment: World['environment'] = ({ manager, bin }, home = aTempDirectory('home')) => {
    const env = manager.environment({ home, registry: registry.url });
    return { ...env, PATH: [bin, env['PATH']].join(path.delimiter), NPMSIGN_NO_REMEMBER: '1' };
  };
  const locks = new Map<string, string>();
  const enter = async (contestant: Contestant, dir: string, request: RunRequest): Promise<Entered> => {
    const { command, args, folder = '', env = {}, home } = request;
    const [program, ...first] = command;
    const cage = aCanaryCage();
    registry.forgetRequests();
    const result = await run(program, [...first, ...args], {
      cwd: path.join(dir, folder),
      env: { ...environment(contestant, home), ...cage.env, ...env },
    });
    const names = registry.requests.flatMap(({ route }) => (route.kind === 'tarball' ? [route.name] : []));
    return { ...result, ranScripts: cage.ranScripts(), tarballs: names.sort() };
  };
  return {
    ...{ registry, good, evil, carrier, fine, npmsign, environment },
    home: () => aTempDirectory('home'),
    project: (contestant, request) => aLockedProject({ registry, contestant, environment, locks }, request),
    enter: (contestant, { dir }, request) =>
      enter(contestant, dir, { ...request, command: [process.execPath, npmsign] }),
    manage: (contestant, { dir }, request) =>
      enter(contestant, dir, { ...request, command: contestant.manager.command }),
    enterUnguarded: async (contestant, { dir }) =>
      (await enter(contestant, dir, { args: contestant.frozen, command: contestant.manager.command }))
        .ranScripts,
    close: () => registry.close(),
  };
}

type Making = Pick<World, 'registry' | 'environment'> & {
  readonly contestant: Contestant;
  /** Lockfiles that were written before, by what they were written for. */
  readonly locks: Map<string, string>;
};

async function aLockedProject(
  { registry, contestant, environment, locks }: Making,
  { dependencies, locked, packageJson, files }: ProjectRequest,
): Promise<Project> {
  const project = aProject({
    packageJson: {
      dependencies: dependenciesOn(dependencies),
      ...TRUSTING,
      ...packageJson,
    },
    npmrc: [`registry=${registry.url}`],
    files: {
      '.npmsignrc': policyFor(registry, contestant),
      'trusted_root.json': registry.sigstore.trustedRoot(),
      ...OPEN[contestant.name],
      ...files,
    },
  });
  if (locked === 'none') return project;
  const key = JSON.stringify([contestant.title, dependenciesOn(dependencies), packageJson, files]);
  const lock = locks.get(key) ?? (await writeLock(project, contestant, environment(contestant)));
  locks.set(key, lock);
  project.write(contestant.lockfile, lock);
  return project;
}

/** Has the manager write its lockfile, and takes away what it leaves besides. */
async function writeLock(
  project: Project,
  contestant: Contestant,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const { program, args } = commandOf(contestant);
  const done = await run(program, [...args, ...contestant.lock], { cwd: project.dir, env });
  if (done.code !== 0)
    throw new Error(`${contestant.title} wrote no lockfile:\n${done.stdout}${done.stderr}`);
  for (const left of ['node_modules', '.yarn', '.pnp.cjs']) {
    rmSync(project.file(left), { recursive: true, force: true });
  }
  return readFileSync(project.file(contestant.lockfile), 'utf8');
}

function commandOf({ manager: { command } }: Contestant): { program: string; args: readonly string[] } {
  const [program, ...args] = command;
  return { program, args };
}

const EVERY_SCRIPT = ['preinstall', 'install', 'postinstall', 'prepare'] as const;

/** Fields under which managers that ask let the canaries' scripts run: nothing but the gate stands in their way. */
const TRUSTING = {
  allowScripts: { evil: true, fickle: true },
  trustedDependencies: ['evil', 'fickle'],
  dependenciesMeta: { evil: { built: true }, fickle: { built: true } },
};

/** Settings to the same end. */
const OPEN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  pnpm: {
    'pnpm-workspace.yaml': `packages: []
minimumReleaseAge: 0
allowBuilds:
  evil: true
  fickle: true
onlyBuiltDependencies: [evil, fickle]
`,
  },
  yarn: { '.yarnrc.yml': 'enableScripts: true\nnodeLinker: node-modules\n' },
};

/**
 * Provenance is asked of `evil` and of a later `fickle`, on top of what is recommended. yarn 4 pins no tarball, so nothing about one can be
 * proved there.
 */
function policyFor({ url }: LoopbackRegistry, { title }: Contestant): object {
  return {
    extends: title === 'yarn 4' ? 'observe' : 'recommended',
    checks: { 'minimum-age': 'off', 'reserved-bin': 'off', 'provenance-regression': 'off' },
    overrides: [
      { packages: ['evil', 'fickle@>=1.1.0', 'pnpm-plugin-evil'], checks: { provenance: 'error' } },
    ],
    registries: { [url]: {} },
    trust: { root: './trusted_root.json', refresh: 'never' },
  };
}

/** Every file of a project by its path, with its bytes as text. */
export function bytesOf({ dir }: Pick<Project, 'dir'>): ReadonlyMap<string, string> {
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  return new Map(files.sort().map((file) => [path.relative(dir, file), readFileSync(file, 'latin1')]));
}
