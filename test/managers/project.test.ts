/** Tests of how a project tells which package manager it uses. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { ManagerError } from '../../lib/errors.ts';
import { environmentFor } from '../../lib/managers/environment.ts';
import { findManager } from '../../lib/managers/index.ts';
import { readProject } from '../../lib/managers/project.ts';
import { aHost } from '../support/host.ts';
import { aProject } from '../support/project.ts';
import { aTempDirectory } from '../support/temp.ts';

const posix = { skip: process.platform === 'win32' && 'shell scripts stand in for programs' };
const BERRY = '__metadata:\n  version: 8\n';

function refusal(code: string, message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ManagerError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  };
}

function placed(packageJson: object, files: Readonly<Record<string, string>> = {}, lockfile?: string) {
  const project = aProject({ packageJson: { ...packageJson }, files });
  return { root: project.dir, ...(lockfile === undefined ? {} : { lockfile: project.file(lockfile) }) };
}

describe('a project', () => {
  const cases = [
    ['of nothing but package.json uses npm', {}, {}, undefined, { name: 'npm' }],
    ['uses the manager of its lockfile', {}, { 'pnpm-lock.yaml': '' }, 'pnpm-lock.yaml', { name: 'pnpm' }],
    ['uses bun by either lockfile', {}, { 'bun.lockb': '' }, 'bun.lockb', { name: 'bun' }],
    [
      'uses what packageManager names, and the version',
      { packageManager: 'pnpm@10.1.2+sha512.abc' },
      {},
      undefined,
      { name: 'pnpm', wanted: '10.1.2' },
    ],
    ['may name a manager without a version', { packageManager: 'bun' }, {}, undefined, { name: 'bun' }],
    [
      'uses what devEngines names',
      { devEngines: { packageManager: { name: 'bun', version: '^1' } } },
      {},
      undefined,
      { name: 'bun' },
    ],
    [
      'uses of several in devEngines that of its lockfile',
      { devEngines: { packageManager: [{ name: 'npm' }, { name: 'pnpm' }] } },
      { 'pnpm-lock.yaml': '' },
      'pnpm-lock.yaml',
      { name: 'pnpm' },
    ],
    [
      'uses yarn 1 by its lockfile',
      { packageManager: 'yarn@4.0.0' },
      { 'yarn.lock': '# yarn lockfile v1\n' },
      'yarn.lock',
      { name: 'yarn', wanted: '4.0.0', yarn: 'classic' },
    ],
    [
      'uses yarn 2 or later by its lockfile',
      {},
      { 'yarn.lock': BERRY },
      'yarn.lock',
      { name: 'yarn', yarn: 'berry' },
    ],
    [
      'uses yarn 2 or later by the version it names',
      { packageManager: 'yarn@4.0.0' },
      {},
      undefined,
      { name: 'yarn', wanted: '4.0.0', yarn: 'berry' },
    ],
    [
      'uses yarn 1 by the version it names',
      { packageManager: 'yarn@1.22.22' },
      {},
      undefined,
      { name: 'yarn', wanted: '1.22.22', yarn: 'classic' },
    ],
  ] as const;
  for (const [name, packageJson, files, lockfile, expected] of cases) {
    it(name, async () => {
      const place = placed(packageJson, files, lockfile);
      assert.deepEqual(await readProject(place), { ...place, ...expected });
    });
  }

  it('that names one manager and is locked by another is refused', async () => {
    const place = placed(
      { packageManager: 'pnpm@10.0.0' },
      { 'package-lock.json': '{}' },
      'package-lock.json',
    );
    await assert.rejects(
      readProject(place),
      refusal('MANAGER_CONFLICT', /names pnpm .* lockfile is package-lock/),
    );
  });

  it('of a manager nobody here knows is refused', async () => {
    await assert.rejects(
      readProject(placed({ packageManager: 'vlt@1.0.0' })),
      refusal('MANAGER_UNKNOWN', /vlt/),
    );
  });

  it('with a package.json that is no JSON is refused', async () => {
    const place = placed({}, { 'package.json': '{' });
    await assert.rejects(readProject(place), refusal('MANAGER_UNKNOWN', /not JSON/));
  });
});

/** A folder with programs that answer `--version`. */
function aBin(versions: Readonly<Record<string, string>>, dir = aTempDirectory('bin')): string {
  mkdirSync(dir, { recursive: true });
  for (const [name, version] of Object.entries(versions)) {
    writeFileSync(path.join(dir, name), `#!/bin/sh\necho ${version}\n`);
    chmodSync(path.join(dir, name), 0o755);
  }
  return dir;
}

