/** The front door judges the project it is given, wherever the process itself stands. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { NpmsignError, verify } from '../lib/index.ts';
import { aHost } from './support/host.ts';
import { aPackageLock, aProject, dependenciesOn, type Project } from './support/project.ts';
import { type LoopbackRegistry, type Published, startRegistry } from './support/registry/index.ts';

describe('what lies beside the lockfile', () => {
  let registry: LoopbackRegistry;
  let scripted: Published;
  before(async () => {
    registry = await startRegistry();
    scripted = registry.publish({ name: 'scripted', version: '1.0.0', scripts: { install: 'node x.js' } });
  });
  after(() => registry.close());

  const project = (packageJson: object): Project =>
    aProject({
      packageJson: { dependencies: dependenciesOn([scripted]), ...packageJson },
      lockfile: aPackageLock([scripted]),
      npmrc: [`registry=${registry.url}`],
      files: { '.npmsignrc': { extends: 'recommended', trust: { refresh: 'never' } } },
    });
  const judge = ({ dir }: Project) => {
    assert.notEqual(dir, process.cwd());
    return verify(aHost({ cwd: dir, env: { HOME: dir, npm_config_cache: `${dir}/cache` } }));
  };

  it('is read from the project: a script review there counts, and without it the script is refused', async () => {
    assert.equal((await judge(project({ allowScripts: { scripted: true } }))).effect, 'pass');
    assert.equal((await judge(project({}))).effect, 'fail');
  });

  it('is read from the project: a damaged signer lock there stops the run', async () => {
    const damaged = project({ allowScripts: { scripted: true } });
    damaged.write('npmsign.lock.json', '{');
    await assert.rejects(
      judge(damaged),
      (error) => error instanceof NpmsignError && error.code === 'LOCK_MALFORMED',
    );
  });
});
