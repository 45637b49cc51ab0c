/** Asks the person at the terminal a question, and waits for one line. */
import { createInterface, type Interface } from 'node:readline/promises';
import type { Host } from '../model/host.ts';
import { isWatched } from './terminal.ts';

/** How to ask, where a person both reads and types; `undefined` elsewhere, such as in CI. */
export function createAsk(world: NodeJS.Process): Host['ask'] {
  if (!isWatched(world.env, world.stderr) || world.stdin.isTTY !== true) return undefined;
  return async (question) => {
    const lines = createInterface({ input: world.stdin, output: world.stderr });
    const unanswered = unansweredAt(world, lines);
    try {
      return await Promise.race([lines.question(question), unanswered]);
    } catch (error) {
      // Newer Nodes say by an error what Node 20.17 does not say at all.
      if (error instanceof Error && error.name === 'AbortError') return await unanswered;
      throw error;
    } finally {
      lines.close();
    }
  };
}

/** Nothing, once the input has ended: by Ctrl-D, with the terminal, or by Ctrl-C, which ends the process as well. */
function unansweredAt(world: NodeJS.Process, lines: Interface): Promise<string> {
  const state = { interrupted: false };
  // While a line is read the terminal sends no signal for Ctrl-C: what it would have done is done here.
  lines.once('SIGINT', () => {
    state.interrupted = true;
    lines.close();
    world.kill(world.pid, 'SIGINT');
  });
  return new Promise((resolve) => {
    // A signal is delivered once the process is idle; whoever listens for it goes on without an answer.
    lines.once('close', () => (state.interrupted ? void setTimeout(resolve, 100, '') : resolve('')));
  });
}
