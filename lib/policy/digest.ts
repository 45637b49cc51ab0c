/** Names a policy by its content, so that two runs can tell whether they judged under the same one. */
import { createHash } from 'node:crypto';
import { relative } from 'node:path';
import type { MergedPolicy } from './merge.ts';

/**
 * `sha256:` and hex over the policy as JSON with sorted keys. What only says where something was written does not count, and files count by
 * their path relative to the project: the same policy has the same digest in every checkout.
 */
export function digestOf(policy: MergedPolicy, root: string): string {
  const hash = createHash('sha256').update(JSON.stringify(canonical(policy, root)));
  return `sha256:${hash.digest('hex')}`;
}

const FILE_KEYS: ReadonlySet<string> = new Set(['keys', 'path', 'root']);

function canonical(value: unknown, root: string): unknown {
  if (Array.isArray(value)) return value.map((item) => canonical(item, root));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => key !== 'at');
  const fields = entries.sort(byName).map(([key, item]) => {
    const isFile = typeof item === 'string' && FILE_KEYS.has(key);
    return [key, isFile ? relative(root, item).replaceAll('\\', '/') : canonical(item, root)];
  });
  return Object.fromEntries(fields);
}

// By code unit, and no two keys of an object are equal.
function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
