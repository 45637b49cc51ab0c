/** The lockfile that is read is the one npm would obey; where that cannot be known, nothing is read. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { readTree } from '../../lib/tree/index.ts';
import { aHost } from '../support/host.ts';
import { aTempDirectory } from '../support/temp.ts';
import { anEntry, lockfileText, treeError } from './lockfile.ts';

const LOCKFILE = lockfileText({ 'node_modules/lib': anEntry('lib') });
const OTHER = lockfileText({ 'node_modules/lib': anEntry('lib', { version: '1.0.1' }) });

type Files = Readonly<Record<string, string | Uint8Array | object>>;

function aProject(files: Files): string {
  const dir = aTempDirectory('tree');
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(dir, name);
    mkdirSync(path.dirname(file), { recursive: true });
    const isText = typeof content === 'string' || content instanceof Uint8Array;
    writeFileSync(file, isText ? content : JSON.stringify(content));
  }
  return dir;
}

async function lockfileOf(
  files: Files,
  from = '.',
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const tree = await readTree(aHost({ cwd: path.join(aProject(files), from), env }));
  return tree.lockfile.path;
}

describe('the lockfile of a project', () => {
  it('is package-lock.json', async () => {
    assert.equal(await lockfileOf({ 'package-lock.json': LOCKFILE }), 'package-lock.json');
  });

  it('is npm-shrinkwrap.json, also beside a package-lock.json that says the same', async () => {
    assert.equal(await lockfileOf({ 'npm-shrinkwrap.json': LOCKFILE }), 'npm-shrinkwrap.json');
    assert.equal(
      await lockfileOf({ 'npm-shrinkwrap.json': LOCKFILE, 'package-lock.json': LOCKFILE }),
      'npm-shrinkwrap.json',
    );
  });

  it('is unknown when the two differ: npm 11 obeys one, npm 12 the other', async () => {
    const wanted = treeError('LOCKFILE_AMBIGUOUS', /npm-shrinkwrap\.json, package-lock\.json/);
    await assert.rejects(lockfileOf({ 'npm-shrinkwrap.json': OTHER, 'package-lock.json': LOCKFILE }), wanted);
    await assert.rejects(lockfileOf({ 'npm-shrinkwrap.json': '', 'package-lock.json': LOCKFILE }), wanted);
  });

  it('is missing for npm 12 when there is only a shrinkwrap, which npm 12 does not read', async () => {
    const agent = (version: string) => ({ npm_config_user_agent: `npm/${version} node/v24.0.0 linux x64` });
    assert.equal(
      await lockfileOf({ 'npm-shrinkwrap.json': LOCKFILE }, '.', agent('11.19.1')),
      'npm-shrinkwrap.json',
    );
    await assert.rejects(
      lockfileOf({ 'npm-shrinkwrap.json': LOCKFILE }, '.', agent('12.2.0')),
      treeError('LOCKFILE_MISSING', /npm 12 does not read npm-shrinkwrap\.json/),
    );
  });

  const foreign = [
    ['pnpm-lock.yaml', "lockfileVersion: '9.0'\n", 'pnpm'],
    ['yarn.lock', '# yarn lockfile v1\n', 'yarn-classic'],
    ['yarn.lock', '__metadata:\n  version: 8\n', 'yarn-berry'],
    ['bun.lock', '{ "lockfileVersion": 1, "workspaces": {}, "packages": {}, }', 'bun'],
  ] as const;
  for (const [name, text, format] of foreign) {
    it(`is ${name}, read as ${format}, and ambiguous beside another manager's`, async () => {
      const tree = await readTree(aHost({ cwd: aProject({ [name]: text }) }));
      assert.deepEqual(tree.lockfile, { path: name, format });
      for (const other of ['package-lock.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock'])
        if (other !== name)
          await assert.rejects(
            lockfileOf({ [name]: text, [other]: '' }),
            treeError('LOCKFILE_AMBIGUOUS', /more than one lockfile: [\w-]+\.\w+, [\w-]+\.\w+\./),
          );
    });
  }

  it('is not bun.lockb: the command that makes text of it is named', async () => {
    const isRefused = (error: unknown) => {
      assert.match(
        error instanceof Error && 'hint' in error ? String(error.hint) : '',
        /bun install --save-text-lockfile/,
      );
      return treeError('LOCKFILE_VERSION', /bun\.lockb is bun's binary lockfile/)(error);
    };
    await assert.rejects(lockfileOf({ 'bun.lockb': Uint8Array.of(0xff, 0xfe) }), isRefused);
    await assert.rejects(
      lockfileOf({ 'bun.lockb': '', 'bun.lock': '' }),
      treeError('LOCKFILE_AMBIGUOUS', /bun\.lock, bun\.lockb/),
    );
  });

  it('is unknown beside a lockfile pnpm keeps for one branch', async () => {
    const text = foreign[0][1];
    assert.equal(await lockfileOf({ 'pnpm-lock.yaml': text }), 'pnpm-lock.yaml');
    await assert.rejects(
      lockfileOf({ 'pnpm-lock.yaml': text, 'pnpm-lock.feature.yaml': text }),
      treeError('LOCKFILE_AMBIGUOUS', /pnpm-lock\.yaml, pnpm-lock\.feature\.yaml/),
    );
  });

  it('is not chosen by packageManager, which only says what to delete', async () => {
    const files = { 'package-lock.json': LOCKFILE, 'pnpm-lock.yaml': foreign[0][1] };
    const hints = [
      ['pnpm@12.21.0', /package\.json names pnpm: delete package-lock\.json/],
      ['npm@12.2.0', /package\.json names npm: delete pnpm-lock\.yaml/],
      ['yarn@4.0.0', /Delete those this project does not use/],
      ['evil', /Delete those this project does not use/],
    ] as const;
    for (const [packageManager, hint] of hints) {
      await assert.rejects(lockfileOf({ ...files, 'package.json': { packageManager } }), (error) => {
        assert.match(error instanceof Error && 'hint' in error ? String(error.hint) : '', hint);
        return treeError('LOCKFILE_AMBIGUOUS', /package-lock\.json, pnpm-lock\.yaml/)(error);
      });
    }
  });

  it('is missing, with the command that writes one', async () => {
    await assert.rejects(lockfileOf({ 'package.json': {} }), (error) => {
      assert.match(
        error instanceof Error && 'hint' in error ? String(error.hint) : '',
        /npm install --package-lock-only --ignore-scripts/,
      );
      return treeError('LOCKFILE_MISSING', /has no lockfile/)(error);
    });
  });

  for (const [files, command] of [
    [{ 'package.json': { packageManager: 'pnpm@12.21.0' } }, 'pnpm install --lockfile-only'],
    [{ 'package.json': {}, 'pnpm-workspace.yaml': '' }, 'pnpm install --lockfile-only'],
    [{ 'package.json': {}, '.yarnrc.yml': '' }, 'yarn install --mode=update-lockfile (with yarn 1, '],
    [{ 'package.json': { packageManager: 'bun@1.4.5' } }, 'bun install --lockfile-only'],
  ] as const) {
    it(`is missing, with the command of the manager that ${Object.keys(files).at(-1)} speaks of: ${command}`, async () => {
      await assert.rejects(lockfileOf(files), (error) => {
        assert.ok(error instanceof Error && 'hint' in error);
        assert.ok(String(error.hint).startsWith(`Run ${command}`), String(error.hint));
        return treeError('LOCKFILE_MISSING', /has no lockfile/)(error);
      });
    });
  }

  it('is not a folder of that name', async () => {
    await assert.rejects(
      lockfileOf({ 'package.json': {}, 'package-lock.json/x': '' }),
      treeError('LOCKFILE_MISSING', /has no lockfile/),
    );
  });

  it('has to be readable: why it is not is told', {
    skip: process.getuid === undefined || process.getuid() === 0 ? 'whoever runs this reads all' : false,
  }, async () => {
    const cwd = aProject({ 'package-lock.json': LOCKFILE });
    chmodSync(path.join(cwd, 'package-lock.json'), 0);
    const refused = treeError('LOCKFILE_MALFORMED', /package-lock\.json cannot be read \(EACCES\)/);
    await assert.rejects(readTree(aHost({ cwd })), refused);
  });

  it('has to be UTF-8', async () => {
    const broken = Buffer.concat([Buffer.from(LOCKFILE.slice(0, -1)), Buffer.from([0xff]), Buffer.from('}')]);
    await assert.rejects(
      lockfileOf({ 'package-lock.json': broken }),
      treeError('LOCKFILE_MALFORMED', /UTF-8/),
    );
  });
});

describe('from a folder that is no project of its own', () => {
  const project = { 'package.json': {}, 'package-lock.json': LOCKFILE };

  it('the lockfile of the nearest project above counts, as in the managers', async () => {
    assert.equal(
      await lockfileOf({ ...project, 'src/deep/x.js': '' }, 'src/deep'),
      '../../package-lock.json',
    );
  });

  it('that is the workspace root’s where the nearest project is a workspace', async () => {
    const files = { 'packages/web/package.json': {}, 'packages/web/src/x.js': '' };
    const root = { 'package.json': { workspaces: ['packages/*'] }, 'package-lock.json': LOCKFILE };
    assert.equal(await lockfileOf({ ...root, ...files }, 'packages/web/src'), '../../../package-lock.json');
    assert.equal(
      await lockfileOf(
        {
          ...files,
          'pnpm-workspace.yaml': 'packages: [packages/*]\n',
          'pnpm-lock.yaml': "lockfileVersion: '9.0'\n",
        },
        'packages/web/src',
      ),
      '../../../pnpm-lock.yaml',
    );
  });

  it('a project nearer than the one with a lockfile has none: that one is not judged in its place', async () => {
    for (const own of ['src/package.json', 'src/node_modules/x.js'])
      await assert.rejects(
        lockfileOf({ ...project, [own]: '', 'src/deep/x.js': '' }, 'src/deep'),
        treeError(
          'LOCKFILE_MISSING',
          /[\\/]src has no lockfile\. The project in .* has one, and does not count this folder among its workspaces\./,
        ),
      );
  });

  it('a lockfile on the way that is beside no package.json is neither passed over nor read, unless it is named', async () => {
    for (const mark of ['package-lock.json', 'yarn.lock', 'pnpm-lock.feature.yaml', 'pnpm-workspace.yaml']) {
      const dir = aProject({ ...project, [`src/${mark}`]: LOCKFILE, 'src/deep/x.js': '' });
      const host = aHost({ cwd: path.join(dir, 'src/deep') });
      await assert.rejects(
        readTree(host),
        treeError('LOCKFILE_AMBIGUOUS', /^\.\.\/[\w.-]+ lies beside no package\.json, .* is in \.\.\/\.\./),
      );
      assert.equal(
        (await readTree(host, '../../package-lock.json')).lockfile.path,
        '../../package-lock.json',
      );
    }
  });

  it('a folder by the name of package.json, or a file by that of node_modules, makes no project', async () => {
    const files = { ...project, 'src/package.json/x': '', 'src/node_modules': '' };
    assert.equal(await lockfileOf(files, 'src'), '../package-lock.json');
  });

  it('there is no project, and that is said, where no folder above is one', async () => {
    await assert.rejects(
      lockfileOf({ 'src/x.js': '' }, 'src'),
      treeError(
        'LOCKFILE_MISSING',
        /no project here: neither .*src nor a folder above it has a package\.json/,
      ),
    );
  });
});

describe('from a workspace folder', () => {
  const web = { 'packages/web/package.json': { name: 'web' } };
  const both = { ...web, 'package-lock.json': LOCKFILE, 'packages/web/package-lock.json': OTHER };

  for (const workspaces of [['packages/*'], { packages: ['./packages/web/'] }, ['**', '!packages/api']]) {
    it(`the root's lockfile counts, as in npm, with workspaces ${JSON.stringify(workspaces)}`, async () => {
      assert.equal(
        await lockfileOf({ ...both, 'package.json': { workspaces } }, 'packages/web'),
        '../../package-lock.json',
      );
    });
  }

  for (const manifest of [
    {},
    { workspaces: ['apps/*'] },
    { workspaces: ['packages/*', '!packages/web'] },
    { workspaces: 'packages/*' },
  ]) {
    it(`its own lockfile counts when the root's package.json is ${JSON.stringify(manifest)}`, async () => {
      assert.equal(
        await lockfileOf({ ...both, 'package.json': manifest }, 'packages/web'),
        'package-lock.json',
      );
    });
  }

  it('its own lockfile counts when the package.json above is not JSON', async () => {
    assert.equal(await lockfileOf({ ...both, 'package.json': '{' }, 'packages/web'), 'package-lock.json');
  });

  it('the root may lack a lockfile, and then none is read', async () => {
    const files = {
      ...web,
      'packages/web/package-lock.json': LOCKFILE,
      'package.json': { workspaces: ['packages/*'] },
    };
    await assert.rejects(lockfileOf(files, 'packages/web'), treeError('LOCKFILE_MISSING', /has no lockfile/));
  });
});

describe('from a folder of a pnpm workspace', () => {
  const lockfile = "lockfileVersion: '9.0'\n";
  const root = { 'pnpm-lock.yaml': lockfile, 'packages/web/package.json': { name: 'web' } };

  it('the root’s lockfile counts, and is ambiguous beside one of the folder’s own', async () => {
    const files = { ...root, 'pnpm-workspace.yaml': 'packages:\n  - packages/*\n' };
    assert.equal(await lockfileOf(files, 'packages/web'), '../../pnpm-lock.yaml');
    for (const own of ['pnpm-lock.yaml', 'package-lock.json'])
      await assert.rejects(
        lockfileOf({ ...files, [`packages/web/${own}`]: lockfile }, 'packages/web'),
        treeError('LOCKFILE_AMBIGUOUS', /\.\.\/\.\.\/pnpm-lock\.yaml/),
      );
  });

  it('its own lockfile counts when the root does not count it in', async () => {
    for (const packages of ['[apps/*]', "['packages/*', '!packages/web']", '7'])
      assert.equal(
        await lockfileOf(
          {
            ...root,
            'pnpm-workspace.yaml': `packages: ${packages}`,
            'packages/web/pnpm-lock.yaml': lockfile,
          },
          'packages/web',
        ),
        'pnpm-lock.yaml',
      );
  });

  it('nothing is read when nobody can say what the root counts in', async () => {
    const files = { ...root, 'packages/web/pnpm-lock.yaml': lockfile };
    await assert.rejects(
      lockfileOf({ ...files, 'pnpm-workspace.yaml': 'packages: [' }, 'packages/web'),
      treeError('LOCKFILE_MALFORMED', /pnpm-workspace\.yaml cannot be read/),
    );
  });
});

describe('a lockfile named by the user', () => {
  it('is read from where it is', async () => {
    const tree = await readTree(aHost({ cwd: aProject({ 'locks/a.json': LOCKFILE }) }), 'locks/a.json');
    assert.deepEqual([tree.lockfile, tree.packages.length], [{ path: 'locks/a.json', format: 'npm' }, 1]);
    assert.deepEqual(tree.packages[0]?.chain, ['project', 'lib']);
  });

  it('is refused when it is not there, no file, or bun’s binary one', async () => {
    const host = aHost({ cwd: aProject({ 'bun.lockb': '', 'x/y': '' }) });
    await assert.rejects(readTree(host, 'no.json'), treeError('LOCKFILE_MISSING', /no lockfile at no\.json/));
    await assert.rejects(readTree(host, 'x'), treeError('LOCKFILE_MALFORMED', /x is not a file/));
    await assert.rejects(
      readTree(aHost({ cwd: aProject({ 'package.json': {} }) }), 'package.json'),
      (error) => {
        assert.ok(error instanceof Error && 'hint' in error);
        assert.equal(error.hint, 'Name the lockfile itself, such as package-lock.json.');
        return treeError('LOCKFILE_VERSION', /package\.json has no lockfileVersion/)(error);
      },
    );
    await assert.rejects(readTree(host, 'bun.lockb'), treeError('LOCKFILE_VERSION', /binary lockfile/));
  });
});

describe('the key of an entry', () => {
  const importers = (id: string) => `lockfileVersion: '9.0'\nimporters:\n  ${id}: {}\n`;
  const lib = `lockfileVersion: '9.0'\npackages:\n  lib@1.0.0:\n    resolution: {integrity: x}\n`;

  it('is its own: evidence goes by it', async () => {
    const keys = async (text: string) =>
      (await readTree(aHost({ cwd: aProject({ 'pnpm-lock.yaml': text }) }))).packages.map(({ key }) => key);
    assert.deepEqual(await keys(`---\n${importers('lib')}\n---\n${lib}`), ['lib', 'lib@1.0.0']);
    await assert.rejects(
      keys(`---\n${importers('lib@1.0.0')}\n---\n${lib}`),
      treeError('LOCKFILE_MALFORMED', /two entries would both be called "lib@1\.0\.0"/),
    );
    await assert.rejects(
      keys(`${importers('lib@1.0.0')}${lib.split('\n').slice(1).join('\n')}`),
      treeError('LOCKFILE_MALFORMED', /two entries would both be called "lib@1\.0\.0"/),
    );
  });
});

describe('package.json', () => {
  const swapped = lockfileText({ 'node_modules/lib': anEntry('other', { name: 'other' }) });

  it('decides over an alias the lockfile alone claims', async () => {
    const nameIn = async (manifest: object) => {
      const cwd = aProject({ 'package-lock.json': swapped, 'package.json': manifest });
      return (await readTree(aHost({ cwd }))).packages[0]?.id.name;
    };
    assert.equal(await nameIn({ dependencies: { lib: '^1.0.0' } }), 'lib');
    assert.equal(await nameIn({ dependencies: { lib: 'npm:other@^1.0.0' } }), 'other');
    assert.equal(
      await nameIn({ dependencies: { lib: '^1.0.0' }, overrides: { lib: 'npm:other@1' } }),
      'other',
    );
  });
});
