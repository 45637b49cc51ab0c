/** One and the same project for every manager: all the kinds of dependency there are, resolved against loopback. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { listenOnLoopback } from '../support/loopback.ts';
import { cleanEnvironment, type RunOptions, type RunResult } from '../support/managers.ts';
import {
  type LoopbackRegistry,
  type PublishRequest,
  packTarball,
  startRegistry,
} from '../support/registry/index.ts';
import { aTempDirectory } from '../support/temp.ts';
import { type ProjectKind, WORDS } from './all-kinds-words.ts';

export type { ProjectKind } from './all-kinds-words.ts';

/** A registry, and a server of archives and git repositories. */
export type World = {
  readonly registry: LoopbackRegistry;
  /** Where the files are served, without a slash at its end. */
  readonly files: string;
  readonly close: () => Promise<void>;
};

/** The packages the project resolves to, and some it does not. */
export const PUBLISHED: readonly PublishRequest[] = [
  { name: 'tiny', version: '1.0.0', attest: {} },
  { name: 'tiny', version: '1.5.0', attest: {} },
  { name: 'tiny', version: '2.0.0' },
  {
    name: '@acme/lib',
    version: '1.2.3',
    dependencies: { tiny: '^1.0.0' },
    bin: { lib: 'cli.js' },
    files: { 'cli.js': '' },
    attest: {},
  },
  { name: 'shared', version: '1.0.0' },
  { name: 'shared', version: '1.1.0' },
  { name: 'deep', version: '1.0.0', dependencies: { tiny: '^2.0.0', shared: '^1.0.0' } },
  {
    name: 'bundler',
    version: '1.0.0',
    dependencies: { inner: '1.0.0' },
    packageJson: { bundleDependencies: ['inner'] },
    files: { 'node_modules/inner/package.json': '{"name":"inner","version":"1.0.0"}' },
  },
  { name: 'inner', version: '1.0.0' },
  {
    name: 'scripted',
    version: '1.0.0',
    scripts: { postinstall: 'exit 0' },
    bin: { scripted: 'cli.js' },
    files: { 'cli.js': '' },
  },
  { name: 'host', version: '2.0.0' },
  { name: 'host', version: '3.1.0' },
  { name: 'plugin', version: '1.0.0', packageJson: { peerDependencies: { host: '*' } } },
  { name: 'original', version: '4.0.0' },
  { name: 'original', version: '4.1.0' },
  { name: 'maybe', version: '1.0.0' },
  { name: 'plan9-only', version: '1.0.0', packageJson: { os: ['plan9'] } },
  { name: 'tester', version: '1.0.0', dependencies: { shared: '^1.0.0' } },
  { name: 'patched', version: '1.0.0', files: { 'index.js': 'module.exports = 1;\n' } },
  { name: 'cataloged', version: '1.0.0' },
  { name: 'cataloged', version: '2.0.0' },
  { name: 'wants-old', version: '1.0.0', dependencies: { old: '^1.0.0' } },
  { name: 'old', version: '1.0.0' },
  { name: 'renewed', version: '2.0.0', attest: {} },
  { name: 'hijacker', version: '1.0.0', bin: { node: 'cli.js' }, files: { 'cli.js': '' } },
  { name: 'unsigned', version: '1.0.0', sign: 'none' },
];

/** Starts both servers. */
export async function aWorldOfAllKinds(): Promise<World> {
  const served = aTempDirectory('served');
  serveRepository(served);
  writeFileSync(
    path.join(served, 'remote-7.0.0.tgz'),
    packTarball({ 'package.json': '{"name":"remote","version":"7.0.0"}' }),
  );
  const files = await listenOnLoopback((request, response) => {
    const file = path.join(served, (request.url ?? '').split('?', 1)[0] ?? '');
    response.statusCode = existsSync(file) ? 200 : 404;
    response.end(existsSync(file) ? readFileSync(file) : '');
  });
  const registry = await startRegistry();
  for (const request of PUBLISHED) registry.publish(request);
  return {
    registry,
    files: files.origin,
    close: async () => {
      await registry.close();
      await files.close();
    },
  };
}

