/** Starts the thread that proves. */
import type { StartThread } from '../model/host.ts';

/** MiB for what lives briefly: a document and the buffers it is verified in are small, and memory is one of npmsign's bounds. */
const YOUNG = 8;

/** What the program is called with: it may be one that does something else otherwise. */
export const PROVER = 'prover';

/** A way to start the program at that address on a thread of its own. Node loads what that takes at the first start: few runs have work for two. */
export function threadsOf(world: NodeJS.Process, program: URL): StartThread {
  return ({ onMessage, onFailed }) => {
    const { Worker } = world.getBuiltinModule('node:worker_threads');
    const worker = new Worker(program, {
      argv: [PROVER],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG },
    });
    worker.unref();
    worker.on('message', onMessage);
    worker.on('error', onFailed);
    worker.on('exit', onFailed);
    return {
      post: (message) => worker.postMessage(message),
      hold: () => worker.ref(),
      release: () => worker.unref(),
      end(last) {
        worker.off('message', onMessage);
        worker.off('exit', onFailed);
        worker.off('error', onFailed).on('error', () => undefined);
        worker.postMessage(last);
      },
    };
  };
}
