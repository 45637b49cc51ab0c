/** Fits the proving to the machine. */
import { availableParallelism } from 'node:os';
import { verifyOnThisThread } from '../sigstore/index.ts';

/** The one that asks, and the one beside it. */
const PROVERS = 2;

/** On a single core a second thread would only take the first one's time. */
export function hasCoreToSpare(): boolean {
  return availableParallelism() > 1;
}

/** Called on each of two threads that prove: where they have all cores, the thread pool's threads would only take turns with them. */
export function settleOnCores(): void {
  if (availableParallelism() <= PROVERS) verifyOnThisThread();
}
