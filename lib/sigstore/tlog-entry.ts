/** Verifies that a transparency log vouches for an entry: by its signed promise, its inclusion proof, or both. */
import type { LogEntry } from './bundle.ts';
import { covers } from './chain.ts';
import { verifyCheckpoint } from './checkpoint.ts';
import { holds } from './crypto.ts';
import { refuse } from './fault.ts';
import { rootOf } from './merkle.ts';
import type { LogKey } from './trusted-root.ts';

/** A verified entry: the keys of its log; when it was entered and under which index, where the log signed or proved that. */
export type VerifiedEntry = {
  readonly keys: readonly LogKey[];
  /** Milliseconds since the epoch. */
  readonly moment: number | undefined;
  readonly logIndex: number | undefined;
};

/** Rekor v2 writes these types, has one tree for each log, and therefore one index for each entry. */
const REKOR_V2: ReadonlySet<string> = new Set(['hashedrekord/0.0.2', 'dsse/0.0.2']);

/** Verifies whatever the entry carries; one of promise and proof there must be. The body is not looked at. */
export async function verifyLogEntry(entry: LogEntry, logs: readonly LogKey[]): Promise<VerifiedEntry> {
  const keys = logs.filter(({ id }) => id.equals(entry.logId));
  if (keys.length === 0) return refuse('TLOG_UNKNOWN', 'the log entry is from no trusted log');
  if (entry.signedEntryTimestamp === undefined && entry.proof === undefined) {
    return refuse('TLOG_PROOF', 'the log entry is neither promised nor proved');
  }
  const moment =
    entry.signedEntryTimestamp === undefined
      ? undefined
      : await verifyPromise(entry, entry.signedEntryTimestamp, keys);
  if (entry.proof !== undefined) await verifyInclusion(entry, entry.proof, keys);
  // Rekor v1 numbers entries across shards: only its promise covers that number, the proof another one.
  const isIndexProved = moment !== undefined || REKOR_V2.has(`${entry.kind}/${entry.version}`);
  return { keys, moment, logIndex: isIndexProved ? entry.logIndex : undefined };
}

/** Signed entry timestamp: a signature over the canonical JSON of body, time, log and index. Returns milliseconds. */
async function verifyPromise(entry: LogEntry, signature: Buffer, keys: readonly LogKey[]): Promise<number> {
  const { body, integratedTime, logId, logIndex } = entry;
  const payload = Buffer.from(
    `{"body":"${body.text}","integratedTime":${integratedTime},"logID":"${logId.toString('hex')}","logIndex":${logIndex}}`,
    'latin1',
  );
  const moment = integratedTime * 1000;
  const timely = keys.filter(({ valid }) => covers(valid, moment));
  if (timely.length === 0) return refuse('TLOG_SET', "the log's key was not valid when the entry was made");
  for (const { key } of timely) if (await holds(key, payload, signature)) return moment;
  return refuse('TLOG_SET', 'the signed entry timestamp does not hold');
}

async function verifyInclusion(
  entry: LogEntry,
  proof: NonNullable<LogEntry['proof']>,
  keys: readonly LogKey[],
): Promise<void> {
  const checkpoint = await verifyCheckpoint(proof.checkpoint, keys);
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
  if (REKOR_V2.has(`${entry.kind}/${entry.version}`) && entry.logIndex !== proof.logIndex) {
    refuse('TLOG_PROOF', 'the log index differs from the proved one');
  }
}
