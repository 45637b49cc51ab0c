/** Says where yarn 2 and later get a package from: by the resolution of its entry. */
import type { PackageId, PackageSource } from '../model/package.ts';
import { tame } from '../text/sanitize.ts';
import { isGitHostedTarball } from './source.ts';
import { bindingIn, parseYarnIdent, type YarnReference, yarnReferenceOf } from './yarn-locator.ts';

/** What a resolution means. A patched package is what lies under the patch. */
export type YarnOrigin = {
  /** `version` is empty where the resolution names none. */
  readonly id: PackageId;
  readonly source: PackageSource;
  /** The patch, and the resolution it is laid upon. */
  readonly patch?: { readonly place: string; readonly inner: string };
};

const ARCHIVE = /\.(?:tgz|tar\.gz|tar)$/i;

/** A patch of a patch of a patch is still sane. */
const MOST_PATCHES = 8;

/** The origin of a resolution such as `lib@npm:1.2.3`. Throws an `Error` whose message completes "has …". */
export function originOf(resolution: string, patches = 0): YarnOrigin {
  const { name, rest } = parseYarnIdent(resolution);
  const reference = yarnReferenceOf(rest);
  if (reference.protocol !== 'patch')
    return { id: { name, version: versionOf(reference) }, source: sourceOf(rest, reference) };
  if (patches >= MOST_PATCHES) throw new Error('patches upon patches');
  const inner = unescaped(reference.source);
  const origin = originOf(inner, patches + 1);
  const place = reference.selector === '' ? 'a patch' : reference.selector;
  return { id: origin.id, source: origin.source, patch: { place, inner } };
}

function versionOf({ protocol, source }: YarnReference): string {
  return protocol === 'npm' ? source : '';
}

function sourceOf(rest: string, reference: YarnReference): PackageSource {
  const { protocol, source } = reference;
  switch (protocol) {
    case 'npm': {
      const url = bindingIn(reference, '__archiveUrl');
      return url === undefined ? { kind: 'registry' } : { kind: 'registry', resolved: url };
    }
    case 'workspace':
      return { kind: 'workspace', path: source };
    case 'portal':
    case 'link':
      return { kind: 'link', path: source };
    case 'file':
      return ARCHIVE.test(source)
        ? { kind: 'file', resolved: `file:${source}` }
        : { kind: 'link', path: source };
    case 'exec':
      return { kind: 'file', resolved: `exec:${source}` };
    default:
      return addressSource(rest, reference);
  }
}

/** yarn pins every repository by its commit; an archive's fragment means nothing to it. */
function addressSource(rest: string, { protocol, source, selector }: YarnReference): PackageSource {
  const resolved = rest.split('::', 1)[0] ?? rest;
  const isWeb = /^https?$/i.test(protocol);
  const isArchive = isWeb && ARCHIVE.test(source);
  if (!isArchive && /(?:^|&)commit=[0-9a-f]+(?:&|$)/i.test(selector)) return { kind: 'git', resolved };
  if (isWeb) return { kind: isGitHostedTarball(resolved) ? 'git' : 'remote', resolved };
  throw new Error(`a resolution of an unknown kind: ${tame(rest, 200)}`);
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new Error('a resolution with a broken escape', { cause });
  }
}