describe('the manager of a project', posix, () => {
  // Nothing lies beside this node: only PATH is searched.
  const hostWith = (cwd: string, ...folders: readonly string[]) =>
    aHost({
      cwd,
      env: { PATH: folders.join(path.delimiter) },
      execPath: path.join(aTempDirectory('node'), 'node'),
    });

  it('is found on PATH, with its version', async () => {
    const place = placed({}, { 'pnpm-lock.yaml': '' }, 'pnpm-lock.yaml');
    const bin = aBin({ pnpm: '10.1.2' });
    assert.deepEqual(await findManager(hostWith(place.root, bin), place), {
      kind: 'pnpm',
      name: 'pnpm',
      version: '10.1.2',
      program: { file: path.join(bin, 'pnpm'), first: [] },
    });
  });

  it('is never one of the project, not by a link either', async () => {
    const place = placed({});
    const inside = aBin({ npm: '11.0.0' }, path.join(place.root, 'tools'));
    const link = path.join(aTempDirectory('link'), 'bin');
    symlinkSync(inside, link);
    const modules = aBin({ npm: '11.0.0' }, path.join(aTempDirectory('other'), 'node_modules/.bin'));
    await assert.rejects(
      findManager(hostWith(place.root, inside, link, modules), place),
      refusal('MANAGER_MISSING', /There is no npm on PATH, the folders of the project left aside/),
    );
    const outside = aBin({ npm: '10.0.0' });
    const { version } = await findManager(hostWith(place.root, inside, link, modules, outside), place);
    assert.equal(version, '10.0.0');
  });

  it('is one that writes the lockfile there is', async () => {
    const place = placed({}, { 'yarn.lock': BERRY }, 'yarn.lock');
    assert.equal(
      (await findManager(hostWith(place.root, aBin({ yarn: '4.1.0' })), place)).kind,
      'yarn-berry',
    );
    await assert.rejects(
      findManager(hostWith(place.root, aBin({ yarn: '1.22.22' })), place),
      refusal('MANAGER_VERSION', /of yarn 2 or later, and the yarn on PATH is 1\.22\.22/),
    );
  });

  it('is not asked for the version that stands in its own package, and is where there is none', async () => {
    const place = placed({});
    const cases = [
      ['npm/bin/npm-cli.js', { name: 'npm', version: '11.1.0' }, '11.1.0'],
      ['npm/bin/npm-cli.js', { name: 'other', version: '11.1.0' }, '10.0.0'],
      ['npm/bin/npm-cli.js', { name: 'npm', version: '11.1' }, '10.0.0'],
      ['npm/bin/npm-cli.js', '{', '10.0.0'],
      ['other/bin/npm-cli.js', { name: 'npm', version: '11.1.0' }, '10.0.0'],
      ['npm/lib/npm-cli.js', { name: 'npm', version: '11.1.0' }, '10.0.0'],
    ] as const;
    for (const [script, manifest, expected] of cases) {
      const modules = path.join(aTempDirectory('installed'), 'node_modules');
      const file = path.join(modules, script);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, '#!/bin/sh\necho 10.0.0\n');
      chmodSync(file, 0o755);
      const text = typeof manifest === 'string' ? manifest : JSON.stringify(manifest);
      writeFileSync(path.join(path.dirname(path.dirname(file)), 'package.json'), text);
      const bin = aTempDirectory('bin');
      symlinkSync(file, path.join(bin, 'npm'));
      assert.equal((await findManager(hostWith(place.root, bin), place)).version, expected, script);
    }
  });

  it('is one that tells its version', async () => {
    const place = placed({});
    await assert.rejects(
      findManager(hostWith(place.root, aBin({ npm: 'hello' })), place),
      refusal('MANAGER_VERSION', /tells no version of npm/),
    );
  });

  it('is the yarn a project carries with it, unless that lies in node_modules or elsewhere', async () => {
    const release = 'console.log("4.9.0");';
    const yarnOf = async (yarnPath: string) => {
      const place = placed(
        {},
        {
          'yarn.lock': BERRY,
          '.yarnrc.yml': `yarnPath: ${yarnPath}\n`,
          '.yarn/releases/yarn.cjs': release,
          'node_modules/evil/yarn.cjs': release,
        },
        'yarn.lock',
      );
      const host = aHost({ cwd: place.root, env: { PATH: '' } });
      return { place, manager: await findManager(host, place) };
    };
    const { place, manager } = await yarnOf('.yarn/releases/yarn.cjs');
    assert.equal(manager.version, '4.9.0');
    assert.deepEqual(manager.program, {
      file: process.execPath,
      first: [path.join(place.root, '.yarn/releases/yarn.cjs')],
    });
    for (const elsewhere of ['node_modules/evil/yarn.cjs', '../yarn.cjs', '/tmp/yarn.cjs', 'missing.cjs']) {
      await assert.rejects(yarnOf(elsewhere), refusal('MANAGER_MISSING', /no file of this project's own/));
    }
  });
});

describe('the environment of a manager', () => {
  it('has no folder of the project in front of the others, and none of node_modules', async () => {
    const { root } = placed({});
    const outside = aTempDirectory('bin');
    const inside = path.join(root, 'tools');
    const folders = [path.join(root, 'node_modules/.bin'), inside, '.', '', outside];
    const host = aHost({ cwd: root, env: { Path: folders.join(path.delimiter), KEPT: '1' } });
    const node = path.dirname(process.execPath);
    for (const [reach, expected] of [
      ['outside the project', [outside, node]],
      ['the project last', [outside, inside, node]],
    ] as const) {
      const { PATH, KEPT, Path } = await environmentFor(host, { root, name: 'npm', reach });
      assert.deepEqual([PATH?.split(path.delimiter), KEPT, Path], [expected, '1', undefined]);
    }
  });
});
