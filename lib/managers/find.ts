/** Finds the package manager of a project by absolute path, and asks which version it is. */
import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { ManagerError } from '../errors.ts';
import type { Host } from '../model/host.ts';
import { findProgram } from '../programs/index.ts';
import { tame } from '../text/sanitize.ts';
import { parseYaml } from '../text/yaml.ts';
import { environmentFor } from './environment.ts';
import { type Manager, type ManagerKind, nameOf, type Program } from './manager.ts';
import type { Project } from './project.ts';
import { askProgram } from './run.ts';

/** The manager that would install this project. Throws `ManagerError` where there is none, or one that cannot read the lockfile. */
export async function findManager(host: Host, project: Project): Promise<Manager> {
  const { name } = project;
  const found = (await vendoredYarn(host, project)) ?? (await installedProgram(host, project));
  if (found === undefined) {
    throw new ManagerError(
      'MANAGER_MISSING',
      `There is no ${name} on PATH, the folders of the project left aside.`,
      {
        hint:
          name === 'npm' ? 'Install Node.js with npm.' : `Install ${name} for the user, or enable corepack.`,
      },
    );
  }
  const version =
    corepackVersion(found, project) ??
    (await packagedVersion(found, name)) ??
    (await versionOf(host, project, found.program));
  const kind = kindOf(project, version);
  return { kind, name: nameOf(kind), version, program: found.program };
}

type Found = { readonly program: Program; readonly real: string };

/** On PATH; beside the running node when PATH has none. npm's own variables are not asked: another manager may have set them. */
async function installedProgram(host: Host, { root, name }: Project): Promise<Found | undefined> {
  const windows = host.platform === 'win32';
  const found = await findProgram(host, {
    names: windows ? [`${name}.exe`, `${name}.cmd`] : [name],
    dir: root,
    installed: 'anywhere',
    otherwise: [path.dirname(host.execPath)],
  });
  if (found === undefined) return undefined;
  if (!found.file.endsWith('.cmd')) return { program: { file: found.file, first: [] }, real: found.real };
  return windowsScript(host, { folder: path.dirname(found.file), name });
}

/** A `.cmd` file only starts a script, by a shell that would read our arguments: the script is started without it. */
async function windowsScript(
  host: Host,
  { folder, name }: { readonly folder: string; readonly name: string },
): Promise<Found | undefined> {
  const modules = path.join(folder, 'node_modules');
  const scripts = [
    ...['npm-cli.js', 'pnpm.cjs', 'pnpm.mjs', 'yarn.js'].map((file) => path.join(modules, name, 'bin', file)),
    path.join(modules, 'corepack', 'dist', `${name}.js`),
  ];
  for (const script of scripts) {
    const real = await realpath(script).catch(() => undefined);
    if (real !== undefined) return { program: { file: host.execPath, first: [real] }, real };
  }
  return undefined;
}

/**
 * The yarn a project carries with it and names in `.yarnrc.yml`: a file of the project's own, committed and reviewed as such. One that
 * lies in `node_modules`, or outside the project, is somebody else's, and so is a plugin that does.
 */
async function vendoredYarn(host: Host, { root, name, yarn }: Project): Promise<Found | undefined> {
  if (name !== 'yarn' || yarn === 'classic') return undefined;
  const text = await readFile(path.join(root, '.yarnrc.yml'), 'utf8').catch(absentOrThrow);
  if (text === undefined) return undefined;
  const { yarnPath, plugins } = filesNamedIn(text);
  for (const plugin of plugins) await ownFile(root, plugin, 'A plugin');
  if (yarnPath === undefined) return undefined;
  const real = await ownFile(root, yarnPath, 'yarnPath');
  return { program: { file: await nodeFor(host, root), first: [real] }, real };
}

