/** The running process as commands see it: the signals that would end it, and how it keeps house. */
import type { EndSignal, OwnProcess } from '../model/host.ts';
import { threadsOf } from './thread.ts';

const SIGNALS: readonly EndSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

// V8 lets a heap grow to several times what is in use before it looks for garbage. Read whenever it has looked.
const GROW_LITTLE = '--heap-growing-percent=40';

// The V8 of Node 20 optimises what has run for a moment, on threads of its own. A run is over before that pays, and signatures are verified
// on the same cores: it takes a fifth less processor time when only what runs for long is optimised.
const OPTIMISE_LATE = '--interrupt-budget=1000000';

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
    async optimiseLate() {
      // Later ones take their time by themselves, and know no such flag.
      if (world.versions.v8.startsWith('11.')) await setFlag(OPTIMISE_LATE);
    },
    saveMemory: () => setFlag(GROW_LITTLE),
  };
}

/** Loaded only by a run that has something to do: it costs as much as all else that a run with nothing to do loads. */
async function setFlag(flag: string): Promise<void> {
  const { setFlagsFromString } = await import('node:v8');
  setFlagsFromString(flag);
}
