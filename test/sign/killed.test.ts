/** A signing process that is killed while it waits leaves the package as it was. */
import assert from 'node:assert/strict';
import process from 'node:process';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cleanEnvironment, run } from '../support/managers.ts';
import { type SigningServices, startSigningServices } from '../support/services/index.ts';
import { aPacking, definedIn } from './world.ts';

const BIN = fileURLToPath(new URL('../../lib/cli/bin.ts', import.meta.url));
const TSX = import.meta.resolve('tsx');

let services: SigningServices;
before(async () => {
  services = await startSigningServices();
});
after(() => services.close());

describe('a signing process that is killed', () => {
  for (const [asked, signal] of [
    ['tokens', 'SIGTERM'],
    ['fulcio', 'SIGKILL'],
    ['rekor', 'SIGKILL'],
  ] as const) {
    it(`by ${signal} while ${asked} answers leaves no file, and signs the next time`, async () => {
      const { dir, host, added, bundle } = aPacking(services);
      const seen = { pid: 0 };
      services[asked].fail({
        kind: 'edit',
        edit: (body) => {
          process.kill(seen.pid, signal);
          return body;
        },
      });
      const start = () =>
        run(process.execPath, ['--import', TSX, BIN, 'sign'], {
          cwd: dir,
          env: { ...cleanEnvironment(), ...definedIn(host().env) },
          onStarted: (pid) => {
            seen.pid = pid;
          },
        });
      const killed = await start();
      assert.notEqual(killed.code, 0);
      assert.deepEqual(added(), []);
      services.behave();
      const { code, stderr } = await start();
      assert.equal(code, 0, stderr);
      assert.ok(bundle());
    });
  }
});
