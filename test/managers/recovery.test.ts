/** Tests of how a project is kept while a manager changes it, and put back. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  lstatSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { GateError, ManagerError } from '../../lib/errors.ts';
import { healProject, keepProject } from '../../lib/managers/recovery.ts';
import type { Host, OwnProcess } from '../../lib/model/host.ts';
import { aHost } from '../support/host.ts';
import { aProject, type Project } from '../support/project.ts';
import { aTempDirectory } from '../support/temp.ts';

const posix = { skip: process.platform === 'win32' && 'links and modes are of another kind there' };
const LOCK = '{ "lockfileVersion": 3 }\n';

/** A project with a workspace, and a process that may change it. */
function aKeptProject(): { project: Project; host: Host; self: OwnProcess; records: string } {
  const project = aProject({ packageJson: { workspaces: ['packages/*'] }, lockfile: LOCK });
  project.write('packages/m/package.json', { name: 'm' });
  const state = aTempDirectory('state');
  const self: OwnProcess = {
    id: 42,
    isRunning: () => false,
    onSignal: () => () => undefined,
    endBy: () => undefined,
  };
  const host = aHost({ cwd: project.dir, env: { XDG_STATE_HOME: state, LOCALAPPDATA: state }, self });
  return { project, host, self, records: path.join(state, 'npmsign', 'unfinished') };
}

/** All a manager does to it: edits, adds and removes. */
function change({ write, file }: Project): void {
  write('package.json', '{"name":"evil"}');
  write('packages/m/package.json', '{"name":"evil"}');
  write('pnpm-lock.yaml', 'evil');
  rmSync(file('package-lock.json'));
}

function assertAsBefore({ file, has }: Project): void {
  assert.match(readFileSync(file('package.json'), 'utf8'), /"name": "project"/);
  assert.match(readFileSync(file('packages/m/package.json'), 'utf8'), /"name": "m"/);
  assert.equal(readFileSync(file('package-lock.json'), 'utf8'), LOCK);
  assert.equal(has('pnpm-lock.yaml'), false);
}

function isNotRestored(error: unknown): boolean {
  return error instanceof GateError && error.code === 'PROJECT_NOT_RESTORED';
}

describe('a project that is kept', () => {
  it('is put back, whatever was edited, added or removed', async () => {
    const { project, host, records } = aKeptProject();
    const kept = await keepProject(host, project.dir);
    change(project);
    const restored = await kept.restore();
    assert.deepEqual([...restored].sort(), [
      'package-lock.json',
      'package.json',
      'packages/m/package.json',
      'pnpm-lock.yaml',
    ]);
    assertAsBefore(project);
    assert.deepEqual(readdirSync(records), []);
  });

  it('stays as it is when it is let go', async () => {
    const { project, host, records } = aKeptProject();
    const kept = await keepProject(host, project.dir);
    change(project);
    await kept.forget();
    assert.deepEqual(await healProject(host, project.dir), []);
    assert.equal(project.has('pnpm-lock.yaml'), true);
    assert.deepEqual(readdirSync(records), []);
  });

  it('keeps its links and modes', posix, async () => {
    const { project, host } = aKeptProject();
    const real = path.join(aTempDirectory('elsewhere'), 'package.json');
    writeFileSync(real, '{"name":"linked"}');
    chmodSync(real, 0o600);
    rmSync(project.file('package.json'));
    symlinkSync(real, project.file('package.json'));
    const kept = await keepProject(host, project.dir);
    writeFileSync(real, 'changed');
    assert.deepEqual(await kept.restore(), ['package.json']);
    assert.equal(readFileSync(real, 'utf8'), '{"name":"linked"}');
    assert.ok(lstatSync(project.file('package.json')).isSymbolicLink());
    assert.equal(statSync(real).mode & 0o777, 0o600);
  });

  it('is not begun where it cannot be kept', posix, async () => {
    const { project, host } = aKeptProject();
    const file = path.join(aTempDirectory('state'), 'file');
    writeFileSync(file, '');
    const nowhere = { ...host, env: { XDG_STATE_HOME: file } };
    await assert.rejects(
      keepProject(nowhere, project.dir),
      (error) => error instanceof GateError && error.code === 'PROJECT_NOT_KEPT',
    );
  });

  it('is kept where only its owner can read it', posix, async () => {
    const { project, host, records } = aKeptProject();
    await keepProject(host, project.dir);
    const [name = ''] = readdirSync(records);
    assert.equal(statSync(path.join(records, name)).mode & 0o077, 0);
    assert.equal(statSync(records).mode & 0o077, 0);
  });
});

