/** A project as npm, pnpm, yarn 1 and bun each install it, to be altered and compared with its tarballs. */
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import path from 'node:path';
import { main } from '../../lib/cli/main.ts';
import type { Installed } from '../../lib/model/installed.ts';
import { aHost } from '../support/host.ts';
import { bun, npmOf, pnpmOf, type RunOptions, type RunResult, yarn1 } from '../support/managers.ts';
import { aProject, type Project } from '../support/project.ts';
import { type LoopbackRegistry, startRegistry } from '../support/registry/index.ts';
import { aTempDirectory } from '../support/temp.ts';

/** What came of a comparison. */
export type Compared = Installed & { readonly code: number; readonly err: string };

/** Changes a copy; `good` in front of a path is that package's one folder in any layout. */
export type Alter = (file: (relative: string) => string) => void;

/** The registry, and what the managers installed from it: `good`, two versions of `inner`, `scripted`, and the workspace `own`. */
export type World = {
  readonly registry: LoopbackRegistry;
  readonly installed: (name: string) => Project;
  /** Compares a copy of what that manager installed. */
  readonly compare: (name: string, alter?: Alter) => Promise<Compared>;
  readonly close: () => Promise<void>;
};

/** The managers, as {@link World} names them. */
export const MANAGERS = ['npm', 'pnpm', 'yarn 1', 'bun'] as const;

/** Installs the project with each manager. */
export async function aWorld(): Promise<World> {
  const registry = await startRegistry();
  publishAll(registry);
  const projects = new Map<string, Project>();
  for (const manager of await managers()) projects.set(manager.name, await install(manager, registry.url));
  const installed = (name: string): Project => projects.get(name) ?? assert.fail(name);
  return {
    registry,
    installed,
    async compare(name, alter = () => undefined) {
      const dir = aTempDirectory('copy');
      cpSync(installed(name).dir, dir, { recursive: true, verbatimSymlinks: true });
      const good = name === 'pnpm' ? 'node_modules/.pnpm/good@1.0.0/node_modules/good' : 'node_modules/good';
      alter((relative) => path.join(dir, relative.replace(/^good(?=\/|$)/, good)));
      const home = aTempDirectory('home');
      const host = aHost({ cwd: dir, env: { HOME: home, npm_config_cache: path.join(home, 'cache') } });
      const code = await main(['verify', '--installed', '--format', 'json'], host);
      const { installed: found } = JSON.parse(host.stdout());
      const { compared, findings = [], unseen = [] }: Partial<Installed> = found ?? {};
      return { code, err: host.stderr(), compared: compared ?? 0, findings, unseen };
    },
    close: () => registry.close(),
  };
}

function publishAll(registry: LoopbackRegistry): void {
  registry.publish({
    name: 'good',
    version: '1.0.0',
    dependencies: { inner: '1.0.0' },
    files: FILES,
    bin: { good: 'cli.js' },
  });
  registry.publish({ name: 'inner', version: '1.0.0', files: { 'index.js': 'inner' } });
  registry.publish({ name: 'inner', version: '2.0.0', files: { 'index.js': 'outer' } });
  registry.publish({
    name: 'scripted',
    version: '1.0.0',
    scripts: { install: 'node write.js' },
    files: SCRIPTED,
  });
}

/** A command with a Windows line end, which npm mends; files npm renames; a folder. */
const FILES = {
  'index.js': 'good',
  'cli.js': '#!/usr/bin/env node\r\nconsole.log(1);\r\n',
  'lib/a.js': 'a',
  '.gitignore': 'x\n',
  'README.md': '',
};
const SCRIPTED = { 'write.js': "require('node:fs').writeFileSync('written.txt', 'x');" };

type Manager = {
  readonly name: (typeof MANAGERS)[number];
  readonly run: (args: readonly string[], options: RunOptions) => Promise<RunResult>;
};

async function managers(): Promise<readonly Manager[]> {
  const [npm, pnpm, yarn, bunIt] = await Promise.all([npmOf(12), pnpmOf(11), yarn1(), bun()]);
  return [
    { name: 'npm', run: npm.run },
    { name: 'pnpm', run: pnpm.run },
    { name: 'yarn 1', run: yarn.run },
    { name: 'bun', run: bunIt.run },
  ];
}

const PNPM_WORKSPACE = 'packages: [own]\nminimumReleaseAge: 0\nallowBuilds:\n  scripted: true\n';

async function install({ name, run }: Manager, registry: string): Promise<Project> {
  const own = name === 'npm' || name === 'yarn 1' ? {} : { own: 'workspace:*' };
  const project = aProject({
    packageJson: {
      dependencies: { good: '1.0.0', inner: '2.0.0', scripted: '1.0.0', ...own },
      private: true,
      workspaces: ['own'],
      ...{ allowScripts: { scripted: true }, trustedDependencies: ['scripted'] },
    },
    npmrc: [`registry=${registry}`],
    files: {
      '.npmsignrc': 'extends: observe\n',
      'own/package.json': '{"name":"own","version":"1.0.0"}',
      ...(name === 'pnpm' && { 'pnpm-workspace.yaml': PNPM_WORKSPACE }),
    },
  });
  const { code, stdout, stderr } = await run(['install'], { cwd: project.dir, registry });
  if (code !== 0) throw new Error(stdout + stderr);
  return project;
}
