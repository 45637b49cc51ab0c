/** Reads the moments strangers state, and words them. */

/** Milliseconds of one day. */
export const DAY = 86_400_000;

// `Date.parse` alone reads `1` as a year and `May 5` as a date; a registry may only say ISO 8601.
const ISO = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/** Milliseconds since the epoch of an ISO 8601 date (UTC) or date-time with zone; `undefined` for anything else. */
export function timeOf(text: string): number | undefined {
  const time = ISO.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

/** `2030-01-24T00:00:00Z`: to the second, as people compare it. */
export function timeWords(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
