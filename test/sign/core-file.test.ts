/** What is in memory while signing stays out of core files. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { excludeMemoryFromCoreFiles } from '../../lib/sign/core-file.ts';
import { aHost } from '../support/host.ts';
import { cleanEnvironment, run } from '../support/managers.ts';
import { startSigningServices } from '../support/services/index.ts';
import { aPacking, definedIn } from './world.ts';

const BIN = fileURLToPath(new URL('../../lib/cli/bin.ts', import.meta.url));
const TSX = import.meta.resolve('tsx');

const skip =
  process.platform === 'linux' ? false : 'only Linux lets a process choose what its core file holds';

describe('a core file', () => {
  it('of npmsign holds no memory by the time somebody is asked with the token', { skip }, async () => {
    const services = await startSigningServices();
    try {
      const { dir, host } = aPacking(services);
      const seen = { pid: 0, filters: [] as string[] };
      const look = (body: Buffer): Buffer => {
        seen.filters.push(readFileSync(`/proc/${seen.pid}/coredump_filter`, 'utf8').trim());
        return body;
      };
      services.tokens.fail({ kind: 'edit', edit: look });
      services.fulcio.fail({ kind: 'edit', edit: look });
      const { code, stderr } = await run(process.execPath, ['--import', TSX, BIN, 'sign'], {
        cwd: dir,
        env: { ...cleanEnvironment(), ...definedIn(host().env) },
        onStarted: (pid) => {
          seen.pid = pid;
        },
      });
      assert.equal(code, 0, stderr);
      assert.deepEqual(seen.filters, ['00000000', '00000000']);
    } finally {
      await services.close();
    }
  });

  it('of a process that signs holds no memory', { skip }, async () => {
    const module = new URL('../../lib/sign/core-file.ts', import.meta.url).href;
    const script = `
      import { readFileSync } from 'node:fs';
      import { excludeMemoryFromCoreFiles } from ${JSON.stringify(module)};
      const filter = () => readFileSync('/proc/self/coredump_filter', 'utf8').trim();
      const before = filter();
      await excludeMemoryFromCoreFiles({ platform: 'linux' });
      console.log(before, filter());`;
    const cwd = fileURLToPath(new URL('../..', import.meta.url));
    const args = ['--import', 'tsx', '--input-type=module', '-e', script];
    const { stdout, stderr } = await run(process.execPath, args, { cwd, env: cleanEnvironment() });
    assert.match(stdout, /^0*[1-9a-f][0-9a-f]* 0+\n$/, stderr);
  });

  it('is left to the system where that gives no choice', async () => {
    assert.equal(await excludeMemoryFromCoreFiles(aHost({ platform: 'darwin' })), false);
  });
});
