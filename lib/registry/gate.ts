/** Bounds how much happens at once. */

/** Runs the work when there is room, and answers what the work answers. */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>;

/** Admits at most `width` at a time, in the order they came. */
export function createGate(width: number): Gate {
  const waiting: (() => void)[] = [];
  let free = width;
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
}
