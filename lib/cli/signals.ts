/** Lets a command hear the signals that would end it, and end by them in its own time. */
import type { EndSignal, OwnProcess } from '../model/host.ts';

const SIGNALS: readonly EndSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** The running process, as commands see it. Nothing is listened to before a command asks for it. */
export function createOwnProcess(world: NodeJS.Process): OwnProcess {
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
  };
}
