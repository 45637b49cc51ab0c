/** Earlier revisions are read by a git that the project cannot choose. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { UsageError } from '../../lib/errors.ts';
import { findGit } from '../../lib/git/find-git.ts';
import { readRevision } from '../../lib/git/index.ts';
import { aHost } from '../support/host.ts';
import { aTempDirectory } from '../support/temp.ts';

const PATH = process.env['PATH'] ?? '';
const HERE = path.resolve(import.meta.dirname, '../..');
const real = await findGit(aHost({ env: { PATH } }), HERE);
const needsGit = { skip: real === undefined && 'there is no git on this machine' };
const posix = { skip: process.platform === 'win32' && 'scripts stand in for programs' };

/** A repository whose first commit holds `file` with the text `one`, and the second with `two`. */
function aRepository(file = 'package-lock.json'): {
  readonly dir: string;
  readonly git: (...args: string[]) => string;
} {
  const dir = aTempDirectory('repository');
  const git = (...args: string[]): string =>
    execFileSync(
      real ?? 'git',
      ['-c', 'user.name=a', '-c', 'user.email=a@acme.example', '-c', 'commit.gpgsign=false', ...args],
      {
        cwd: dir,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
  git('init', '--quiet', '--initial-branch=main');
  for (const text of ['one', 'two']) {
    mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
    writeFileSync(path.join(dir, file), text);
    git('add', '.');
    git('commit', '--quiet', '--message', text);
  }
  return { dir, git };
}

const host = aHost({ env: { PATH } });

function refusal(message: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof UsageError, String(error));
    assert.match(error.message, message);
    return true;
  };
}

describe('readRevision', needsGit, () => {
  it('reads a file as it was, by branch, tag, commit or ancestor', async () => {
    const { dir, git } = aRepository();
    git('tag', 'v1', 'HEAD~1');
    const commit = git('rev-parse', 'HEAD~1').trim();
    for (const [revision, text] of [
      ['HEAD', 'two'],
      ['main', 'two'],
      ['HEAD~1', 'one'],
      ['v1', 'one'],
      [commit, 'one'],
    ] as const) {
      assert.deepEqual(await readRevision(host, { revision, dir, files: ['package-lock.json'] }), [text]);
    }
  });

  it('knows a file that did not exist then from one that did', async () => {
    const { dir } = aRepository();
    const files = ['package.json', 'package-lock.json'];
    assert.deepEqual(await readRevision(host, { revision: 'HEAD', dir, files }), [undefined, 'two']);
  });

  it('reads beside the lockfile, in a folder of the repository', async () => {
    const { dir } = aRepository('packages/app/package-lock.json');
    const inside = path.join(dir, 'packages/app');
    assert.deepEqual(
      await readRevision(host, { revision: 'HEAD~1', dir: inside, files: ['package-lock.json'] }),
      ['one'],
    );
    assert.deepEqual(await readRevision(host, { revision: 'HEAD~1', dir, files: ['package-lock.json'] }), [
      undefined,
    ]);
  });

  const wrong = ['nowhere', '-h', '--output=x', 'HEAD:package-lock.json', '', 'a b', '../x'];
  for (const revision of wrong) {
    it(`refuses the revision "${revision}"`, async () => {
      const { dir } = aRepository();
      await assert.rejects(
        readRevision(host, { revision, dir, files: ['package-lock.json'] }),
        refusal(/no file and no git revision/),
      );
    });
  }

  it('refuses where there is no repository, and where there is no git', async () => {
    const dir = aTempDirectory('bare');
    const request = { revision: 'HEAD', dir, files: ['x'] };
    await assert.rejects(readRevision(host, request), refusal(/no git repository/));
    await assert.rejects(readRevision(aHost({ env: { PATH: '' } }), request), refusal(/no git on PATH/));
  });

  it('refuses a link in place of the file', posix, async () => {
    const { dir, git } = aRepository();
    symlinkSync('/etc/hostname', path.join(dir, 'link.json'));
    git('add', '.');
    git('commit', '--quiet', '--message', 'link');
    await assert.rejects(
      readRevision(host, { revision: 'HEAD', dir, files: ['link.json'] }),
      refusal(/no ordinary file/),
    );
  });

  it('is not led to another repository by the environment', async () => {
    const [mine, other] = [aRepository(), aRepository()];
    other.git('commit', '--quiet', '--allow-empty', '--message', 'three');
    const led = aHost({ env: { PATH, GIT_DIR: path.join(other.dir, '.git'), GIT_WORK_TREE: other.dir } });
    const revision = other.git('rev-parse', 'HEAD').trim();
    await assert.rejects(
      readRevision(led, { revision, dir: mine.dir, files: ['package-lock.json'] }),
      refusal(/no git revision/),
    );
  });
});

describe('findGit', posix, () => {
  /** A folder with a program named git that leaves a mark. */
  function aFakeGit(dir: string): { readonly folder: string; readonly mark: string } {
    mkdirSync(dir, { recursive: true });
    const mark = path.join(aTempDirectory('mark'), 'ran');
    writeFileSync(path.join(dir, 'git'), `#!/bin/sh\necho ran > ${mark}\n`);
    chmodSync(path.join(dir, 'git'), 0o755);
    return { folder: dir, mark };
  }

  const findIn = (dir: string, ...folders: readonly string[]): Promise<string | undefined> =>
    findGit(aHost({ cwd: dir, env: { PATH: folders.join(path.delimiter) } }), dir);

  it('takes the first program outside the project', async () => {
    const outside = aFakeGit(aTempDirectory('outside')).folder;
    assert.equal(await findIn(aTempDirectory('project'), outside), path.join(outside, 'git'));
  });

  it('passes over what lies in the project, in node_modules, or behind a link into it', async () => {
    const project = aTempDirectory('project');
    const elsewhere = aTempDirectory('elsewhere');
    const inside = aFakeGit(path.join(project, 'bin')).folder;
    const modules = aFakeGit(path.join(elsewhere, 'node_modules/.bin')).folder;
    const link = path.join(elsewhere, 'link');
    symlinkSync(inside, link);
    assert.equal(await findIn(project, inside, modules, link, 'bin', '', '.'), undefined);
  });

  it('passes over the repository around the project, and what is no program', async () => {
    const repository = aTempDirectory('repository');
    mkdirSync(path.join(repository, '.git'));
    const project = path.join(repository, 'packages/app');
    mkdirSync(project, { recursive: true });
    const above = aFakeGit(path.join(repository, 'bin')).folder;
    const text = aTempDirectory('text');
    writeFileSync(path.join(text, 'git'), 'no program');
    chmodSync(path.join(text, 'git'), 0o644);
    mkdirSync(path.join(aTempDirectory('folder'), 'git'));
    assert.equal(await findIn(project, above, text), undefined);
  });

  it('runs the git of the machine and not the one of the project', needsGit, async () => {
    const { dir } = aRepository();
    const { folder, mark } = aFakeGit(path.join(dir, 'node_modules/.bin'));
    const env = { PATH: [folder, PATH].join(path.delimiter) };
    const read = await readRevision(aHost({ cwd: dir, env }), {
      revision: 'HEAD',
      dir,
      files: ['package-lock.json'],
    });
    assert.deepEqual(read, ['two']);
    assert.throws(() => readFileSync(mark));
  });
});
