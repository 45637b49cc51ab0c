/** Verifies that a leaf is in a Merkle tree (RFC 9162, section 2.1.3.2). */
import { digest } from './crypto.ts';
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
  const node = Buffer.alloc(65, 1);
  // fn, sn and r of the algorithm in the RFC.
  let own = index;
  let last = treeSize - 1;
  let root = digest('sha256', Buffer.concat([LEAF, leaf]));
  for (const hash of hashes) {
    if (last === 0) return refuse('TLOG_PROOF', 'the inclusion proof is too long');
    if (own % 2 === 1 || own === last) {
      root = join(node, hash, root);
      while (own % 2 === 0 && own !== 0) [own, last] = [own / 2, Math.floor(last / 2)];
    } else {
      root = join(node, root, hash);
    }
    [own, last] = [Math.floor(own / 2), Math.floor(last / 2)];
  }
  return last === 0 ? root : refuse('TLOG_PROOF', 'the inclusion proof is too short');
}

const LEAF = Buffer.from([0]);

/** The hash of an inner node; `node` is scratch space that begins with the prefix 0x01. */
function join(node: Buffer, left: Buffer, right: Buffer): Buffer {
  left.copy(node, 1);
  right.copy(node, 33);
  return digest('sha256', node);
}