describe('a project that a killed run left behind', () => {
  it('is put back once, and what lay there is kept', async () => {
    const { project, host, records } = aKeptProject();
    await keepProject(host, project.dir);
    change(project);
    const [notice] = await healProject(host, project.dir);
    assert.match(
      notice?.message ?? '',
      /was killed before its verdict\. .*package\.json.* are as before it; what lay/,
    );
    assertAsBefore(project);
    const [replaced = ''] = readdirSync(records);
    const { files } = JSON.parse(readFileSync(path.join(records, replaced), 'utf8'));
    const evil = Buffer.from('evil').toString('base64');
    assert.ok(files.some(([, base64]: [string, string]) => base64 === evil));
    assert.deepEqual(await healProject(host, project.dir), []);
  });

  it('is left to whoever has worked on it since that run, with what was before it set aside', async () => {
    const hour = 60 * 60;
    for (const [later, code] of [
      [hour / 2, 'PROJECT_RESTORED'],
      [2 * hour, 'PROJECT_LEFT_AS_IT_IS'],
    ] as const) {
      const { project, host, records } = aKeptProject();
      await keepProject(host, project.dir);
      change(project);
      const edited = Date.now() / 1000 + later;
      utimesSync(project.file('package.json'), edited, edited);
      const [notice, ...others] = await healProject(host, project.dir);
      assert.deepEqual([notice?.code, others], [code, []]);
      if (code === 'PROJECT_RESTORED') assertAsBefore(project);
      else {
        assert.equal(readFileSync(project.file('package.json'), 'utf8'), '{"name":"evil"}');
        assert.match(notice?.message ?? '', /package\.json was changed since: nothing is put back/);
      }
      assert.deepEqual(await healProject(host, project.dir), []);
      assert.equal(readdirSync(records).length, 1);
    }
  });

  it('is said nothing about when nothing had been changed', async () => {
    const { project, host } = aKeptProject();
    await keepProject(host, project.dir);
    assert.deepEqual(await healProject(host, project.dir), []);
  });

  it('is left alone while that run may still run', async () => {
    const { project, host, self } = aKeptProject();
    await keepProject(host, project.dir);
    const other: Host = { ...host, self: { ...self, id: 43, isRunning: (id) => id === 42 } };
    await assert.rejects(
      healProject(other, project.dir),
      (error) => error instanceof ManagerError && error.code === 'MANAGER_BUSY',
    );
    // Numbers of processes are given anew: two hours later another one has it.
    const later = new Date(host.now.getTime() + 2 * 60 * 60 * 1000);
    assert.deepEqual(await healProject({ ...other, now: later }, project.dir), []);
  });

  it('is not put back from a record that nobody here wrote', async () => {
    const { project, host, records } = aKeptProject();
    await keepProject(host, project.dir);
    const [name = ''] = readdirSync(records);
    const file = path.join(records, name);
    const record = JSON.parse(readFileSync(file, 'utf8'));
    const wrong = [
      'no JSON',
      JSON.stringify({ ...record, schema: 2 }),
      JSON.stringify({ ...record, project: '/elsewhere' }),
      JSON.stringify({ ...record, files: [['../package.json', '']] }),
      JSON.stringify({ ...record, files: [['package.json', 7]] }),
    ];
    change(project);
    for (const text of wrong) {
      writeFileSync(file, text);
      await assert.rejects(healProject(host, project.dir), isNotRestored, text);
      assert.equal(readFileSync(project.file('package.json'), 'utf8'), '{"name":"evil"}');
    }
  });
});
