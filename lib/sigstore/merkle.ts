/** Verifies that a leaf is in a Merkle tree (RFC 9162, section 2.1.3.2). */
import { digestText } from './crypto.ts';
import { refuse } from './fault.ts';

/** A leaf's place and its way to the root. Sizes are below 2^53. */
export type InclusionPath = {
  readonly index: number;
  readonly treeSize: number;
  readonly hashes: readonly Buffer[];
};

/** The root that the leaf and its path add up to. Refuses a path that does not fit the tree's shape. */
export function rootOf(leaf: Uint8Array, { index, treeSize, hashes }: InclusionPath): Buffer {
  if (index >= treeSize) return refuse('TLOG_PROOF', 'the log entry lies outside the tree of its checkpoint');
  const node = Buffer.allocUnsafe(65).fill(1, 0, 1);
  // fn, sn and r of the algorithm in the RFC.
  let own = index;
  let last = treeSize - 1;
  // Digests on the way are text of one character for each byte: buffers take three times as long to make.
  let root = digestText('sha256', Buffer.concat([LEAF, leaf]), 'binary');
  for (const hash of hashes) {
    if (last === 0) return refuse('TLOG_PROOF', 'the inclusion proof is too long');
    if (own % 2 === 1 || own === last) {
      node.set(hash, 1);
      node.write(root, 33, 'latin1');
      while (own % 2 === 0 && own !== 0) [own, last] = [own / 2, Math.floor(last / 2)];
    } else {
      node.write(root, 1, 'latin1');
      node.set(hash, 33);
    }
    root = digestText('sha256', node, 'binary');
    [own, last] = [Math.floor(own / 2), Math.floor(last / 2)];
  }
  return last === 0 ? Buffer.from(root, 'latin1') : refuse('TLOG_PROOF', 'the inclusion proof is too short');
}

const LEAF = Buffer.from([0]);
