/** Asks the person at the terminal a question, and waits for one line. */
import { createInterface } from 'node:readline/promises';
import type { Host } from '../model/host.ts';
import { isWatched } from './terminal.ts';

/** How to ask, where a person both reads and types; `undefined` elsewhere, such as in CI. */
export function createAsk(world: NodeJS.Process): Host['ask'] {
  if (!isWatched(world.env, world.stderr) || world.stdin.isTTY !== true) return undefined;
  return async (question) => {
    const lines = createInterface({ input: world.stdin, output: world.stderr });
    try {
      return await lines.question(question);
    } finally {
      lines.close();
    }
  };
}
