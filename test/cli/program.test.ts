/** Tests of how a run ends: only a finished job may look like success. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { projectRoot } from '../support/corpus.ts';

type Ending = {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly err: string;
};

/** Runs a job, written as the body of an async function of `host` and `process`, in a process of its own. */
function runJob(body: string, { reportTo = 'stdout', interrupt = false } = {}): Promise<Ending> {
  const main = pathToFileURL(`${projectRoot}lib/cli/program.ts`).href;
  const job = `async (host) => { ${body} }`;
  const script = `import { runProgram } from '${main}'; runProgram({ world: process, reportTo: '${reportTo}', job: ${job} });`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
    cwd: projectRoot,
  });
  const written = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    written.out += chunk;
    if (interrupt) child.kill('SIGINT');
  });
  child.stderr.on('data', (chunk) => {
    written.err += chunk;
  });
  return new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, ...written })));
}

describe('a run', () => {
  it('ends with the exit code of its job', async () => {
    const ending = await runJob(`host.out('report'); host.err('note'); return 3;`);
    assert.deepEqual(ending, { code: 3, signal: null, out: 'report', err: 'note' });
  });

  const bugs = [
    ['whose job throws', `throw new TypeError('x');`],
    ['that drains before its job ends', `await new Promise(() => {});`],
    [
      'in which something is thrown aside',
      `setTimeout(() => { throw new Error('x'); }); await new Promise(() => {});`,
    ],
    [
      'in which a rejection is left alone',
      `Promise.reject(new Error('x')); return new Promise((ok) => setTimeout(ok, 50, 0));`,
    ],
  ] as const;
  for (const [name, body] of bugs) {
    it(`${name} is a bug, not a pass, and shows no stack`, async () => {
      const { code, out, err } = await runJob(body);
      assert.deepEqual([code, out], [70, '']);
      assert.match(err, /this is a bug in npmsign/);
      assert.doesNotMatch(err, /\n\s+at /);
    });
  }

  it('reports on stderr when stdout belongs to its caller', async () => {
    const ending = await runJob(`host.out('report'); return 0;`, { reportTo: 'stderr' });
    assert.deepEqual(ending, { code: 0, signal: null, out: '', err: 'report' });
  });

  it('says so when what it prints finds no room, and is no success', async () => {
    const full = "process.stdout.emit('error', Object.assign(new Error('secret'), { code: 'ENOSPC' }));";
    assert.deepEqual(await runJob(`${full} return 0;`), {
      code: 2,
      signal: null,
      out: '',
      err: 'npmsign: The report cannot be written to stdout (ENOSPC). [STDOUT_UNWRITABLE]\n',
    });
  });

  it('keeps its exit code when nobody reads', async () => {
    const { code, err } = await runJob(
      `process.stdout.destroy(); host.out('x'); await new Promise((ok) => setTimeout(ok, 20)); return 1;`,
    );
    assert.deepEqual([code, err], [1, '']);
  });

  it('ends at once and quietly when interrupted', { skip: process.platform === 'win32' }, async () => {
    const { signal, err } = await runJob(
      `host.out('started'); await new Promise((ok) => setTimeout(ok, 60000));`,
      {
        interrupt: true,
      },
    );
    assert.deepEqual([signal, err], ['SIGINT', '']);
  });
});
