/** What a command of npmsign is. */
import type { Host } from '../model/host.ts';

/** One flag: a switch, or with `value` something that takes a value. The same definition feeds the parser and the help. */
export type Flag = {
  /** Without the dashes. */
  readonly name: string;
  /** One letter that stands for it behind a single dash. */
  readonly short?: string;
  /** How help names the value, such as `<file>`; absent for a switch. */
  readonly value?: string;
  readonly about: string;
  readonly repeatable?: true;
};

/** One use of a flag, in the order of the command line. `value` is empty for a switch. */
export type FlagUse = { readonly name: string; readonly value: string };

/** A command line, or what is left of it behind the command, understood. */
export type Invocation = {
  readonly operands: readonly string[];
  readonly uses: readonly FlagUse[];
  readonly env: Host['env'];
  /** What is not npmsign's, in its order: for a command that runs another program. */
  readonly passed?: readonly string[];
};

/** A command: what it takes besides the shared flags, and what it does. */
export type Command = {
  /** What follows the command's name, such as `<package>[@version]`; empty when nothing does. */
  readonly operands: string;
  readonly flags: readonly Flag[];
  /**
   * Present for a command that runs another program: what stands behind its name and is no flag of npmsign's is passed on, and so are these
   * flags, which both understand.
   */
  readonly passesOn?: readonly string[];
  /** Further lines of help, each a sentence. */
  readonly notes: readonly string[];
  /** Resolves to the exit code (SPEC 2). */
  readonly run: (host: Host, invocation: Invocation) => Promise<number>;
};

/** A line of the command list. The command itself is loaded when it is used. */
export type CommandEntry = {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<Command>;
};
