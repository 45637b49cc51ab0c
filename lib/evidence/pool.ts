/** Bounded concurrency: many items, a few at a time, answers in order. */

/** Runs `work` over `items`, at most `width` at once. The first failure rejects; work already begun is awaited by nobody. */
export async function pooled<Item, Result>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  const entries = items.entries();
  const runner = async (): Promise<void> => {
    // All runners share one iterator: each takes the next item when it is free.
    for (const [index, item] of entries) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(Math.max(1, width), items.length) }, runner));
  return results;
}
