/** Runs the strong gate for real: `npmsign verify`, and `npm ci` only if that says yes. */
import { cpSync, mkdirSync } from 'node:fs';
import { buildCommandInto, buildGateInto } from '../../scripts/build.ts';
import { npmOf, ownNpm, type RunResult, run } from '../support/managers.ts';
import { aCanaryCage, type CanaryCage } from '../support/project.ts';
import { aTempDirectory } from '../support/temp.ts';
import { type Case, homeEnvironment, type World } from './world.ts';

/** The command as it is published, and a shell to join it to npm's. */
export type Gate = {
  /** Absolute path of the executable. */
  readonly npmsign: string;
  readonly enter: (world: World, found: Case, env?: Readonly<Record<string, string>>) => Promise<Entered>;
  /** `npm ci` of npm 12 in a project that has {@link VENDORED} as its `preinstall`; the gate is put there first. */
  readonly enterVendored: (
    world: World,
    found: Case,
    env?: Readonly<Record<string, string>>,
  ) => Promise<Entered>;
};

/** The root `preinstall` that calls the vendored gate, by the node that runs npm. */
export const VENDORED = '"$npm_node_execpath" .npmsign/gate.mjs preinstall';

/** What came of a run, as seen from outside. */
export type Entered = RunResult & {
  readonly ranScripts: readonly string[];
  readonly installed: readonly string[];
  /** Names of the packages whose tarballs were asked for. */
  readonly tarballs: readonly string[];
};

/** What is left of a run in which nothing was fetched, written or run. */
export const NOTHING = { ranScripts: [], installed: [], tarballs: [] } as const;

/** The scripts here are written for a POSIX shell. */
export const noShell =
  process.platform === 'win32' ? 'the scripts here are written for a POSIX shell' : false;

/** Builds the command and the gate once. */
export async function aGate(): Promise<Gate> {
  const [npmsign, vendored] = await Promise.all([
    buildCommandInto(aTempDirectory('command')),
    buildGateInto(aTempDirectory('gate')),
  ]);
  const npm = ownNpm().npmCli;
  const script = '"$NODE" "$NPMSIGN" verify --no-remember && exec "$NODE" "$NPM" ci --no-audit --no-fund';
  return {
    npmsign,
    enter: (world, found, extra = {}) =>
      watched(world, found, (cage) => {
        const tools = { NODE: process.execPath, NPMSIGN: npmsign, NPM: npm };
        const env = { PATH: process.env['PATH'] ?? '', ...tools, ...homeEnvironment(), ...cage, ...extra };
        return run('/bin/sh', ['-c', script], { cwd: found.dir, env });
      }),
    enterVendored: (world, found, extra = {}) =>
      watched(world, found, async (cage) => {
        mkdirSync(found.file('.npmsign'));
        cpSync(vendored, found.file('.npmsign/gate.mjs'));
        const options = { cwd: found.dir, registry: world.registry.url, env: { ...cage, ...extra } };
        return (await npmOf(12)).run(['ci'], options);
      }),
  };
}

async function watched(
  { registry }: World,
  found: Case,
  enter: (cage: CanaryCage['env']) => Promise<RunResult>,
): Promise<Entered> {
  const cage = aCanaryCage();
  registry.forgetRequests();
  const result = await enter(cage.env);
  const tarballs = registry.requests.flatMap(({ route }) => (route.kind === 'tarball' ? [route.name] : []));
  return { ...result, ranScripts: cage.ranScripts(), installed: found.installed(), tarballs };
}

/** The part of a run that {@link NOTHING} describes. */
export function leftBehind({ ranScripts, installed, tarballs }: Entered): object {
  return { ranScripts, installed, tarballs };
}
