/** Says whether a folder is one of a project's workspaces. */
import { matchesGlob } from '../text/pattern.ts';

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
