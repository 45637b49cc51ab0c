/** Finds the first of several things that passes a test whose answer takes time. */

/** Tests one after another and stops at the first that passes; `undefined` when none does. */
export async function findFirst<T>(
  items: readonly T[],
  test: (item: T) => Promise<boolean>,
): Promise<T | undefined> {
  for (const item of items) if (await test(item)) return item;
  return undefined;
}
