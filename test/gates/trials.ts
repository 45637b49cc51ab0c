/** Tries one way to have evil installed in a project that `npmsign init` has set up, and tells what became of it. */
import { appendFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { RESOLVES_ONLY } from '../../lib/index.ts';
import { canarySource, publishCanary } from '../support/project.ts';
import type { LoggedRequest } from '../support/registry/index.ts';
import { aTempDirectory } from '../support/temp.ts';
import type { Contestant } from './contestants.ts';
import { differences, lyingIn } from './leftovers.ts';
import { nameOf, type Row, type When } from './record.ts';
import { noScriptsOf, type State, type Way } from './ways.ts';
import { aWorld, type Entered, type World } from './world.ts';

/** Where ways are tried: every project has locked `fickle` 1.0.0, of which there is now a version that turned evil. */
export type Ground = {
  readonly attempt: (contestant: Contestant, way: Way) => Promise<Seen>;
  readonly close: () => Promise<void>;
};

/** What came of it, and what was printed meanwhile. */
export type Seen = { readonly row: Row; readonly said: string };

/** Has every contestant lock what is good, and only then publishes what is not. */
export async function aGround(entries: readonly (readonly [Contestant, readonly Way[]])[]): Promise<Ground> {
  const world = await aWorld();
  const bases = new Map<string, string>();
  try {
    world.registry.publish({ name: 'fickle', version: '1.0.0', attest: {} });
    for (const [contestant, ways] of entries) {
      for (const way of ways) {
        const key = keyOf(contestant, way);
        if (!bases.has(key)) bases.set(key, await aSetUpProject(world, contestant, way));
      }
    }
  } catch (error) {
    await world.close();
    throw error;
  }
  publishCanary(world.registry, { name: 'fickle', version: '1.1.0' });
  const plugin = publishPlugin(world);
  return {
    attempt(contestant, way) {
      const base = bases.get(keyOf(contestant, way));
      if (base === undefined) throw new Error(`No project was made for ${contestant.title}.`);
      return attempt({ world, contestant, way, base, home: world.home(), plugin });
    },
    close: world.close,
  };
}

/** pnpm runs the pnpmfile of a package with such a name, in its own process. */
function publishPlugin({ registry }: World): string {
  const { manifest, version } = registry.publish({
    name: 'pnpm-plugin-evil',
    version: '1.0.0',
    files: { 'pnpmfile.cjs': `${canarySource('evil', 'pnpmfile')}module.exports = {};\n` },
  });
  return `${version}+${manifest.dist.integrity}`;
}

function keyOf({ title }: Contestant, { from, setUp, gate }: Way): string {
  return JSON.stringify([title, from, setUp, gate === 'none']);
}

/** What a project does with a command it has installed, as many do with the tool that sets up its git hooks. */
const SCRIPTS = { postinstall: 'evil || exit 0' };

const MEMBER = 'packages/member';

async function aSetUpProject(world: World, contestant: Contestant, way: Way): Promise<string> {
  const dependencies = { good: '1.0.0', fickle: '^1.0.0' };
  const { dir } = await world.project(contestant, {
    dependencies: [],
    packageJson: { dependencies, scripts: SCRIPTS, ...(way.from && { workspaces: ['packages/*'] }) },
    ...(way.from && { files: memberOf(contestant) }),
  });
  if (way.gate === 'none') return dir;
  const flags = way.setUp === 'extension' ? ['--npm-extension'] : [];
  await done(world.enter(contestant, { dir }, { args: ['init', '--yes', ...flags] }));
  // npm keeps a hash of its extension in the lockfile.
  if (way.setUp === 'extension') {
    await done(world.manage(contestant, { dir }, { args: ['install', '--package-lock-only'], env: OFF }));
    rmSync(path.join(dir, 'node_modules'), { recursive: true, force: true });
  }
  return dir;
}

function memberOf({ name }: Contestant): Readonly<Record<string, string | object>> {
  return {
    [`${MEMBER}/package.json`]: { name: 'member', version: '1.0.0', dependencies: { good: '1.0.0' } },
    ...(name === 'pnpm' && {
      'pnpm-workspace.yaml':
        "packages: ['packages/*']\nminimumReleaseAge: 0\nallowBuilds:\n  evil: true\nonlyBuiltDependencies: [evil]\n",
    }),
  };
}

/** So that gates keep out of what only prepares a trial. */
const OFF = { [RESOLVES_ONLY]: '1' };

type Trial = {
  readonly world: World;
  readonly contestant: Contestant;
  readonly way: Way;
  /** The project as `init` left it. */
  readonly base: string;
  readonly home: string;
  /** What pnpm is told about a config dependency that sings. */
  readonly plugin: string;
};

async function attempt(trial: Trial): Promise<Seen> {
  const { world, contestant, way, home } = trial;
  const dir = aCopyOf(trial.base);
  await MAKE[way.state](trial, dir);
  for (const [name, text] of Object.entries(way.files ?? {})) writeFileSync(path.join(dir, name), text);
  if (way.cache === 'warm') await installQuietly(trial, aCopyOf(dir));
  const before = lyingIn(dir);
  const run = way.gate === 'npmsign' ? world.enter : world.manage;
  const folder = way.from === 'member' ? MEMBER : '';
  const entered = await run(contestant, { dir }, { args: way.args, folder, home });
  const left = differences(before, lyingIn(dir));
  const said = entered.stdout + entered.stderr;
  const row: Row = {
    manager: contestant.title,
    ...nameOf(contestant, way),
    when: whenOf({ ...entered, left, said, requests: world.registry.requests, way }),
    tarballs: [...new Set(entered.tarballs)],
    ran: entered.ranScripts,
    exit: entered.code,
    left,
  };
  return { row, said };
}

type Scene = Pick<Entered, 'code' | 'ranScripts'> & {
  readonly left: readonly string[];
  readonly said: string;
  readonly requests: readonly LoggedRequest[];
  readonly way: Way;
};

/** The registry's log tells who asked. */
function whenOf({ code, ranScripts, left, said, requests, way }: Scene): When {
  const isUntouched = code !== 0 && ranScripts.length === 0 && left.length === 0;
  const asked = requests.findIndex(({ headers }) => headers['user-agent'] === 'npmsign');
  const fetched = requests.findIndex(({ route }) => route.kind === 'tarball');
  if (isUntouched && fetched === -1 && said.includes('ESTRICTALLOWSCRIPTS')) return 'setting';
  if (asked === -1 && !/npmsign stops this|npmsign: /.test(said)) return 'never';
  if (code === 0 && way.intent !== 'passes') return 'blind';
  if (code === 0) return asked < fetched ? 'before' : 'after';
  if (isUntouched) return fetched === -1 ? 'before' : 'unpacking';
  return /calls this check after the change/.test(said) ? 'after' : 'late';
}

const MAKE: Readonly<Record<State, (trial: Trial, dir: string) => Promise<void>>> = {
  met: async () => undefined,
  installed: installQuietly,
  locked: lockEvil,
  async unreviewed(trial, dir) {
    await lockEvil(trial, dir);
    const { allowScripts: _, ...manifest } = manifestIn(dir);
    writeManifest(dir, manifest);
  },
  wanted: async (trial, dir) => wishForEvil(trial, dir),
  async unlocked(trial, dir) {
    wishForEvil(trial, dir);
    rmSync(path.join(dir, trial.contestant.lockfile));
  },
  async unpacked(trial, dir) {
    await lockEvil(trial, dir);
    await installQuietly(trial, dir);
  },
  async held(trial, dir) {
    await lockEvil(trial, dir);
    const { trustedDependencies: _, ...manifest } = manifestIn(dir);
    writeManifest(dir, manifest);
    await installQuietly(trial, dir);
  },
  async configured({ plugin }, dir) {
    appendFileSync(
      path.join(dir, 'pnpm-workspace.yaml'),
      `configDependencies:\n  pnpm-plugin-evil: ${plugin}\n`,
    );
  },
  async configuredAndLocked(trial, dir) {
    await MAKE.configured(trial, dir);
    await lockQuietly(trial, dir, trial.contestant.lock);
  },
};

/** Has the manager lock what nobody was asked about, as a change from outside would bring it. */
async function lockEvil(trial: Trial, dir: string): Promise<void> {
  const { contestant, way } = trial;
  const isExtended = way.setUp === 'extension';
  if (!isExtended) wishForEvil(trial, dir);
  await lockQuietly(
    trial,
    dir,
    isExtended ? ['install', 'evil@1.0.0', '--package-lock-only'] : contestant.lock,
  );
  const text = readFileSync(path.join(dir, contestant.lockfile), 'utf8');
  if (!text.includes('evil')) throw new Error(`${contestant.title} has not locked evil.`);
}

/** Writes the lockfile without a gate, and leaves nothing else. */
async function lockQuietly(
  { world, contestant, way }: Trial,
  dir: string,
  args: readonly string[],
): Promise<void> {
  const folder = way.from === 'member' ? MEMBER : '';
  await world.manage(contestant, { dir }, { args, folder, env: OFF });
  for (const modules of ['node_modules', `${MEMBER}/node_modules`, '.yarn', '.pnp.cjs']) {
    rmSync(path.join(dir, modules), { recursive: true, force: true });
  }
}

function wishForEvil({ way }: Trial, dir: string): void {
  const folder = way.from === 'member' ? path.join(dir, MEMBER) : dir;
  const manifest = manifestIn(folder);
  writeManifest(folder, {
    ...manifest,
    dependencies: { ...Object(manifest['dependencies']), evil: '1.0.0' },
  });
}

/** Unpacks what is locked and runs none of its scripts, without a gate. */
async function installQuietly({ world, contestant, home }: Trial, dir: string): Promise<void> {
  const args = [...contestant.frozen, noScriptsOf(contestant)];
  await done(world.manage(contestant, { dir }, { args, home, env: OFF }));
}

function manifestIn(folder: string): Readonly<Record<string, unknown>> {
  return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
}

function writeManifest(folder: string, manifest: object): void {
  writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

function aCopyOf(dir: string): string {
  const copy = aTempDirectory('trial');
  cpSync(dir, copy, { recursive: true, verbatimSymlinks: true });
  return copy;
}

async function done(entering: Promise<Entered>): Promise<void> {
  const { code, stdout, stderr } = await entering;
  if (code !== 0) throw new Error(`A trial could not be prepared (${code}):\n${stdout}${stderr}`);
}
