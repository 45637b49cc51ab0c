/** Decides what a terminal is given: colour, and a line that moves. */
import type { Host } from '../model/host.ts';

/** What is known about the stream that is written to. */
type Stream = { readonly isTTY?: boolean; readonly columns?: number };

/** Is colour wanted? `FORCE_COLOR` decides first, then `NO_COLOR`, then whether anybody sees it. */
export function wantsColor(env: Host['env'], stream: Stream): boolean {
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if (isSet(env['NO_COLOR'])) return false;
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

/**
 * Does a person watch this stream? Not in CI, nor where the cursor cannot move, nor on a terminal that says it has no columns: as wide as
 * nothing, a line is infinitely many lines tall, and clearing it never ends.
 */
export function isWatched(env: Host['env'], stream: Stream): boolean {
  const ci = isSet(env['CI']) && env['CI'] !== 'false' && env['CI'] !== '0';
  return stream.isTTY === true && !ci && env['TERM'] !== 'dumb' && stream.columns !== 0;
}

/** An empty variable counts as absent. */
function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}
