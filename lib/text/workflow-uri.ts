/** Takes the git ref off the URI by which a certificate names a workflow. */

/**
 * The workflow without its ref: `…/release.yml@refs/tags/v1` becomes `…/release.yml`. Cut at the last `@refs/`, or before a
 * trailing `@` and commit: a file's own name may hold an at-sign, and must never be cut down to another file's name.
 */
export function workflowWithoutRef(uri: string): string {
  const ref = uri.lastIndexOf('@refs/');
  if (ref !== -1) return uri.slice(0, ref);
  const commit = /@(?:[0-9a-f]{40}|[0-9a-f]{64})$/.exec(uri);
  return commit === null ? uri : uri.slice(0, commit.index);
}
