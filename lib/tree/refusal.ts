/** Words the refusal of a lockfile: which file, which line, which entry, what to do. */
import { TreeError } from '../errors.ts';
import { tame } from '../text/sanitize.ts';

/** Where in a lockfile something stands. Without a key it is the file itself, and `problem` completes "the file …". */
export type LockfilePlace = { readonly key?: string; readonly line?: number };

/** The errors of one lockfile. */
export type Refusal = {
  /** `LOCKFILE_MALFORMED`. `problem` completes "has …" for an entry, "the file …" for the file. */
  readonly refuse: (place: LockfilePlace, problem: string, cause?: unknown) => TreeError;
  /** Runs `read`; what it throws about an entry, an `Error` whose message completes "has …", is refused. */
  readonly reading: <T>(place: LockfilePlace, read: () => T) => T;
};

/** `hint` is the command that writes the lockfile anew. */
export function createRefusal(file: string, hint: string): Refusal {
  const refuse: Refusal['refuse'] = ({ key, line }, problem, cause) => {
    const place = line === undefined ? file : `${file}:${line}`;
    const message =
      key === undefined
        ? `${place} ${problem}.`
        : `${place}: ${tame(JSON.stringify(key), 200)} has ${problem}.`;
    return new TreeError('LOCKFILE_MALFORMED', message, { hint, cause });
  };
  return {
    refuse,
    reading(place, read) {
      try {
        return read();
      } catch (cause) {
        if (cause instanceof TreeError || !(cause instanceof Error) || cause instanceof RangeError)
          throw cause;
        throw refuse(place, cause.message);
      }
    },
  };
}
