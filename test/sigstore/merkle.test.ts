/** Follows inclusion paths to the root, in trees of every shape. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { Fault } from '../../lib/sigstore/fault.ts';
import { rootOf } from '../../lib/sigstore/merkle.ts';

function refusedWith(code: Fault['code']) {
  return (error: unknown) => error instanceof Fault && error.code === code;
}

/** The root and the inclusion path of a tree, by the recursive definition of RFC 9162, 2.1. */
function treeOf(
  leaves: readonly Buffer[],
  index: number,
): { readonly root: Buffer; readonly path: readonly Buffer[] } {
  const [only] = leaves;
  if (leaves.length === 1 && only !== undefined) return { root: hashOf(0, only), path: [] };
  const split = 2 ** Math.floor(Math.log2(leaves.length - 1));
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  const [own, other] = index < split ? [left, right] : [right, left];
  const { root, path } = treeOf(own, index < split ? index : index - split);
  const sibling = treeOf(other, 0).root;
  return {
    root: index < split ? hashOf(1, root, sibling) : hashOf(1, sibling, root),
    path: [...path, sibling],
  };
}

function hashOf(prefix: number, ...parts: readonly Buffer[]): Buffer {
  return createHash('sha256')
    .update(Buffer.concat([Buffer.from([prefix]), ...parts]))
    .digest();
}

describe('an inclusion path', () => {
  const leaves = Array.from({ length: 33 }, (_, index) => Buffer.from(`leaf ${index}`));

  it('leads from every leaf of every tree to its root, and from no other place', () => {
    for (let treeSize = 1; treeSize <= leaves.length; treeSize++) {
      for (let index = 0; index < treeSize; index++) {
        const leaf = leaves[index] ?? Buffer.alloc(0);
        const { root, path: hashes } = treeOf(leaves.slice(0, treeSize), index);
        assert.deepEqual(rootOf(leaf, { index, treeSize, hashes }), root);
        const elsewhere = (index + 1) % treeSize;
        if (elsewhere === index) continue;
        assert.ok(!rootsTo(root, leaf, { index: elsewhere, treeSize, hashes }));
      }
    }
  });

  it('leads elsewhere by any hash with one bit changed', () => {
    const at = { index: 5, treeSize: leaves.length };
    const { root, path: hashes } = treeOf(leaves, at.index);
    const leaf = leaves[at.index] ?? Buffer.alloc(0);
    assert.deepEqual(rootOf(leaf, { ...at, hashes }), root);
    for (const [level, hash] of hashes.entries()) {
      for (const bit of [0x01, 0x80]) {
        const changed = Buffer.from(hash);
        changed[31] = (changed[31] ?? 0) ^ bit;
        assert.ok(!rootsTo(root, leaf, { ...at, hashes: hashes.with(level, changed) }));
      }
    }
  });

  it('has exactly as many hashes as the tree has levels there', () => {
    const { path: hashes } = treeOf(leaves, 5);
    const leaf = leaves[5] ?? Buffer.alloc(0);
    const at = { index: 5, treeSize: leaves.length };
    assert.throws(() => rootOf(leaf, { ...at, hashes: hashes.slice(1) }), refusedWith('TLOG_PROOF'));
    assert.throws(
      () => rootOf(leaf, { ...at, hashes: [...hashes, Buffer.alloc(32)] }),
      refusedWith('TLOG_PROOF'),
    );
    assert.throws(() => rootOf(leaf, { index: 33, treeSize: 33, hashes }), refusedWith('TLOG_PROOF'));
    assert.throws(() => rootOf(leaf, { index: 0, treeSize: 0, hashes: [] }), refusedWith('TLOG_PROOF'));
  });

  it('works beyond 32 bits', () => {
    const index = 2 ** 40 + 5;
    const treeSize = 2 ** 41;
    const hashes = Array.from({ length: 41 }, (_, level) => hashOf(2, Buffer.from([level])));
    const expected = hashes.reduce(
      (root, hash, level) =>
        Math.floor(index / 2 ** level) % 2 === 1 ? hashOf(1, hash, root) : hashOf(1, root, hash),
      hashOf(0, Buffer.from('x')),
    );
    assert.deepEqual(rootOf(Buffer.from('x'), { index, treeSize, hashes }), expected);
  });

  function rootsTo(root: Buffer, leaf: Buffer, path: Parameters<typeof rootOf>[1]): boolean {
    try {
      return rootOf(leaf, path).equals(root);
    } catch (error) {
      if (error instanceof Fault) return false;
      throw error;
    }
  }
});
