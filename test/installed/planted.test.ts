/** What is planted in node_modules is found, whatever it pretends to be. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { main } from '../../lib/cli/main.ts';
import { aHost } from '../support/host.ts';
import { bun, npmOf, pnpmOf, type RunOptions, type RunResult, yarn1 } from '../support/managers.ts';
import { aProject, type Project } from '../support/project.ts';
import { type LoopbackRegistry, startRegistry } from '../support/registry/index.ts';
import { aTempDirectory } from '../support/temp.ts';

type Contestant = {
  readonly name: string;
  readonly run: (args: readonly string[], options: RunOptions) => Promise<RunResult>;
  readonly install: readonly string[];
  readonly files: Readonly<Record<string, string>>;
};

/** The one folder of `good` in any layout. */
const GOOD: Readonly<Record<string, string>> = { pnpm: 'node_modules/.pnpm/good@1.0.0/node_modules/good' };

describe('npmsign verify --installed', () => {
  let registry: LoopbackRegistry;
  const contestants = new Map<string, Contestant>();
  const installed = new Map<string, Project>();
  before(async () => {
    registry = await startRegistry();
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
    for (const contestant of await all()) {
      contestants.set(contestant.name, contestant);
      installed.set(contestant.name, await install(contestant));
    }
  });
  after(() => registry.close());

  async function install({ name, run, install: args, files }: Contestant): Promise<Project> {
    const own = name === 'npm' || name === 'yarn 1' ? {} : { own: 'workspace:*' };
    const project = aProject({
      packageJson: {
        dependencies: { good: '1.0.0', inner: '2.0.0', scripted: '1.0.0', ...own },
        private: true,
        workspaces: ['own'],
        ...{ allowScripts: { scripted: true }, trustedDependencies: ['scripted'] },
      },
      npmrc: [`registry=${registry.url}`],
      files: {
        '.npmsignrc': 'extends: observe\n',
        'own/package.json': '{"name":"own","version":"1.0.0"}',
        ...files,
      },
    });
    const { code, stdout, stderr } = await run(args, { cwd: project.dir, registry: registry.url });
    if (code !== 0) throw new Error(stdout + stderr);
    return project;
  }

  /** A copy of what a manager installed, altered, then compared. */
  async function compare(
    name: string,
    alter: (file: (relative: string) => string) => void = () => undefined,
  ) {
    const dir = aTempDirectory('copy');
    cpSync(installed.get(name)?.dir ?? assert.fail(), dir, { recursive: true, verbatimSymlinks: true });
    const good = GOOD[name] ?? 'node_modules/good';
    alter((relative) => path.join(dir, relative.replace(/^good(?=\/|$)/, good)));
    const home = aTempDirectory('home');
    const env = { HOME: home, npm_config_cache: path.join(home, 'cache') };
    const host = aHost({ cwd: dir, env });
    const code = await main(['verify', '--installed', '--format', 'json'], host);
    const { installed: found } = JSON.parse(host.stdout());
    return { code, err: host.stderr(), compared: found?.compared, findings: found?.findings ?? [] };
  }

  const evil = (folder: string, manifest: object = { name: 'good', version: '1.0.0' }): void => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
    writeFileSync(path.join(folder, 'index.js'), 'evil');
  };

  for (const name of ['npm', 'pnpm', 'yarn 1', 'bun']) {
    it(`finds a package of ${name} that was replaced by a link to another folder of the project`, async () => {
      const { code, findings } = await compare(name, (file) => {
        evil(file('node_modules/.cache/evil'));
        rmSync(file('node_modules/good'), { recursive: true });
        symlinkSync('.cache/evil', file('node_modules/good'));
      });
      assert.equal(code, 1, JSON.stringify(findings));
    });

    it(`finds a folder of ${name} in the place of its workspace`, async () => {
      const { code, findings } = await compare(name, (file) => {
        rmSync(file('node_modules/own'), { recursive: true, force: true });
        evil(file('node_modules/own'), { name: 'own', version: '1.0.0' });
      });
      assert.equal(code, 1, JSON.stringify(findings));
    });

    it(`finds a package of ${name} whose folder claims to be a workspace`, async () => {
      for (const version of ['1.0.0', '', '0.0.0', '0.0.0-use.local']) {
        const { code, findings } = await compare(name, (file) =>
          evil(file('good'), { name: 'own', version }),
        );
        assert.equal(code, 1, version + JSON.stringify(findings));
      }
    });

    it(`${name === 'pnpm' ? 'cannot tell' : 'finds'} a command of ${name} that was replaced`, async () => {
      const { code, findings } = await compare(name, (file) => {
        rmSync(file('node_modules/.bin/good'));
        writeFileSync(file('node_modules/.bin/good'), '#!/bin/sh\necho evil\n', { mode: 0o755 });
      });
      // Known limit: pnpm writes scripts of its own there.
      assert.equal(code, name === 'pnpm' ? 0 : 1, JSON.stringify(findings));
    });

    it(`${name === 'npm' ? 'finds' : 'cannot tell'} a locked package of ${name} in the folder of another name`, async () => {
      const { code, findings } = await compare(name, (file) => {
        rmSync(file('node_modules/inner'), { recursive: true });
        cpSync(file('good'), file('node_modules/inner'), { recursive: true, dereference: true });
      });
      // Known limit: under which aliases a package may lie, these lockfiles say with each dependent.
      assert.equal(code, name === 'npm' ? 1 : 0, JSON.stringify(findings));
    });

    it(`passes what ${name} itself installed`, async () => {
      const { code, findings, err } = await compare(name);
      assert.equal(code, 0, err + JSON.stringify(findings));
    });
  }

  it('finds what is planted beside the store of pnpm', async () => {
    const { code, findings } = await compare('pnpm', (file) =>
      evil(file('node_modules/.pnpm/node_modules/phantom')),
    );
    assert.equal(code, 1, JSON.stringify(findings));
  });

  it('finds what is planted beside the store of bun', async () => {
    const { code, findings } = await compare('bun', (file) =>
      evil(file('node_modules/.bun/node_modules/phantom')),
    );
    assert.equal(code, 1, JSON.stringify(findings));
  });
});

/** A command with a Windows line end, which npm mends; files npm renames; a folder. */
const FILES = {
  'index.js': 'good',
  'cli.js': '#!/usr/bin/env node\r\nconsole.log(1);\r\n',
  'lib/a.js': 'a',
  '.gitignore': 'x\n',
  'README.md': '',
};
const SCRIPTED = { 'write.js': "require('node:fs').writeFileSync('written.txt', 'x');" };

async function all(): Promise<readonly Contestant[]> {
  const [npm, pnpm, yarn, bunIt] = await Promise.all([npmOf(12), pnpmOf(11), yarn1(), bun()]);
  const workspace = 'packages: [own]\nminimumReleaseAge: 0\nallowBuilds:\n  scripted: true\n';
  return [
    { name: 'npm', run: npm.run, install: ['install'], files: {} },
    { name: 'pnpm', run: pnpm.run, install: ['install'], files: { 'pnpm-workspace.yaml': workspace } },
    { name: 'yarn 1', run: yarn.run, install: ['install'], files: {} },
    { name: 'bun', run: bunIt.run, install: ['install'], files: {} },
  ];
}
