/** Verifies that a transparency log vouches for an entry: by its signed promise, its inclusion proof, or both. */
import type { LogEntry } from './bundle.ts';
import { covers } from './chain.ts';
import { verifyCheckpoint } from './checkpoint.ts';
import { holds } from './crypto.ts';
import { refuse } from './fault.ts';
import { rootOf } from './merkle.ts';
import type { LogKey } from './trusted-root.ts';

/** A verified entry: the keys of its log, and when the log says it was entered, where it signed that. */
export type VerifiedEntry = { readonly keys: readonly LogKey[]; readonly moment: number | undefined };

/** Verifies whatever the entry carries; one of promise and proof there must be. The body is not looked at. */
export function verifyLogEntry(entry: LogEntry, logs: readonly LogKey[]): VerifiedEntry {
  const keys = logs.filter(({ id }) => id.equals(entry.logId));
  if (keys.length === 0) return refuse('TLOG_UNKNOWN', 'the log entry is from no trusted log');
  if (entry.signedEntryTimestamp === undefined && entry.proof === undefined) {
    return refuse('TLOG_PROOF', 'the log entry is neither promised nor proved');
  }
  const moment =
    entry.signedEntryTimestamp === undefined
      ? undefined
      : verifyPromise(entry, entry.signedEntryTimestamp, keys);
  if (entry.proof !== undefined) verifyInclusion(entry, entry.proof, keys);
  return { keys, moment };
}

/** Signed entry timestamp: a signature over the canonical JSON of body, time, log and index. Returns milliseconds. */
function verifyPromise(entry: LogEntry, signature: Buffer, keys: readonly LogKey[]): number {
  const { body, integratedTime, logId, logIndex } = entry;
  const payload = Buffer.from(
    `{"body":"${body.text}","integratedTime":${integratedTime},"logID":"${logId.toString('hex')}","logIndex":${logIndex}}`,
    'latin1',
  );
  const moment = integratedTime * 1000;
  const timely = keys.filter(({ valid }) => covers(valid, moment));
  if (timely.length === 0) return refuse('TLOG_SET', "the log's key was not valid when the entry was made");
  if (!timely.some(({ key }) => holds(key, payload, signature))) {
    return refuse('TLOG_SET', 'the signed entry timestamp does not hold');
  }
  return moment;
}

function verifyInclusion(
  entry: LogEntry,
  proof: NonNullable<LogEntry['proof']>,
  keys: readonly LogKey[],
): void {
  const checkpoint = verifyCheckpoint(proof.checkpoint, keys);
  if (!checkpoint.rootHash.equals(proof.rootHash) || checkpoint.treeSize !== proof.treeSize) {
    refuse('TLOG_PROOF', 'the inclusion proof and its checkpoint speak of different trees');
  }
  const root = rootOf(entry.body.bytes, {
    index: proof.logIndex,
    treeSize: proof.treeSize,
    hashes: proof.hashes,
  });
  if (!root.equals(checkpoint.rootHash))
    refuse('TLOG_PROOF', 'the inclusion proof does not lead to the root');
  // Rekor v1 numbers entries across shards, and its promise covers that number. Without a promise only the proof's index is proved.
  if (entry.signedEntryTimestamp === undefined && entry.logIndex !== proof.logIndex) {
    refuse('TLOG_PROOF', 'the log index differs from the proved one');
  }
}
