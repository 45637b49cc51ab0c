/** Finds when a version became public, and how well that is known (SPEC 4.8). */
import type { ResolvedPackage } from '../model/package.ts';
import type { Subject } from './define.ts';
import { timeOf } from './time.ts';

/**
 * When a version became public, in milliseconds since the epoch. `noLaterThan` is an upper bound: the version is at least
 * that old, and may be older.
 */
export type PublishTime =
  | { readonly kind: 'proved'; readonly at: number; readonly by: string }
  | { readonly kind: 'told'; readonly at: number; readonly by: string }
  | { readonly kind: 'noLaterThan'; readonly at: number; readonly by: string }
  | { readonly kind: 'unknown'; readonly because: string };

/**
 * The best publish time there is: a logged publish, a logged build, then what the registry tells. A build can be logged long
 * before its tarball is published, so a told time later than the logged build wins.
 */
export function publishTimeOf({ package: pkg, evidence }: Subject): PublishTime {
  const { publish, provenance } = evidence;
  const published = publish.status === 'proved' ? parsed(publish.value.loggedAt) : undefined;
  if (published !== undefined) return { kind: 'proved', at: published, by: 'the publish log entry' };

  const built = provenance.status === 'proved' ? parsed(provenance.value.loggedAt) : undefined;
  const told = toldTimeOf(pkg, evidence);
  if (built === undefined) return told;
  return told.kind === 'told' && told.at > built
    ? told
    : { kind: 'proved', at: built, by: 'the provenance log entry' };
}

function toldTimeOf(
  pkg: ResolvedPackage,
  { manifest, history }: Pick<Subject['evidence'], 'manifest' | 'history'>,
): PublishTime {
  const stated = manifest.status === 'told' ? manifest.value.publishedAt : undefined;
  const statedAt = parsed(stated?.at);
  if (stated !== undefined && statedAt !== undefined && stated.from !== 'modified') {
    return { kind: 'told', at: statedAt, by: 'told by the registry' };
  }
  const entry =
    history.status === 'told'
      ? history.value.versions.find(({ version }) => version === pkg.id.version)
      : undefined;
  const listedAt = parsed(entry?.publishedAt);
  if (listedAt !== undefined) return { kind: 'told', at: listedAt, by: 'told by the registry' };
  if (statedAt !== undefined) {
    return { kind: 'noLaterThan', at: statedAt, by: "told by the registry as the name's last change" };
  }
  return { kind: 'unknown', because: whyUntold({ manifest, history }) };
}

function whyUntold({ manifest, history }: Pick<Subject['evidence'], 'manifest' | 'history'>): string {
  if (manifest.status === 'unavailable') return manifest.reason;
  if (history.status === 'unavailable') return history.reason;
  return 'nothing tells when this version was published';
}

function parsed(text: string | undefined): number | undefined {
  return text === undefined ? undefined : timeOf(text);
}
