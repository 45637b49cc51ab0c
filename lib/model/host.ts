/** The world outside, as one value. */

/** Time, place, environment and terminal of one run. Made once, in `cli/bin.ts`. */
export type Host = {
  /** Absolute path of the project. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The moment of judgement. */
  readonly now: Date;
  /** Writes to stdout: the report, nothing else. */
  readonly out: (text: string) => void;
  /** Writes to stderr: everything else. */
  readonly err: (text: string) => void;
  /** stderr is a terminal and this is not CI: progress may be drawn. */
  readonly interactive: boolean;
  /** Asks the person at the terminal for one line; absent where nobody would answer. */
  readonly ask?: (question: string) => Promise<string>;
  /** Colours wanted on stdout. */
  readonly color: boolean;
  /** How wide the terminal is that shows the report; absent where it is shown on none. */
  readonly columns?: number;
  /** Absolute path of the running node. */
  readonly execPath: string;
  readonly platform: string;
  /** Absent where npmsign is not a process of its own: then signals are its caller's business. */
  readonly self?: OwnProcess;
};

/** A signal that asks a process to end. */
export type EndSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** This process among others. */
export type OwnProcess = {
  readonly id: number;
  readonly isRunning: (id: number) => boolean;
  /** From now on these signals end nothing and are told, until the returned function is called. */
  readonly onSignal: (listener: (signal: EndSignal) => void) => () => void;
  /** Ends this process by that signal, as if nobody had listened. */
  readonly endBy: (signal: EndSignal) => void;
  /** Starts the thread that proves; absent where its program is not at hand. */
  readonly startThread?: StartThread;
  /** From now on only what runs for long is optimised. Absent, as the next, where nobody can be told so. */
  readonly optimiseLate?: () => Promise<void>;
  /** From now on memory is given back sooner, at the price of some time. */
  readonly saveMemory?: () => Promise<void>;
};

/** Starts another thread of this process. It is told of whatever the thread says, and once if it ends unasked or fails. */
export type StartThread = (listener: {
  readonly onMessage: (message: unknown) => void;
  readonly onFailed: () => void;
}) => Thread;

/** Another thread of this process. It does not keep the process running unless it is held. */
export type Thread = {
  /** Throws where the message cannot be copied. */
  readonly post: (message: unknown) => void;
  readonly hold: () => void;
  readonly release: () => void;
  /** Nothing it says or does from now on is told; the last message lets it end by itself. */
  readonly end: (last: unknown) => void;
};
