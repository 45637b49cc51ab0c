/** All samples of one contender, and what they are held to. */

/** One limit of one line. The others it is compared with are named; a line that was not measured holds nobody to anything. */
export type Limit =
  | { readonly kind: 'ratio'; readonly over: string; readonly most: number }
  | { readonly kind: 'slower'; readonly who: string; readonly least: number }
  | { readonly kind: 'later'; readonly than: string; readonly ms: number }
  | { readonly kind: 'memory'; readonly most: number }
  | { readonly kind: 'requests'; readonly most: number }
  | { readonly kind: 'bytes'; readonly most: number };

/** One line of the table. */
export type Line = {
  readonly name: string;
  readonly ms: readonly number[];
  readonly cpuMs: readonly number[];
  readonly mebibytes: readonly number[];
  readonly requests: number;
  readonly bytes: number;
  /** The line whose median this one is divided by. */
  readonly over?: string;
  readonly limits: readonly Limit[];
};

/** The middle value; the mean of the two middle ones for an even number. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}
