/** Asks the person at the terminal a question, and waits for one line. */
import { createInterface } from 'node:readline/promises';
import type { Host } from '../model/host.ts';
import { isWatched } from './terminal.ts';

/** How to ask, where a person both reads and types; `undefined` elsewhere, such as in CI. */
export function createAsk(world: NodeJS.Process): Host['ask'] {
  if (!isWatched(world.env, world.stderr) || world.stdin.isTTY !== true) return undefined;
  return async (question) => {
    const lines = createInterface({ input: world.stdin, output: world.stderr });
    // While a line is read the terminal sends no signal for Ctrl-C: what it would have done is done here.
    const asking = new AbortController();
    lines.once('SIGINT', () => {
      lines.close();
      world.kill(world.pid, 'SIGINT');
      // The signal is delivered once the process is idle; whoever listens for it goes on without an answer.
      setTimeout(() => asking.abort(), 100);
    });
    try {
      return await lines.question(question, { signal: asking.signal });
    } catch (error) {
      // Ctrl-D, or a terminal that is gone: nobody answers.
      if (error instanceof Error && error.name === 'AbortError') return '';
      throw error;
    } finally {
      lines.close();
    }
  };
}
