/** Decides whether and when a request is tried again. */
import type { Exchange, Trouble } from './exchange.ts';
import type { Patience } from './npm-config.ts';

/** A server's conduct in this run, for one kind of question. The client writes it and reads it before each attempt. */
export type Conduct = {
  /** Requests given up since the last answer. */
  lost: number;
  /** Requests that ended in a server error, since the last useful answer. */
  failing: number;
  /** Has it ever answered? */
  reached: boolean;
  /** No request before this moment, on the clock of `performance.now()`: the server asked for a pause. */
  notBefore: number;
};

/** Before the first request. */
export function newConduct(): Conduct {
  return { lost: 0, failing: 0, reached: false, notBefore: 0 };
}

/** Requests given up in a row after which a server is no longer waited for. */
const PATIENCE_ENDS = 3;
/** The longest pause a server may ask for, milliseconds. */
const LONGEST_PAUSE = 10_000;

/** Has this server failed so often that asking again only costs time? */
export function isGivenUp(conduct: Conduct): boolean {
  return conduct.lost >= PATIENCE_ENDS;
}

/** Statuses that may be different a moment later (RFC 9110, sections 15.5.9 and 15.6; RFC 6585, section 4). */
export function isPassing(status: number): boolean {
  return status >= 500 || status === 408 || status === 429;
}

/** Where a request stands. `attempt` counts from zero. */
export type Situation = { readonly conduct: Conduct; readonly attempt: number; readonly patience: Patience };

/**
 * Milliseconds until the next attempt, or `undefined` when there is none. There is no dice in it: the same trouble takes the same
 * time. A pause the server asks for is written into its conduct, so that everyone keeps it.
 */
export function pauseAfter(
  exchange: Exchange,
  { conduct, attempt, patience }: Situation,
): number | undefined {
  if (attempt >= patience.retries || isGivenUp(conduct)) return undefined;
  const wait = patience.backOff * 2 ** attempt;
  if (exchange.kind !== 'answered') {
    return isWorthRetrying(exchange.kind, { reached: conduct.reached, attempt }) ? wait : undefined;
  }
  if (!isPassing(exchange.status) || conduct.failing >= PATIENCE_ENDS) return undefined;
  const asked = secondsIn(exchange.headers['retry-after']) * 1000;
  if (asked === 0) return wait;
  conduct.notBefore = performance.now() + Math.min(asked, LONGEST_PAUSE);
  return 0;
}

/** Only the form in seconds counts; a date would be read on a clock that may disagree with the server's. */
function secondsIn(header: string | undefined): number {
  return header !== undefined && /^[0-9]{1,9}$/.test(header) ? Number(header) : 0;
}

type Progress = { readonly reached: boolean; readonly attempt: number };

function isWorthRetrying(trouble: Trouble | 'tooLarge', { reached, attempt }: Progress): boolean {
  switch (trouble) {
    case 'refused':
    case 'broken':
      return true;
    // A server never heard of is more likely out of reach than slow, and waiting is what costs.
    case 'unconnected':
      return reached;
    case 'silent':
      return attempt === 0;
    case 'slow':
    case 'tooLarge':
    case 'unsendable':
      return false;
  }
}
