/** A question at the terminal: answered, left unanswered, or broken off. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { createAsk } from '../../lib/cli/ask.ts';

/** A process at a terminal on which these keys are pressed once it asks, and the signals it sends itself. */
function aTerminal(keys: string) {
  const signals: string[] = [];
  const terminal = (): PassThrough => Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  const [stdin, stderr] = [terminal(), terminal()];
  stderr.once('data', () => setImmediate(() => stdin.write(keys)));
  const world = {
    ...{ env: {}, pid: 7, stdin, stderr },
    kill: (pid: number, signal: string) => signals.push(`${pid} ${signal}`),
  };
  // All that asking touches of a process.
  return { ask: createAsk(world as unknown as NodeJS.Process), signals };
}

describe('a question', () => {
  it('has the line that is typed for an answer', async () => {
    const { ask, signals } = aTerminal('yes\r');
    assert.equal(await ask?.('Write this? '), 'yes');
    assert.deepEqual(signals, []);
  });

  it('has no answer where the input ends, by Ctrl-D: that is no bug, and no yes', async () => {
    const { ask, signals } = aTerminal('\u0004');
    assert.equal(await ask?.('Write this? '), '');
    assert.deepEqual(signals, []);
  });

  it('is broken off by Ctrl-C as any run is: by the signal', async () => {
    const { ask, signals } = aTerminal('\u0003');
    assert.equal(await ask?.('Write this? '), '');
    assert.deepEqual(signals, ['7 SIGINT']);
  });

  it('is put to nobody where nobody types', () => {
    const world = { env: {}, stderr: { isTTY: true }, stdin: {} };
    assert.equal(createAsk(world as unknown as NodeJS.Process), undefined);
  });
});
