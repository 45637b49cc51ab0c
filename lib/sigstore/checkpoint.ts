/** Verifies a transparency log's checkpoint: a signed note (C2SP signed-note and tlog-checkpoint). */
import { holds } from './crypto.ts';
import { refuse } from './fault.ts';
import { base64Of } from './json.ts';
import type { LogKey } from './trusted-root.ts';

/** What the log signed: how large its tree is, and the hash of its root. */
export type Checkpoint = { readonly treeSize: number; readonly rootHash: Buffer };

type NoteSignature = { readonly name: string; readonly keyHint: Buffer; readonly signature: Buffer };

/** Verifies the note with the keys of the one log it must be from. */
export async function verifyCheckpoint(envelope: string, keys: readonly LogKey[]): Promise<Checkpoint> {
  const blank = envelope.indexOf('\n\n');
  if (blank === -1) return refuse('TLOG_CHECKPOINT', 'the checkpoint has no signatures');
  // The signed text includes the newline of its last line.
  const text = envelope.slice(0, blank + 1);
  const [origin = '', size = '', root = '', ...others] = text.split('\n');
  const signatures = signaturesOf(envelope.slice(blank + 2));
  if (others.length === 0 || !/^(?:0|[1-9][0-9]{0,15})$/.test(size) || !Number.isSafeInteger(Number(size))) {
    return refuse('TLOG_CHECKPOINT', 'the checkpoint is malformed');
  }
  const rootHash = base64Of(root, 'the checkpoint root hash').bytes;
  if (rootHash.length !== 32)
    return refuse('TLOG_CHECKPOINT', 'the root hash of the checkpoint is malformed');
  await verifySignatures(Buffer.from(text, 'utf8'), origin, { signatures, keys });
  return { treeSize: Number(size), rootHash };
}

/** One signature at least must be the log's own, and none that claims to be may fail; witnesses are unknown to us and ignored. */
async function verifySignatures(
  text: Buffer,
  origin: string,
  { signatures, keys }: { readonly signatures: readonly NoteSignature[]; readonly keys: readonly LogKey[] },
): Promise<void> {
  let own = 0;
  for (const { name, keyHint, signature } of signatures) {
    const key = keys.find((log) => log.id.subarray(0, 4).equals(keyHint) && log.name === name);
    if (key === undefined) continue;
    if (!(await holds(key.key, text, signature))) {
      refuse('TLOG_CHECKPOINT', "the log's signature on the checkpoint does not hold");
    }
    // Rekor v1 appends the id of the tree to its name.
    if (origin !== name && !origin.startsWith(`${name} - `)) {
      refuse('TLOG_CHECKPOINT', 'the checkpoint is of another origin');
    }
    own++;
  }
  if (own === 0) refuse('TLOG_CHECKPOINT', 'the checkpoint is not signed by the log of the entry');
}

/** Lines of em dash, name, and base64 of key hint and signature; nothing else may stand there. */
function signaturesOf(text: string): readonly NoteSignature[] {
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.length === 0 || lines.length > 32) {
    return refuse('TLOG_CHECKPOINT', 'the signatures of the checkpoint are malformed');
  }
  return lines.map((line) => {
    const [dash, name, encoded, extra] = line.split(' ');
    if (
      dash !== '\u2014' ||
      name === undefined ||
      name === '' ||
      encoded === undefined ||
      extra !== undefined
    ) {
      return refuse('TLOG_CHECKPOINT', 'a signature of the checkpoint is malformed');
    }
    const { bytes } = base64Of(encoded, 'a checkpoint signature');
    if (bytes.length < 5) return refuse('TLOG_CHECKPOINT', 'a signature of the checkpoint is too short');
    return { name, keyHint: bytes.subarray(0, 4), signature: bytes.subarray(4) };
  });
}
