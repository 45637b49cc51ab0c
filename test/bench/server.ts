/** Starts the benchmark's registry and gives it orders. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { projectRoot } from '../support/corpus.ts';
import type { Order, Word } from './serve.ts';

/** What was served between two orders. `bytes` counts bodies as they went over the wire. */
export type Served = { readonly requests: number; readonly bytes: number };

/** The running registry. */
export type Server = {
  /** Ends in a slash. */
  readonly url: string;
  /** Counts anew and answers that late from now on; resolves to what was served before. */
  readonly order: (order: Order) => Promise<Served>;
  readonly close: () => Promise<void>;
};

/** Serves a world from a process of its own, which ends with this one. */
export async function startServer(worldDirectory: string): Promise<Server> {
  const child = fork(fileURLToPath(new URL('./serve.ts', import.meta.url)), [worldDirectory], {
    cwd: projectRoot,
    execArgv: ['--import', 'tsx'],
  });
  const first = await wordFrom(child);
  if (first.kind !== 'listening') throw new Error('The registry counted before it listened.');
  return {
    url: `${first.origin}/`,
    async order(order) {
      const answer = wordFrom(child);
      child.send(order);
      const word = await answer;
      if (word.kind !== 'served') throw new Error('The registry did not count.');
      return { requests: word.requests, bytes: word.bytes };
    },
    async close() {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}

function wordFrom(child: ChildProcess): Promise<Word> {
  return new Promise((resolve, reject) => {
    const gone = (code: number | null) => reject(new Error(`The registry ended with ${code}.`));
    child.once('exit', gone);
    child.once('message', (word) => {
      child.off('exit', gone);
      // Our own serve.ts says nothing else.
      resolve(word as Word);
    });
  });
}
