/** The running process as commands see it: the signals that would end it, and how it keeps house. */
import { setFlagsFromString } from 'node:v8';
import type { EndSignal, OwnProcess } from '../model/host.ts';
import { threadsOf } from './thread.ts';

const SIGNALS: readonly EndSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

// V8 lets a heap grow to several times what is in use before it looks for garbage. Read whenever it has looked.
const GROW_LITTLE = '--heap-growing-percent=40';

/** The running process, as commands see it. Nothing is listened to before a command asks for it. */
export function createOwnProcess(world: NodeJS.Process, prover?: URL): OwnProcess {
  return {
    id: world.pid,
    isRunning(id) {
      try {
        return world.kill(id, 0);
      } catch (error) {
        // EPERM: it runs, as somebody else.
        return error instanceof Error && 'code' in error && error.code === 'EPERM';
      }
    },
    onSignal(listener) {
      for (const signal of SIGNALS) world.on(signal, listener);
      return () => {
        for (const signal of SIGNALS) world.off(signal, listener);
      };
    },
    endBy: (signal) => void world.kill(world.pid, signal),
    ...(prover === undefined ? {} : { startThread: threadsOf(world, prover) }),
    saveMemory: () => setFlagsFromString(GROW_LITTLE),
  };
}
