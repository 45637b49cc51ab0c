/** Reads which folders a project calls its workspaces. */

/**
 * The patterns of package.json's `workspaces`, in either of its shapes, cleaned of what npm ignores: a leading `./` or `/`, a trailing `/`.
 * Anything malformed counts as no workspaces, as in npm.
 */
export function workspacePatterns(workspaces: unknown): readonly string[] {
  const list = Array.isArray(workspaces) ? workspaces : packagesOf(workspaces);
  return list.filter((pattern) => typeof pattern === 'string').map(cleaned);
}

function packagesOf(workspaces: unknown): readonly unknown[] {
  if (typeof workspaces !== 'object' || workspaces === null || !('packages' in workspaces)) return [];
  return Array.isArray(workspaces.packages) ? workspaces.packages : [];
}

function cleaned(pattern: string): string {
  const excludes = pattern.startsWith('!');
  const path = (excludes ? pattern.slice(1) : pattern).replace(/^\.?\/+/, '').replace(/\/+$/, '');
  return excludes ? `!${path}` : path;
}