/** The project's folder, without a lockfile. Its `.npmrc` names the registry. */
export function aProjectOfAllKinds(
  kind: ProjectKind,
  { registry, files }: Pick<World, 'registry' | 'files'>,
): string {
  const dir = path.join(aTempDirectory('all-kinds'), 'app');
  const write = (file: string, content: string | object | Buffer) => {
    const target = path.join(dir, file);
    mkdirSync(path.dirname(target), { recursive: true });
    const isText = typeof content === 'string' || Buffer.isBuffer(content);
    writeFileSync(target, isText ? content : `${JSON.stringify(content, null, 2)}\n`);
  };
  const { catalog, workspace, manifest, dependencies, settings } = WORDS[kind];
  write('.npmrc', `registry=${registry.url}\n`);
  write('../outside/package.json', { name: 'outside-lib', version: '9.0.0' });
  write('vendor/local-1.0.0.tgz', packTarball({ 'package.json': '{"name":"local","version":"1.0.0"}' }));
  write('vendor/folder/package.json', { name: 'folder', version: '1.0.0', dependencies: { tiny: '1.5.0' } });
  write('patches/patched@1.0.0.patch', PATCH);
  write('packages/core/package.json', {
    name: '@acme/core',
    version: '0.2.0',
    dependencies: { tiny: '^1.5.0', host: '^2.0.0', plugin: '1' },
  });
  write('packages/web/package.json', {
    name: '@acme/web',
    version: '0.1.0',
    dependencies: { '@acme/core': workspace, tiny: '^1.5.0', cataloged: catalog },
  });
  write('package.json', {
    name: 'acme-app',
    version: '1.0.0',
    private: true,
    dependencies: { ...ordinaryDependencies(files), cataloged: catalog, ...dependencies },
    devDependencies: { tester: '1' },
    optionalDependencies: { 'plan9-only': '1', maybe: '1' },
    ...manifest,
  });
  for (const [file, text] of Object.entries(settings)) write(file, text);
  return dir;
}

/** Resolves the project with the real manager, fetching no more than it must, and running nothing. */
export async function resolveWith(
  kind: ProjectKind,
  run: (args: readonly string[], options: RunOptions) => Promise<RunResult>,
  { dir, registry }: { readonly dir: string; readonly registry: LoopbackRegistry },
): Promise<void> {
  const { code, stdout, stderr } = await run(RESOLVE[kind], { cwd: dir, registry: registry.url });
  if (code !== 0)
    throw new Error(`${kind} ended with ${code}:\n${stdout.slice(-1000)}\n${stderr.slice(-1000)}`);
}

const PNPM = ['install', '--lockfile-only', '--ignore-scripts'];
const BERRY_INSTALL = ['install', '--mode=update-lockfile'];
const RESOLVE: { readonly [Kind in ProjectKind]: readonly string[] } = {
  npm: ['install', '--package-lock-only', '--ignore-scripts', '--allow-git=all', '--allow-remote=all'],
  pnpm8: PNPM,
  pnpm: PNPM,
  // yarn 1 knows no way to resolve alone.
  yarn1: ['install', '--ignore-scripts', '--non-interactive'],
  yarn3: BERRY_INSTALL,
  yarn4: BERRY_INSTALL,
  bun: ['install', '--lockfile-only', '--ignore-scripts'],
};

const PATCH = `diff --git a/index.js b/index.js
index 1..2 100644
--- a/index.js
+++ b/index.js
@@ -1 +1 @@
-module.exports = 1;
+module.exports = 2;
`;

function ordinaryDependencies(files: string): Readonly<Record<string, string>> {
  return {
    '@acme/lib': '^1.0.0',
    tiny: '1.0.0',
    deep: '1',
    bundler: '1',
    scripted: '1',
    plugin: '1',
    host: '^3.0.0',
    hijacker: '1',
    unsigned: '1',
    stand: 'npm:original@~4.0.0',
    patched: '1.0.0',
    'wants-old': '1.0.0',
    remote: `${files}/remote-7.0.0.tgz`,
    local: 'file:vendor/local-1.0.0.tgz',
    folder: 'file:vendor/folder',
    linked: 'link:../outside',
    'from-git': `git+${files}/from-git.git#v5.0.0`,
  };
}

/** A bare repository with one tag, for git's simplest protocol: plain files. Its commit is the same every time. */
function serveRepository(served: string): void {
  const work = aTempDirectory('git');
  writeFileSync(path.join(work, 'package.json'), '{"name":"from-git","version":"5.0.0"}\n');
  const who = { NAME: 'acme', EMAIL: 'bot@acme.example', DATE: '2026-01-01T00:00:00Z' };
  const env = {
    ...cleanEnvironment(),
    HOME: work,
    GIT_CONFIG_NOSYSTEM: '1',
    ...Object.fromEntries(
      Object.entries(who).flatMap(([what, value]) => [
        [`GIT_AUTHOR_${what}`, value],
        [`GIT_COMMITTER_${what}`, value],
      ]),
    ),
  };
  const git = (cwd: string, ...args: string[]) => execFileSync('git', args, { cwd, env });
  git(work, 'init', '--quiet', '--initial-branch=main');
  git(work, 'add', 'package.json');
  git(work, 'commit', '--quiet', '--message=Release');
  git(work, 'tag', 'v5.0.0');
  const bare = path.join(served, 'from-git.git');
  git(work, 'clone', '--quiet', '--bare', work, bare);
  git(bare, 'update-server-info');
}
