/** Looks again at what a registry serves, for as long as it may merely be slow. */
import { setTimeout as delay } from 'node:timers/promises';
import type { PublishedCheck } from './published.ts';

/** Looks until the version is there with all that was announced, once more after each wait. The last look counts. */
export async function patiently(
  look: () => Promise<PublishedCheck>,
  waits: readonly number[],
): Promise<PublishedCheck> {
  for (const wait of waits) {
    const check = await look();
    if (check.effect === 'pass') return check;
    await delay(wait);
  }
  return look();
}
