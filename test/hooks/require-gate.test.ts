/** `npmsign verify --require-gate` behind real npm 12: an install that passed the gate by is noticed. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { main } from '../../lib/cli/main.ts';
import { aHost } from '../support/host.ts';
import { type Npm, npmOf } from '../support/managers.ts';
import { aTempDirectory } from '../support/temp.ts';
import { aGatedWorld, GATE, type World } from './gated-project.ts';

const skip = process.platform === 'win32' ? 'the scripts here are written for a POSIX shell' : false;

describe('npmsign verify --require-gate', { skip }, () => {
  let world: World;
  let npm: Npm;
  before(async () => {
    [world, npm] = await Promise.all([aGatedWorld(), npmOf(12)]);
  });
  after(() => world.close());

  it('fails behind npm ci --ignore-scripts, and passes behind npm ci', async () => {
    const project = world.project([world.good], { preinstall: GATE.preinstall });
    const home = aTempDirectory('home');
    const verify = async () => {
      const env = {
        HOME: home,
        USERPROFILE: home,
        npm_config_cache: `${home}/cache`,
        npm_config_registry: world.registry.url,
      };
      const host = aHost({ cwd: project.dir, env });
      return { code: await main(['verify', '--require-gate'], host), out: host.stdout() };
    };
    const install = (...args: readonly string[]) =>
      npm.run(['ci', ...args], { cwd: project.dir, registry: world.registry.url, home });

    assert.equal((await install('--ignore-scripts')).code, 0);
    const passedBy = await verify();
    assert.equal(passedBy.code, 1);
    assert.match(
      passedBy.out,
      /no package violates the policy, but 1 finding about the project stops the install/,
    );
    assert.match(passedBy.out, /✖ FAIL {2}no gate has let an install pass in this checkout \(GATE_NOT_RUN\)/);

    assert.equal((await install()).code, 0);
    const { code, out } = await verify();
    assert.equal(code, 0, out);
  });
});