/** Where a file of the project's own really lies. Throws `ManagerError` for one that is none. */
async function ownFile(root: string, named: string, what: string): Promise<string> {
  const [ground, real] = await Promise.all([
    realpath(root),
    realpath(path.resolve(root, named)).catch(absentOrThrow),
  ]);
  const way = real === undefined ? '..' : path.relative(ground, real);
  const isOwn =
    !way.startsWith('..') && !path.isAbsolute(way) && !way.split(path.sep).includes('node_modules');
  if (real !== undefined && isOwn) return real;
  const message = `${what} in .yarnrc.yml is ${tame(named, 200)}, which is no file of this project's own.`;
  throw new ManagerError('MANAGER_MISSING', message, {
    hint:
      what === 'yarnPath'
        ? 'Run yarn set version, or remove yarnPath.'
        : 'Keep it in .yarn/plugins, or remove it.',
  });
}

/** yarn writes a plugin as its path, or as a mapping that holds it. */
function filesNamedIn(text: string): { readonly yarnPath?: string; readonly plugins: readonly string[] } {
  const { value } = parseYaml(text, '.yarnrc.yml');
  const { yarnPath, plugins } = Object(value);
  const paths = [plugins ?? []]
    .flat()
    .map((plugin) => (typeof plugin === 'string' ? plugin : Object(plugin).path));
  return {
    ...(typeof yarnPath === 'string' ? { yarnPath } : {}),
    plugins: paths.filter((plugin) => typeof plugin === 'string'),
  };
}

async function nodeFor(host: Host, root: string): Promise<string> {
  const names = [host.platform === 'win32' ? 'node.exe' : 'node'];
  return (await findProgram(host, { names, dir: root, installed: 'anywhere' }))?.file ?? host.execPath;
}

/** corepack runs the version a project names, and would answer for another where it is asked outside one. */
function corepackVersion({ real }: Found, { wanted }: Project): string | undefined {
  return real.split(/[\\/]/).slice(-3, -1).join('/') === 'corepack/dist' ? wanted : undefined;
}

/** The version of a manager that lies as it was installed, in a package of its name: to ask it takes as long as a tenth of a judgement. */
async function packagedVersion({ real }: Found, name: Project['name']): Promise<string | undefined> {
  const bin = path.dirname(real);
  const home = path.dirname(bin);
  const isPackaged =
    path.basename(bin) === 'bin' &&
    path.basename(home) === name &&
    path.basename(path.dirname(home)) === 'node_modules';
  if (!isPackaged) return undefined;
  const text = await readFile(path.join(home, 'package.json'), 'utf8').catch(absentOrThrow);
  const { name: packaged, version } = parseManifest(text);
  return packaged === name && typeof version === 'string' && VERSION.test(version) ? version : undefined;
}

const VERSION = /^\d+\.\d+\.\d+[\w.+-]{0,60}$/;

/** What cannot be read is asked of the manager itself. */
function parseManifest(text = '{}'): { readonly name?: unknown; readonly version?: unknown } {
  try {
    return Object(JSON.parse(text));
  } catch (cause) {
    if (cause instanceof SyntaxError) return {};
    throw cause;
  }
}

async function versionOf(host: Host, { root, name }: Project, program: Program): Promise<string> {
  // Asked beside the program: in the project, or in a folder anybody may write to, settings there could have another one answer.
  const cwd = path.dirname(program.first[0] ?? program.file);
  const env = await environmentFor(host, { root, name, reach: 'outside the project' });
  const answer = await askProgram(program, { args: ['--version'], cwd, env });
  const [, version] = /^v?(\d+\.\d+\.\d+[\w.+-]{0,60})\s*$/m.exec(answer) ?? [];
  if (version !== undefined) return version;
  throw new ManagerError(
    'MANAGER_VERSION',
    `${tame(program.file, 200)} --version tells no version of ${name}.`,
  );
}

function kindOf({ name, yarn }: Project, version: string): ManagerKind {
  if (name !== 'yarn') return name;
  const found = /^[01]\./.test(version) ? 'classic' : 'berry';
  if (yarn === undefined || yarn === found) return `yarn-${found}`;
  throw new ManagerError(
    'MANAGER_VERSION',
    `This project is of yarn ${yarn === 'classic' ? '1' : '2 or later'}, and the yarn on PATH is ${version}.`,
    { hint: 'Enable corepack, or install the yarn that package.json or yarnPath names.' },
  );
}

function absentOrThrow(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
