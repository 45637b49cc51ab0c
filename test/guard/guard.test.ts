/** That a gate opened is remembered for one lockfile in one checkout, where no commit can write it. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { guardNotices, watchGate } from '../../lib/guard/index.ts';
import type { Host } from '../../lib/model/host.ts';
import { aHost } from '../support/host.ts';
import { aProject, type Project } from '../support/project.ts';
import { aTempDirectory } from '../support/temp.ts';

const LOCK = { name: 'project', lockfileVersion: 3, packages: { '': {} } };

describe('a gate that is required', () => {
  it('is found once it has opened for this lockfile in this checkout', async () => {
    const { host, project } = aCheckout();
    assert.deepEqual(await missing(host, project), ['no gate has let an install pass in this checkout']);
    await opened(host);
    assert.deepEqual(await missing(host, project), []);
  });

  it('is missed when the lockfile is another one since', async () => {
    const { host, project } = aCheckout();
    await opened(host);
    project.write('package-lock.json', { ...LOCK, name: 'other' });
    assert.match(
      String(await missing(host, project)),
      /\(preinstall at 2026-11-22T12:00:00\.000Z\) judged another package-lock\.json/,
    );
  });

  it('is missed in a copy of the checkout, whatever the copy holds', async () => {
    const { host, project } = aCheckout();
    await opened(host);
    const copy = aTempDirectory('copy');
    cpSync(project.dir, copy, { recursive: true });
    assert.match(String(await missing({ ...host, cwd: copy }, { dir: copy })), /no gate has let/);
  });

  it('is not remembered when the lockfile changed while it was judged', async () => {
    const { host, project } = aCheckout();
    const watch = await watchGate(host);
    project.write('package-lock.json', { ...LOCK, name: 'other' });
    const [notice] = await watch.opened('preinstall');
    assert.match(notice?.message ?? '', /the lockfile changed meanwhile/);
    assert.equal((await missing(host, project)).length, 1);
  });

  it('is not changed by the checksums yarn adds when it has fetched', async () => {
    const { host, project } = aCheckout();
    const lock = '__metadata:\n  version: 8\n\n"a@npm:1":\n  version: 1.0.0\n';
    project.write('package-lock.json', lock);
    await opened(host);
    project.write('package-lock.json', `${lock}  checksum: 10/abc\n`);
    assert.deepEqual(await missing(host, project), []);
    project.write('package-lock.json', lock.replace('1.0.0', '1.0.1'));
    assert.equal((await missing(host, project)).length, 1);
  });

  it('is missed when what remembers it is damaged', async () => {
    const { host, project, home } = aCheckout();
    await opened(host);
    const folder = path.join(home, '.local/state/npmsign/gates');
    const [file = ''] = readdirSync(folder);
    assert.equal(statSync(path.join(folder, file)).mode & 0o077, 0);
    writeFileSync(path.join(folder, file), readFileSync(path.join(folder, file), 'utf8').slice(1));
    assert.equal((await missing(host, project)).length, 1);
  });

  it('is missed where others could have written that it opened', {
    skip: process.platform === 'win32',
  }, async () => {
    const { host, project, home } = aCheckout();
    await opened(host);
    chmodSync(path.join(home, '.local/state/npmsign/gates'), 0o777);
    assert.match(String(await missing(host, project)), /can be written by other users/);
    const [notice] = await (await watchGate(host)).opened('preinstall');
    assert.equal(notice?.code, 'GATE_NOT_REMEMBERED');
  });
});

describe('a vendored gate', () => {
  const cases = [
    ['is current', '// npmsign gate 1.0.0\nA\n', '// npmsign gate 1.0.0\nA\n', []],
    ['is of another version', '// npmsign gate 0.9.0\nA\n', '// npmsign gate 1.0.0\nA\n', ['GATE_OUTDATED']],
    ['was altered', '// npmsign gate 1.0.0\nB\n', '// npmsign gate 1.0.0\nA\n', ['GATE_ALTERED']],
    ['says of no version that it is', 'B\n', '// npmsign gate 1.0.0\nA\n', ['GATE_ALTERED']],
  ] as const;
  for (const [name, vendored, installed, codes] of cases) {
    it(`is compared with the installed one, and told when it ${name}`, async () => {
      const { host, project } = aCheckout();
      project.write('.npmsign/gate.mjs', vendored);
      project.write('node_modules/npmsign/dist/gate.mjs', installed);
      const notices = await guardNotices(host, {
        project: project.dir,
        lockfile: 'package-lock.json',
        requireGate: false,
      });
      assert.deepEqual(
        notices.map(({ code }) => code),
        codes,
      );
    });
  }

  it('is not read where it is a link to a device, which may never end', {
    skip: process.platform === 'win32',
  }, async () => {
    const { host, project } = aCheckout();
    mkdirSync(path.join(project.dir, '.npmsign'));
    symlinkSync('/dev/null', path.join(project.dir, '.npmsign/gate.mjs'));
    await assert.rejects(missing(host, project), { code: 'SETUP_UNREADABLE' });
  });
});

function aCheckout(): { readonly host: Host; readonly project: Project; readonly home: string } {
  const project = aProject({ lockfile: LOCK });
  const home = aTempDirectory('home');
  return { project, home, host: aHost({ cwd: project.dir, env: { HOME: home }, platform: 'linux' }) };
}

async function opened(host: Host): Promise<void> {
  assert.deepEqual(await (await watchGate(host)).opened('preinstall'), []);
}

async function missing(host: Host, { dir }: { readonly dir: string }): Promise<readonly string[]> {
  const notices = await guardNotices(host, {
    project: dir,
    lockfile: 'package-lock.json',
    requireGate: true,
  });
  return notices.filter(({ effect }) => effect === 'fail').map(({ message }) => message);
}
