/** Gives up on an exchange: when nothing came for too long, or not all of it in time. */
import type { Exchange, Times, Unanswered } from './exchange.ts';

/** Runs until it is stopped. */
export type Clock = {
  /** Something came. */
  readonly tick: () => void;
  readonly stop: () => void;
};

/** Settles when nothing came for too long, or not all of it in time. */
export function startClock({ idle, total }: Times, settle: (exchange: Exchange) => void): Clock {
  const silent = setTimeout(() => settle(overdue('silent', idle)), idle);
  const slow = setTimeout(() => settle(overdue('slow', total)), total);
  return {
    tick: () => void silent.refresh(),
    stop() {
      clearTimeout(silent);
      clearTimeout(slow);
    },
  };
}

/** Nothing came for so many milliseconds. */
export function overdue(kind: 'unconnected' | 'silent' | 'slow', after: number): Unanswered {
  return { kind, why: `no answer within ${after / 1000} s` };
}
