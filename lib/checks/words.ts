/** Wording that several checks share, and the taming of what they quote. */
import type { PackageSource, SourceKind } from '../model/package.ts';
import { tame } from '../text/sanitize.ts';

const KIND_WORDS: { readonly [Kind in SourceKind]: string } = {
  registry: 'a registry package',
  git: 'a git dependency',
  remote: 'a tarball from a plain URL',
  file: 'a local file',
  workspace: 'a workspace',
  link: 'a linked folder',
  bundled: 'a bundled package',
};

/** What a person calls a package from this kind of place: `a git dependency`. */
export function kindWords(kind: SourceKind): string {
  return KIND_WORDS[kind];
}

/**
 * A stranger's text, short enough not to push the rest of a sentence away. Whole sentences are tamed where answers are made; only what is
 * cut is tamed here as well, since a cut could hide a credential from that.
 */
export function quoted(text: string, limit = 200): string {
  return text.length <= limit ? text : tame(text, limit);
}

/** Up to five entries of a list, each {@link quoted}, separated by commas. */
export function listed(entries: readonly string[]): string {
  const shown = entries.slice(0, 5).map((entry) => quoted(entry, 120));
  const more = entries.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

/** Is this the project's own code, never published and never fetched? Proof does not apply to it. */
export function isOwnCode(source: PackageSource): boolean {
  return source.kind === 'workspace' || source.kind === 'link';
}

/** Why checks skip the project's own code. */
export function ownCodeReason(source: PackageSource): string {
  return `${kindWords(source.kind)} is the project's own code`;
}

/** Why most checks leave a bundled package to the package around it. */
export function bundledReason(inside: string): string {
  return `lies inside the tarball of ${quoted(inside)}, which is judged itself`;
}
