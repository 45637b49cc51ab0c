/** What real package managers put into node_modules is what the tarballs hold, and one byte more is not. */
import assert from 'node:assert/strict';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
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

  async function install({ run, install: args, files }: Contestant): Promise<Project> {
    const project = aProject({
      packageJson: {
        dependencies: { good: '1.0.0', inner: '2.0.0', scripted: '1.0.0' },
        ...{ allowScripts: { scripted: true }, trustedDependencies: ['scripted'] },
      },
      npmrc: [`registry=${registry.url}`],
      files: { '.npmsignrc': 'extends: observe\n', ...files },
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

  for (const name of ['npm', 'pnpm', 'yarn 1', 'bun']) {
    it(`finds that ${name} wrote what the tarballs hold, and tells what a script added`, async () => {
      const { code, err, compared, findings } = await compare(name);
      assert.deepEqual([code, err, compared], [0, '', 4]);
      assert.deepEqual(
        findings.map(({ package: spec, kind, extra }: Finding) => [spec, kind, extra]),
        [['scripted@1.0.0', 'scripted', ['written.txt']]],
      );
    });

    const tampered: readonly (readonly [
      string,
      (file: (relative: string) => string) => void,
      Partial<Finding>,
    ])[] = [
      [
        'a changed byte',
        (file) => appendFileSync(file('good/index.js'), ' '),
        { kind: 'differs', changed: ['index.js'] },
      ],
      [
        'a missing file',
        (file) => unlinkSync(file('good/lib/a.js')),
        { kind: 'differs', missing: ['lib/a.js'] },
      ],
      [
        'an extra file',
        (file) => writeFileSync(file('good/lib/.b.js'), ''),
        { kind: 'differs', extra: ['lib/.b.js'] },
      ],
      [
        'a file turned into a link',
        (file) => link(file('good/index.js')),
        { kind: 'differs', changed: ['index.js'] },
      ],
    ];
    for (const [what, alter, expected] of tampered) {
      it(`finds ${what} in what ${name} installed`, async () => {
        const { code, findings } = await compare(name, alter);
        assert.equal(code, 1);
        const finding = findings.find(({ package: spec }: Finding) => spec === 'good@1.0.0');
        for (const [key, value] of Object.entries(expected)) assert.deepEqual(finding[key], value);
      });
    }

    it(`finds a package that is not in the lockfile of ${name}`, async () => {
      const { code, findings } = await compare(name, (file) => {
        mkdirSync(file('node_modules/@rogue/one'), { recursive: true });
        writeFileSync(
          file('node_modules/@rogue/one/package.json'),
          '{"name":"@rogue/one","version":"1.0.0"}',
        );
      });
      assert.equal(code, 1);
      assert.ok(
        findings.some(
          ({ folder, kind }: Finding) => folder === 'node_modules/@rogue/one' && kind === 'foreign',
        ),
      );
    });
  }

  it('finds a package put in the place of another', async () => {
    const { code, findings } = await compare('npm', (file) => {
      rmSync(file('node_modules/inner'), { recursive: true });
      cpSync(file('node_modules/good/node_modules/inner'), file('node_modules/inner'), { recursive: true });
    });
    assert.equal(code, 1);
    assert.equal(findings[0].package, 'inner@2.0.0');
  });

  it('finds a link that leads out of the project', { skip: process.platform === 'win32' }, async () => {
    const { code, findings } = await compare('npm', (file) =>
      symlinkSync(aTempDirectory('else'), file('node_modules/linked')),
    );
    assert.equal(code, 1);
    assert.match(findings[0].because, /leads out of the project/);
  });

  it('is unverified where nothing is installed', async () => {
    const { code } = await compare('npm', (file) => rmSync(file('node_modules'), { recursive: true }));
    assert.equal(code, 3);
  });

  it('is unverified where the tarball is not the one that is pinned', async () => {
    registry.misbehave({ on: ['tarball'] }, { kind: 'status', status: 404 });
    const { code, findings } = await compare('npm');
    registry.behave();
    assert.equal(code, 3);
    assert.ok(findings.every(({ kind }: Finding) => kind === 'unknown'));
  });

  it('takes tarballs from the cache of npm, but no others than the lockfile pins', async () => {
    const { dir } = installed.get('npm') ?? assert.fail();
    const home = aTempDirectory('home');
    const lock = JSON.parse(readFileSync(path.join(dir, 'package-lock.json'), 'utf8'));
    for (const { integrity, resolved } of Object.values<Record<string, string>>(lock.packages)) {
      if (integrity === undefined || resolved === undefined) continue;
      const hex = Buffer.from(integrity.slice(7), 'base64').toString('hex');
      const folder = path.join(home, 'cache/_cacache/content-v2/sha512', hex.slice(0, 2), hex.slice(2, 4));
      mkdirSync(folder, { recursive: true });
      const bytes = Buffer.from(await (await fetch(resolved)).arrayBuffer());
      writeFileSync(path.join(folder, hex.slice(4)), resolved.includes('inner-2') ? 'poisoned' : bytes);
    }
    registry.forgetRequests();
    const host = aHost({ cwd: dir, env: { HOME: home, npm_config_cache: path.join(home, 'cache') } });
    assert.equal(await main(['verify', '--installed'], host), 0, host.stdout());
    const asked = registry.requests.flatMap(({ route }) => (route.kind === 'tarball' ? [route.name] : []));
    assert.deepEqual(asked, ['inner']);
  });
});

type Finding = {
  readonly folder: string;
  readonly package?: string;
  readonly kind: string;
  readonly changed: readonly string[];
  readonly missing: readonly string[];
  readonly extra: readonly string[];
};

/** A command with a Windows line end, which npm mends; files npm renames; a folder. */
const FILES = {
  'index.js': 'good',
  'cli.js': '#!/usr/bin/env node\r\nconsole.log(1);\r\n',
  'lib/a.js': 'a',
  '.gitignore': 'x\n',
  'README.md': '',
};
const SCRIPTED = { 'write.js': "require('node:fs').writeFileSync('written.txt', 'x');" };

function link(file: string): void {
  const text = readFileSync(file);
  unlinkSync(file);
  writeFileSync(`${file}.real`, text);
  symlinkSync(`${path.basename(file)}.real`, file);
}

async function all(): Promise<readonly Contestant[]> {
  const [npm, pnpm, yarn, bunIt] = await Promise.all([npmOf(12), pnpmOf(11), yarn1(), bun()]);
  const workspace = 'minimumReleaseAge: 0\nallowBuilds:\n  scripted: true\n';
  return [
    { name: 'npm', run: npm.run, install: ['install'], files: {} },
    { name: 'pnpm', run: pnpm.run, install: ['install'], files: { 'pnpm-workspace.yaml': workspace } },
    { name: 'yarn 1', run: yarn.run, install: ['install'], files: {} },
    { name: 'bun', run: bunIt.run, install: ['install'], files: {} },
  ];
}
