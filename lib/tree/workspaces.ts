/** Says whether a folder is one of a project's workspaces. */
import { matchesGlob } from '../text/pattern.ts';

/**
 * The patterns of package.json's `workspaces`, in either of its shapes, cleaned of what npm ignores: a leading `./` or `/`, a trailing `/`.
 * Anything malformed counts as no workspaces, as in npm.
 */
export function workspacePatterns(workspaces: unknown): readonly string[] {
  const list = Array.isArray(workspaces) ? workspaces : packagesOf(workspaces);
  return list.filter((pattern) => typeof pattern === 'string').map(cleaned);
}

/** Is the folder (relative to the project, with slashes) a workspace? A pattern with `!` excludes; the last that matches decides. */
export function isWorkspace(folder: string, patterns: readonly string[]): boolean {
  if (folder === '' || folder.split('/').some((part) => part === '..' || part === 'node_modules'))
    return false;
  let matched = false;
  for (const pattern of patterns) {
    const excludes = pattern.startsWith('!');
    if (matchesGlob(folder, excludes ? pattern.slice(1) : pattern)) matched = !excludes;
  }
  return matched;
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
