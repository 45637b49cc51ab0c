/** An append-only Merkle tree (RFC 6962, 2.1). */
import { sha256 } from './keys.ts';

/** A tree that grows. */
export type MerkleTree = {
  /** Appends a leaf; its index. */
  readonly append: (leaf: Uint8Array) => number;
  readonly size: () => number;
  readonly root: () => Buffer;
  /** The hashes from a leaf up to the root, for the tree as it is now. */
  readonly inclusionProof: (index: number) => readonly Buffer[];
};

/** An empty tree. Complete subtrees are remembered, so a tree of thousands stays quick. */
export function createMerkleTree(): MerkleTree {
  const levels: Buffer[][] = [[]];
  const size = () => levels[0]?.length ?? 0;

  function hashOf(start: number, end: number): Buffer {
    const width = end - start;
    const remembered = (width & (width - 1)) === 0 ? levels[Math.log2(width)]?.[start / width] : undefined;
    if (remembered !== undefined) return remembered;
    const middle = start + splitOf(width);
    return nodeHash(hashOf(start, middle), hashOf(middle, end));
  }

  function pathOf(index: number, start: number, end: number): Buffer[] {
    if (end - start === 1) return [];
    const middle = start + splitOf(end - start);
    return index < middle
      ? [...pathOf(index, start, middle), hashOf(middle, end)]
      : [...pathOf(index, middle, end), hashOf(start, middle)];
  }

  return {
    append(leaf) {
      remember(levels, sha256(Buffer.from([0]), leaf));
      return size() - 1;
    },
    size,
    root: () => hashOf(0, size()),
    inclusionProof: (index) => pathOf(index, 0, size()),
  };
}

/** Adds a leaf hash, and the hash of every subtree it completes. */
function remember(levels: Buffer[][], leafHash: Buffer): void {
  let hash = leafHash;
  for (let height = 0; ; height++) {
    const level = levels[height] ?? [];
    levels[height] = level;
    level.push(hash);
    const left = level[level.length - 2];
    if (level.length % 2 === 1 || left === undefined) return;
    hash = nodeHash(left, hash);
  }
}

/** The largest power of two smaller than `width`. */
function splitOf(width: number): number {
  return 2 ** Math.floor(Math.log2(width - 1));
}

function nodeHash(left: Buffer, right: Buffer): Buffer {
  return sha256(Buffer.from([1]), left, right);
}
