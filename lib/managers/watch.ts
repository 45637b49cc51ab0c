/** Hears the signals that would end npmsign, so that a project is put back before it ends. */
import type { EndSignal, Host } from '../model/host.ts';

/** The run was asked to end while no manager ran, or a manager was and npmsign with it. Carried to whoever cleans up. */
export class Interrupted extends Error {
  readonly signal: EndSignal;

  constructor(signal: EndSignal) {
    super(`ended by ${signal}`);
    this.signal = signal;
  }
}

/** Listens while something must not be left half done. */
export type Watch = {
  /** Passes signals on to a running manager; call what is returned when it has ended. */
  readonly passTo: (forward: (signal: EndSignal) => void) => () => void;
  /** The work's result. Throws {@link Interrupted} as soon as a signal comes; the work is then left to itself. */
  readonly during: <T>(work: Promise<T>) => Promise<T>;
  /** Throws {@link Interrupted} if a signal came. */
  readonly check: () => void;
};

/** Runs a job that hears signals instead of being ended by them. */
export async function watched<T>(host: Host, job: (watch: Watch) => Promise<T>): Promise<T> {
  const state: State = {};
  const stop = host.self?.onSignal((signal) => {
    state.received ??= signal;
    state.interrupt?.(new Interrupted(signal));
    // A terminal sends Ctrl-C to the manager as well; a second one would make some managers give up their own cleaning.
    if (signal !== 'SIGINT' || !host.interactive) state.forward?.(signal);
  });
  try {
    return await job(createWatch(state));
  } finally {
    stop?.();
  }
}

type State = {
  received?: EndSignal;
  forward?: (signal: EndSignal) => void;
  interrupt?: (reason: Interrupted) => void;
};

function createWatch(state: State): Watch {
  const check = (): void => {
    if (state.received !== undefined) throw new Interrupted(state.received);
  };
  return {
    check,
    during: (work) =>
      new Promise((resolve, reject) => {
        state.interrupt = reject;
        work.then(resolve, reject);
      }),
    passTo(forward) {
      state.forward = forward;
      return () => {
        delete state.forward;
      };
    },
  };
}
