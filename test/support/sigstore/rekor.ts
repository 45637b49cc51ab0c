/** Minted transparency logs: Rekor v1 (signed entry timestamps, P-256) and Rekor v2 (tiles, Ed25519). */
import type { KeyObject } from 'node:crypto';
import type { TlogEntryJson } from './bundle-json.ts';
import { canonicalJson, type Json } from './canonical.ts';
import { type KeyPair, keyPairOf, sha256, signatureOf, spkiOf } from './keys.ts';
import { createMerkleTree, type MerkleTree } from './merkle.ts';

/** An entry to be logged: its body, of the kind and API version given. `at` is ignored by Rekor v2, which knows no time. */
export type EntryRequest = {
  readonly kind: string;
  readonly version: string;
  readonly spec: Json;
  readonly at: Date;
};

/** One log. */
export type Rekor = {
  readonly add: (entry: EntryRequest) => TlogEntryJson;
  readonly publicKey: KeyObject;
  /** The log's id, 32 bytes. */
  readonly logId: Buffer;
  readonly baseUrl: string;
};

// The public log is sharded: an entry's global index is not its place in the tree.
const EARLIER_SHARDS = 100_000_000;

/** The Rekor v1 of the Sigstore of that name. Its tree holds a few strangers' entries already. */
export function createRekorV1(world: string): Rekor {
  const keys = keyPairOf(`${world} rekor`);
  const name = `rekor.${world}.example`;
  const logId = sha256(spkiOf(keys.publicKey));
  const tree = treeWithStrangers(name);
  const origin = `${name} - 1193050959916656506`;
  const checkpoint = (root: Buffer) =>
    signedNote({ origin, size: tree.size(), root, signer: name, keyId: logId, keys });
  return {
    publicKey: keys.publicKey,
    logId,
    baseUrl: `https://${name}`,
    add({ kind, version, spec, at }) {
      const body = Buffer.from(canonicalJson({ apiVersion: version, kind, spec }));
      const index = tree.append(body);
      const logIndex = EARLIER_SHARDS + index;
      const integratedTime = Math.floor(at.getTime() / 1000);
      const promised = {
        body: body.toString('base64'),
        integratedTime,
        logIndex,
        logID: logId.toString('hex'),
      };
      const promise = signatureOf(Buffer.from(canonicalJson(promised)), keys.privateKey);
      return {
        logIndex: String(logIndex),
        logId: { keyId: logId.toString('base64') },
        kindVersion: { kind, version },
        integratedTime: String(integratedTime),
        inclusionPromise: { signedEntryTimestamp: promise.toString('base64') },
        inclusionProof: proofOf(tree, index, checkpoint),
        canonicalizedBody: body.toString('base64'),
      };
    },
  };
}

/** The Rekor v2 of the Sigstore of that name: no entry time, no signed entry timestamp, a cosigned Ed25519 checkpoint. */
export function createRekorV2(world: string): Rekor {
  const keys = keyPairOf(`${world} rekor-v2`, 'Ed25519');
  const name = `log2026-1.rekor.${world}.example`;
  // C2SP signed-note: the key id covers name, algorithm 0x01 and the raw key.
  const logId = sha256(name, '\n', Buffer.from([1]), spkiOf(keys.publicKey).subarray(-32));
  const tree = treeWithStrangers(name);
  return {
    publicKey: keys.publicKey,
    logId,
    baseUrl: `https://${name}`,
    add({ kind, version, spec }) {
      const body = Buffer.from(canonicalJson({ apiVersion: version, kind, spec }));
      const index = tree.append(body);
      return {
        logIndex: String(index),
        logId: { keyId: logId.toString('base64') },
        kindVersion: { kind, version },
        inclusionProof: proofOf(tree, index, (root) => {
          const note = signedNote({
            origin: name,
            size: tree.size(),
            root,
            signer: name,
            keyId: logId,
            keys,
          });
          return `${note}${witnessLine(root)}`;
        }),
        canonicalizedBody: body.toString('base64'),
      };
    },
  };
}

function treeWithStrangers(name: string): MerkleTree {
  const tree = createMerkleTree();
  for (let n = 0; n < 5; n++) tree.append(Buffer.from(`entry ${n} of a stranger in ${name}`));
  return tree;
}

function proofOf(
  tree: MerkleTree,
  index: number,
  checkpoint: (root: Buffer) => string,
): NonNullable<TlogEntryJson['inclusionProof']> {
  const root = tree.root();
  return {
    logIndex: String(index),
    rootHash: root.toString('base64'),
    treeSize: String(tree.size()),
    hashes: tree.inclusionProof(index).map((hash) => hash.toString('base64')),
    checkpoint: { envelope: checkpoint(root) },
  };
}

/** A checkpoint as a signed note (C2SP tlog-checkpoint, signed-note). */
function signedNote(note: {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
  readonly signer: string;
  readonly keyId: Buffer;
  readonly keys: KeyPair;
}): string {
  const text = `${note.origin}\n${note.size}\n${note.root.toString('base64')}\n`;
  const signature = signatureOf(Buffer.from(text), note.keys.privateKey);
  const line = Buffer.concat([note.keyId.subarray(0, 4), signature]).toString('base64');
  return `${text}\n\u2014 ${note.signer} ${line}\n`;
}

/** A cosignature by a witness nobody here knows: a verifier must look past it. */
function witnessLine(root: Buffer): string {
  const name = 'witness.example';
  const opaque = Buffer.concat([sha256(name).subarray(0, 4), Buffer.alloc(8), root, root]);
  return `\u2014 ${name} ${opaque.toString('base64')}\n`;
}
