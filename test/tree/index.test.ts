/** The lockfile that is read is the one npm would obey; where that cannot be known, nothing is read. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
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

  for (const [foreign, manager] of [
    ['pnpm-lock.yaml', 'pnpm'],
    ['yarn.lock', 'yarn'],
    ['bun.lock', 'bun'],
    ['bun.lockb', 'bun'],
  ] as const) {
    it(`is refused by name when it is ${foreign}, and ambiguous beside npm's`, async () => {
      await assert.rejects(
        lockfileOf({ [foreign]: '' }),
        treeError('LOCKFILE_VERSION', new RegExp(`lockfile of ${manager}`)),
      );
      await assert.rejects(
        lockfileOf({ [foreign]: '', 'package-lock.json': LOCKFILE }),
        treeError('LOCKFILE_AMBIGUOUS', new RegExp(`package-lock.json, ${foreign.replace('.', '\\.')}`)),
      );
    });
  }

  it('is missing, with the command that writes one', async () => {
    await assert.rejects(lockfileOf({ 'package.json': {} }), (error) => {
      assert.match(
        error instanceof Error && 'hint' in error ? String(error.hint) : '',
        /npm install --package-lock-only --ignore-scripts/,
      );
      return treeError('LOCKFILE_MISSING', /has no lockfile/)(error);
    });
  });

  it('is not a folder of that name', async () => {
    await assert.rejects(
      lockfileOf({ 'package-lock.json/x': '' }),
      treeError('LOCKFILE_MISSING', /has no lockfile/),
    );
  });

  it('has to be UTF-8', async () => {
    const broken = Buffer.concat([Buffer.from(LOCKFILE.slice(0, -1)), Buffer.from([0xff]), Buffer.from('}')]);
    await assert.rejects(
      lockfileOf({ 'package-lock.json': broken }),
      treeError('LOCKFILE_MALFORMED', /UTF-8/),
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

describe('a lockfile named by the user', () => {
  it('is read from where it is', async () => {
    const tree = await readTree(aHost({ cwd: aProject({ 'locks/a.json': LOCKFILE }) }), 'locks/a.json');
    assert.deepEqual([tree.lockfile, tree.packages.length], [{ path: 'locks/a.json', format: 'npm' }, 1]);
    assert.deepEqual(tree.packages[0]?.chain, ['project', 'lib']);
  });

  it('is refused when it is not there, no file, or of another manager', async () => {
    const host = aHost({ cwd: aProject({ 'yarn.lock': '', 'x/y': '' }) });
    await assert.rejects(readTree(host, 'no.json'), treeError('LOCKFILE_MISSING', /no lockfile at no\.json/));
    await assert.rejects(readTree(host, 'x'), treeError('LOCKFILE_MALFORMED', /x is not a file/));
    await assert.rejects(readTree(host, 'yarn.lock'), treeError('LOCKFILE_VERSION', /lockfile of yarn/));
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
